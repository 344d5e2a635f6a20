// The permission by which a service may call a function: shared by every source that pushes events.
import type { Resource, Value } from '../cfn/resource.ts';
import type { FunctionReference } from './source.ts';

/** Lets `principal`, such as `events.amazonaws.com`, call the live alias for what `sourceArn` names. */
export function allowInvoke(to: FunctionReference, principal: string, sourceArn: Value): Resource {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: to.alias,
      Action: 'lambda:InvokeFunction',
      Principal: principal,
      SourceArn: sourceArn,
    },
  };
}

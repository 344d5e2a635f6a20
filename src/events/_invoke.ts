// The permission for a service to call a function: shared by every source that pushes events.
import type { Resource, Value } from '../cfn/resource.ts';
import type { FunctionReference } from './source.ts';

/** Lets `principal`, such as `events.amazonaws.com`, call the live alias on behalf of `sourceArn`. */
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

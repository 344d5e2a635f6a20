// How API Gateway names and calls functions: the URI of an invocation, the ARN of a part of an API, the permission of an authorizer.
import type { Resource, Value } from '../cfn/resource.ts';
import { sub } from '../cfn/resource.ts';
import type { FunctionReference } from './source.ts';

/** What API Gateway calls: the URI of its invocation of a function. */
export const invocationUri = (functionArn: Value): Value => ({
  'Fn::Sub': [
    'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function}/invocations',
    { Function: functionArn },
  ],
});

/** The ARN of a part of an API, for permissions; `part` may have `${…}` of Fn::Sub. */
export function executeApiArn(apiId: Value, part: string): Value {
  const arn = (id: string) => `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:${id}/${part}`;
  if (typeof apiId === 'string') return sub(arn(apiId));
  const logicalId = (apiId as { readonly Ref?: unknown }).Ref;
  if (typeof logicalId === 'string') return sub(arn(`\${${logicalId}}`));
  return { 'Fn::Sub': [arn('${Api}'), { Api: apiId }] };
}

/** An authorizer with the permission to call its function, if that is one of the project. */
export function withPermission(
  id: string,
  authorizer: Resource,
  { apiId, target }: { readonly apiId: Value; readonly target: FunctionReference | undefined },
): Readonly<Record<string, Resource>> {
  if (target === undefined) return { [id]: authorizer };
  return {
    [id]: authorizer,
    [`${id}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: target.alias,
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: executeApiArn(apiId, `authorizers/\${${id}}`),
      },
    },
  };
}

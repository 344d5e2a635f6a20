// The permission for a service to call a function: shared by every source that pushes events.
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import type { FunctionReference } from './source.ts';

/** Lets `principal`, such as `events.amazonaws.com`, call the live alias on behalf of `sourceArn`, and of `sourceAccount` if the ARN does not
 * tell whose it is. */
export function allowInvoke(
  to: FunctionReference,
  principal: string,
  sourceArn: Value,
  sourceAccount?: Value,
): Resource {
  return permissionFor(to, principal, {
    SourceArn: sourceArn,
    ...(sourceAccount === undefined ? {} : { SourceAccount: sourceAccount }),
  });
}

/** Lets `principal` call the live alias under these conditions, by their names in CloudFormation. */
export function permissionFor(
  to: FunctionReference,
  principal: string,
  conditions: Readonly<Record<string, Value>>,
  action = 'lambda:InvokeFunction',
): Resource {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName: to.alias, Action: action, Principal: principal, ...conditions },
  };
}

/** The live alias, for a resource that names it and needs that permission first. A function with a condition has a permission with it, which
 * DependsOn of a resource without it cannot name. */
export function calledAfter(to: FunctionReference, permissionId: string): CalledAfter {
  if (to.condition === undefined) return { alias: to.alias, dependsOn: [permissionId] };
  return { alias: { 'Fn::Select': [0, [to.alias, ref(permissionId)]] }, dependsOn: [] };
}

export interface CalledAfter {
  readonly alias: Value;
  readonly dependsOn: readonly string[];
}

/** A value that is there only if the function is. */
export function whileExists({ condition }: FunctionReference, value: Value): Value {
  return condition === undefined ? value : { 'Fn::If': [condition, value, ref('AWS::NoValue')] };
}

// The parts of a role: who may assume it, and what it may do.
import type { Statement } from './part.ts';
import { ref, type Value } from './resource.ts';

type Statements = readonly (Statement | Value)[];

export function policyDocument(statements: Statements): Value {
  return { Version: '2012-10-17', Statement: [...statements] as Value[] };
}

/** The statement that lets a service assume the role. `service`: such as `pipes.amazonaws.com`, or several. */
export function trust(service: Value, condition?: Value): Value {
  return {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

/** Against the confused deputy: the service works for this resource, of this account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html */
export function onBehalfOf(arn: Value): Value {
  return { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') }, ArnLike: { 'aws:SourceArn': arn } };
}

/** A property of the role; none without statements, since a policy needs one. */
export function inlinePolicies(statements: Statements): { readonly Policies?: Value } {
  if (statements.length === 0) return {};
  return { Policies: [{ PolicyName: 'fx', PolicyDocument: policyDocument(statements) }] };
}

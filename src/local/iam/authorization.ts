// Evaluates the inline and attached policies of a role.
import type { Cloud } from '../cloud.ts';
import { awsManagedDocument } from './aws-managed.ts';
import { type Decision, evaluate, evaluateAnywhere, type PolicyStatement, parsePolicy } from './evaluation.ts';
import { defaultDocument, type IamState, openState, type Role } from './state.ts';

export function policiesOf(state: IamState, role: Role): readonly (readonly PolicyStatement[])[] {
  const attached = role.attached.flatMap((arn) => {
    const policy = state.policies.get(arn);
    return (policy === undefined ? awsManagedDocument(arn) : defaultDocument(policy)) ?? [];
  });
  return [...Object.values(role.inline), ...attached].map(parsePolicy);
}

/** A deleted role may do nothing. Without a resource, the action must be allowed on at least one. */
export function decide(cloud: Cloud, roleArn: string, action: string, resource: string | undefined): Decision {
  const state = openState(cloud);
  const role = state.roles.get(roleArn.split('/').at(-1) ?? '');
  if (role === undefined) return 'implicitDeny';
  const policies = policiesOf(state, role);
  return resource === undefined ? evaluateAnywhere(policies, action) : evaluate(policies, action, resource);
}

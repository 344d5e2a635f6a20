// Functions that keep the role they have: it exists in AWS only, so the environments name it, and the local one does not.
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import { functionIds } from '../cfn/names.ts';
import type { Draft, Place } from './draft.ts';

/** @param environment the environment whose account has the role. */
export function keepRole(
  draft: Draft,
  { name, role, environment }: { readonly name: string; readonly role: Plain; readonly environment: string },
  place: Place,
): void {
  const id = functionIds(name).function;
  const isOutside = typeof role === 'string';
  const path = [...(isOutside ? ['environments', environment] : []), 'extend', id, 'Properties', 'Role'];
  draft.set(path, role, place);
  draft.changed(place, `"${name}" keeps its role; the role that fx makes for it stays unused`, {
    remedy: `write what it may do under permissions, and remove ${path.join('.')}`,
  });
}

const needless =
  /(AWSLambdaBasicExecutionRole|AWSLambdaVPCAccessExecutionRole|AWSXrayWriteOnlyAccess|AWSXRayDaemonWriteAccess)$/;

/** A managed policy of what every function of fx may do anyway, by its role: write its logs, traces and network interfaces. */
export function isNeedless(policy: Plain): boolean {
  const text = isMap(policy) ? policy['Fn::Sub'] : policy;
  return typeof text === 'string' && needless.test(text);
}

/** Adds managed policies to the role of a function. */
export function keepManaged(draft: Draft, name: string, policies: Plain, place: Place): void {
  const needed = Array.isArray(policies) ? policies.filter((policy: Plain) => !isNeedless(policy)) : policies;
  if (Array.isArray(needed) && needed.length === 0) {
    draft.carried(place, 'fx grants what logs, VPC and tracing need');
    return;
  }
  draft.merge(['extend', functionIds(name).role, 'Properties', 'ManagedPolicyArns'], needed, place);
}

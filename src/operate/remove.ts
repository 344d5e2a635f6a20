// fx remove: deletes an environment, its ledger, and what no other environment of the project uses.
import type { StackDescription } from '../aws/aws.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import type { Resource } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import { environmentPrefix } from '../release/ledger.ts';
import { removeStack, settled } from '../stack/apply.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { type Context, identify, ledgerPlace, ownerTags } from './context.ts';
import { exclusively } from './exclusive.ts';
import { readLive } from './state.ts';

export interface Removal {
  readonly stackName: string;
  /** Resources with data that are deleted with the stack. */
  readonly stateful: readonly { readonly logicalId: string; readonly type: string }[];
  readonly resources: number;
  /** By the project file, or by CloudFormation's termination protection. */
  readonly isProtected: boolean;
}

export interface Removed {
  readonly existed: boolean;
}

/** `approve` is called when everything is known, before anything is deleted. */
export async function remove(
  environment: Environment,
  approve: (removal: Removal) => Promise<void>,
  context: Context,
): Promise<Removed> {
  const identity = await identify(environment, context);
  const bucket = await findBucket(context.aws);
  const before = await settledStack(environment, context);
  if (bucket === undefined) return removeAll(environment, { stack: before, bucket, approve }, context);
  return exclusively(environment, { bucket, identity, verb: 'remove' }, context, async (held) => {
    const stack = held.lease.waited ? await settledStack(environment, held.context) : before;
    return removeAll(environment, { stack, bucket, approve }, held.context);
  });
}

function settledStack(environment: Environment, context: Context): Promise<StackDescription | undefined> {
  return settled(context.aws, environment.stackName, ownerTags(environment), { ...context, expected: 0 });
}

interface Removing {
  readonly stack: StackDescription | undefined;
  readonly bucket: string | undefined;
  readonly approve: (removal: Removal) => Promise<void>;
}

async function removeAll(
  environment: Environment,
  { stack, bucket, approve }: Removing,
  context: Context,
): Promise<Removed> {
  const keys = bucket === undefined ? [] : await keysOf(environment, bucket, context);
  if (stack === undefined && keys.length === 0) return { existed: false };
  const live = await readLive(context, stack);
  const resources = Object.entries(live?.stacks.root.template.Resources ?? {});
  await approve({
    stackName: environment.stackName,
    stateful: resources
      .filter(([id, resource]) => holdsData(environment, id, resource, context))
      .map(([logicalId, { Type }]) => ({ logicalId, type: Type })),
    resources: resources.length,
    isProtected: environment.protected || stack?.terminationProtection === true,
  });
  throwIfInterrupted(context.signal);
  if (stack !== undefined) {
    context.report({ kind: 'stage', stage: 'removing-stack' });
    if (stack.terminationProtection) await context.aws.stacks.protect(stack.name, false);
    await removeStack(context.aws, stack, { ...context, expected: resources.length });
  }
  // delete the ledger last, so that an interrupted removal can run again
  if (bucket !== undefined && keys.length > 0) await context.aws.objects.delete(bucket, keys);
  return { existed: true };
}

/** From the live stack, even if the source has changed. Log groups of functions do not count. */
function holdsData(
  environment: Environment,
  id: string,
  { Type, DeletionPolicy }: Resource,
  context: Context,
): boolean {
  if (Type === 'AWS::Logs::LogGroup' && !environment.resourceIds.has(id)) return false;
  return context.schemas(Type)?.stateful === true && !/^Retain/.test(DeletionPolicy ?? '');
}

/** Deletes the ledger and, after the last environment, all of the project's objects. */
async function keysOf(environment: Environment, bucket: string, context: Context): Promise<readonly string[]> {
  const place = ledgerPlace(environment, bucket);
  const ledger = await context.aws.objects.list(bucket, environmentPrefix(place));
  const others = await context.aws.objects.list(bucket, `${environment.project}/environments/`);
  const alone = others.every(({ key }) => key.startsWith(environmentPrefix(place)));
  const shared = alone ? await context.aws.objects.list(bucket, `${environment.project}/`) : [];
  return [...new Set([...ledger, ...shared].map(({ key }) => key))];
}

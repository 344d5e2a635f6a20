// fx remove: deletes an environment, its ledger, and what no other environment of the project uses.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { isImageTagOf } from '../cfn/names.ts';
import type { Resource } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import { environmentPrefix } from '../release/ledger.ts';
import { type Deletion, removeStack, StackFailure, settled } from '../stack/apply.ts';
import { findStores, type Stores } from '../stack/bootstrap.ts';
import { failedResources } from '../stack/failed-resources.ts';
import { type Context, identify, ledgerPlace, ownerTags } from './context.ts';
import { exclusively } from './exclusive.ts';
import { emptySite } from './site.ts';
import { type Live, readLive } from './state.ts';
import { needsRepository } from './stores.ts';

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
  /** What is still there: resources that the template retains, and those kept on request. */
  readonly retained: readonly Retained[];
}

export interface Retained {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

export interface RemoveOptions {
  /** Logical ids of resources to keep, if they cannot be deleted. */
  readonly retain: readonly string[];
  /** Keeps whatever cannot be deleted. */
  readonly force: boolean;
  /** Called when everything is known, before anything is deleted. */
  readonly approve: (removal: Removal) => Promise<void>;
}

/** Running it again finishes a removal that was interrupted, or that CloudFormation could not finish. */
export async function remove(environment: Environment, options: RemoveOptions, context: Context): Promise<Removed> {
  const identity = await identify(environment, context);
  const stores = await findStores(context.aws);
  const before = await settledStack(environment, context);
  if (stores === undefined) return removeAll(environment, { stack: before, stores, options }, context);
  const { bucket } = stores;
  return exclusively(environment, { bucket, identity, verb: 'remove' }, context, async (held) => {
    const stack = held.lease.waited ? await settledStack(environment, held.context) : before;
    return removeAll(environment, { stack, stores, options }, held.context);
  });
}

/** What a removal would delete by now; undefined if there is nothing. Only reads. */
export async function plannedRemoval(environment: Environment, context: Context): Promise<Removal | undefined> {
  await identify(environment, context);
  const stack = await context.aws.stacks.describe(environment.stackName);
  const { keys } = await keysOf(environment, await findStores(context.aws), context);
  if (stack === undefined && keys.length === 0) return undefined;
  return removalOf(environment, stack, await readLive(context, stack), context);
}

function settledStack(environment: Environment, context: Context): Promise<StackDescription | undefined> {
  // what another tool made stays, until a deploy has taken it over
  const owner = { tags: ownerTags(environment), adopts: false };
  return settled(context.aws, environment.stackName, owner, { ...context, expected: 0 });
}

interface Removing {
  readonly stack: StackDescription | undefined;
  readonly stores: Stores | undefined;
  readonly options: RemoveOptions;
}

async function removeAll(
  environment: Environment,
  { stack, stores, options: { approve, retain, force } }: Removing,
  context: Context,
): Promise<Removed> {
  const { keys, isLast } = await keysOf(environment, stores, context);
  if (stack === undefined && keys.length === 0) return { existed: false, retained: [] };
  const live = await readLive(context, stack);
  const removal = removalOf(environment, stack, live, context);
  await approve(removal);
  throwIfInterrupted(context.signal);
  let retained: readonly Retained[] = [];
  if (stack !== undefined) {
    context.report({ kind: 'stage', stage: 'removing-stack' });
    if (live !== undefined) await emptySite(live, context);
    if (stack.terminationProtection) await context.aws.stacks.protect(stack.name, false);
    retained = await removed(stack, { ...context, retain, force, expected: removal.resources });
  }
  // a project without images may be removed without permissions for them; once the stack is gone, nothing tells
  const mayHaveImages = live === undefined || needsRepository(live.stacks.root);
  const keepsFunctions = retained.some(({ type }) => type === 'AWS::Lambda::Function');
  if (isLast && mayHaveImages && !keepsFunctions) await removeImages(environment, stores, context);
  // delete the ledger last, so that an interrupted removal can run again
  if (stores !== undefined && keys.length > 0) await context.aws.objects.delete(stores.bucket, keys);
  return { existed: true, retained };
}

function removalOf(
  environment: Environment,
  stack: StackDescription | undefined,
  live: Live | undefined,
  context: Context,
): Removal {
  const resources = Object.entries(live?.stacks.root.template.Resources ?? {});
  return {
    stackName: environment.stackName,
    stateful: resources
      .filter(([id, resource]) => holdsData(environment, id, resource, context))
      .map(([logicalId, { Type }]) => ({ logicalId, type: Type })),
    resources: resources.length,
    isProtected: environment.protected || stack?.terminationProtection === true,
  };
}

/** Deletes the stack, and names what it leaves behind. A failure says what holds it, and how to go on without that. */
async function removed(stack: StackDescription, deletion: Deletion & Context): Promise<readonly Retained[]> {
  const { aws } = deletion;
  try {
    await removeStack(aws, stack, deletion);
  } catch (error) {
    if (!(error instanceof StackFailure)) throw error;
    const failed = await failedResources(aws.stacks, stack.id, 'DELETE_FAILED');
    if (failed.length === 0) throw error;
    const names = failed.map(({ name }) => name);
    throw new FxError(
      'STACK_FAILED',
      `${stack.name} could not be deleted: ${failed.map(({ name, type, reason }) => `${name} (${type}): ${reason}`).join('; ')}`,
      {
        hint: `remove the cause and run fx remove again; or keep what cannot be deleted: ${names.map((name) => `--retain ${name}`).join(' ')}, or --force`,
        cause: error,
      },
    );
  }
  // a deleted stack still lists its resources
  const left = (await aws.stacks.resources(stack.id)).filter(({ status }) => status === 'DELETE_SKIPPED');
  const functions = new Set(
    left.flatMap(({ type, physicalId }) => (type === 'AWS::Lambda::Function' ? [physicalId] : [])),
  );
  return left.flatMap(({ logicalId, type, physicalId }) => {
    if (physicalId === undefined) return [];
    // a version went with its function
    const isGone = type === 'AWS::Lambda::Version' && !functions.has(physicalId.split(':')[6]);
    return isGone ? [] : [{ logicalId, type, physicalId }];
  });
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

/** The ledger's and, with the last environment, all of the project's objects. */
async function keysOf(
  environment: Environment,
  stores: Stores | undefined,
  { aws }: Context,
): Promise<{ readonly keys: readonly string[]; readonly isLast: boolean }> {
  if (stores === undefined) return { keys: [], isLast: true };
  const { bucket } = stores;
  const place = ledgerPlace(environment, bucket);
  const ledger = await aws.objects.list(bucket, environmentPrefix(place));
  const others = await aws.objects.list(bucket, `${environment.project}/environments/`);
  const isLast = others.every(({ key }) => key.startsWith(environmentPrefix(place)));
  const shared = isLast ? await aws.objects.list(bucket, `${environment.project}/`) : [];
  return { keys: [...new Set([...ledger, ...shared].map(({ key }) => key))], isLast };
}

async function removeImages({ project }: Environment, stores: Stores | undefined, { aws }: Context): Promise<void> {
  if (stores?.repository === undefined) return;
  const tags = (await aws.images.tags(stores.repository)).filter((tag) => isImageTagOf(project, tag));
  await aws.images.delete(stores.repository, tags);
}

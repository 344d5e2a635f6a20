// fx prune, and the pruning after each release: deletes what no kept release needs.
import { layerName } from '../cfn/names.ts';
import type { Environment } from '../project/environment.ts';
import { eachRelease, readIndex } from '../release/ledger.ts';
import { isRestorable, reachableFrom, versionsOf } from '../release/reachability.ts';
import { findStores, type Stores } from '../stack/bootstrap.ts';
import { isAtRest, moveFor } from '../stack/status.ts';
import { type Context, eachFunction, identify, ledgerPlace, notDeployed } from './context.ts';
import { exclusively } from './exclusive.ts';
import { type Garbage, keptOf, layerVersionNumber, objectGarbage, versionGarbage } from './garbage.ts';
import { readStateToChange } from './state.ts';

export interface Pruned extends Garbage {
  /** The numbers of the releases that can be restored, newest first. */
  readonly kept: readonly number[];
}

export interface PruneOptions {
  readonly dryRun: boolean;
  /** Instead of the environment's. */
  readonly keep: number | undefined;
}

/** Deletes what no kept release needs, wherever it comes from; with `dryRun`, only lists it. Throws NOT_DEPLOYED, BUSY, STACK_STUCK. */
export async function prune(
  { keep: written, ...rest }: Environment,
  { dryRun, keep = written }: PruneOptions,
  context: Context,
): Promise<Pruned> {
  const environment = { ...rest, keep };
  const identity = await identify(environment, context);
  const stores = await findStores(context.aws);
  if (stores === undefined) throw notDeployed(environment);
  if (dryRun) return garbageOf(environment, stores, context);
  // never while CloudFormation may need what is there
  const { stack } = await readStateToChange(environment, context, stores);
  if (stack === undefined) throw notDeployed(environment);
  return exclusively(environment, { bucket: stores.bucket, identity, verb: 'prune' }, context, async (held) => {
    const garbage = await garbageOf(environment, stores, held.context);
    await remove(garbage, stores, held.context);
    return garbage;
  });
}

async function garbageOf(environment: Environment, stores: Stores, context: Context): Promise<Pruned> {
  const place = ledgerPlace(environment, stores.bucket);
  const index = await readIndex(context.aws, place);
  const kept = await keptOf(place, { index, keep: environment.keep }, context);
  const layers = new Set(kept.flatMap(({ recipe }) => [...(recipe?.layers.keys() ?? [])]));
  const names = [...layers].map((name) => layerName(environment.names, name));
  const [versions, objects] = await Promise.all([
    versionGarbage(environment, { kept, layers: names }, context),
    objectGarbage(environment, stores, context),
  ]);
  return { ...versions, ...objects, kept: kept.filter(isRestorable).map(({ number }) => number) };
}

async function remove(garbage: Garbage, stores: Stores, { aws }: Context): Promise<void> {
  await eachFunction(garbage.versions, (version) => aws.functions.deleteVersion(version));
  await eachFunction(garbage.layerVersions, (arn) =>
    aws.functions.deleteLayerVersion({ layerName: arn.split(':').at(-2) ?? '', version: layerVersionNumber(arn) }),
  );
  const keys = garbage.objects.map(({ key }) => key);
  if (keys.length > 0) await aws.objects.delete(stores.bucket, keys);
  const { repository } = stores;
  if (repository !== undefined && garbage.imageTags.length > 0) {
    await aws.images.delete(repository, garbage.imageTags);
  }
}

/**
 * After a release, under its lease: deletes the versions of the release that is no longer kept, and at every `keep`th release what no release of
 * the project needs. Reads little: the rest is for `fx prune`. Never fails, since the release is live.
 */
export async function pruneAfter(
  environment: Environment,
  { stores, number, status }: { readonly stores: Stores; readonly number: number; readonly status: string },
  context: Context,
): Promise<void> {
  if (number <= environment.keep || !isAtRest(status) || moveFor(status) !== 'update') return;
  try {
    const versions = await droppedVersions(environment, stores, context);
    await eachFunction(versions, (version) => context.aws.functions.deleteVersion(version));
    const isTurn = number % environment.keep === 0;
    const objects = isTurn ? await objectGarbage(environment, stores, context) : { objects: [], imageTags: [] };
    await remove({ versions: [], layerVersions: [], ...objects }, stores, context);
    const count = objects.objects.length + objects.imageTags.length;
    if (versions.length + count > 0) context.report({ kind: 'pruned', versions: versions.length, objects: count });
  } catch (error) {
    if (context.signal.aborted) return;
    context.report({ kind: 'not-pruned', reason: error instanceof Error ? error.message : String(error) });
  }
}

/** The versions of the newest restorable release that is not kept, and of changes of code since; of no kept one. */
async function droppedVersions(environment: Environment, { bucket }: Stores, context: Context) {
  const place = ledgerPlace(environment, bucket);
  const index = await readIndex(context.aws, place);
  const kept = await keptOf(place, { index, keep: environment.keep }, context);
  const numbers = new Set(kept.map(({ number }) => number));
  const dropped = new Set<string>();
  for await (const release of eachRelease(context.aws, place, index)) {
    if (release.status !== 'succeeded' || numbers.has(release.number)) continue;
    for (const version of versionsOf(release.functions)) dropped.add(version);
    if (isRestorable(release)) break;
  }
  const { versions: reachable } = reachableFrom(kept);
  return [...dropped]
    .filter((version) => !reachable.has(version))
    .map((named) => {
      const [functionName = '', version = ''] = named.split(':');
      return { functionName, version };
    });
}

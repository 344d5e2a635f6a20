// What no kept release needs: versions of functions and layers of one environment; artifacts, templates and images of the project.
import type { StoredObject } from '../aws/aws.ts';
import { artifactObjectKey, isImageTagOf, leasePrefix } from '../cfn/names.ts';
import type { Environment } from '../project/environment.ts';
import { defaultKeep } from '../project/keep.ts';
import {
  eachRelease,
  getChange,
  getRelease,
  type LedgerIndex,
  type LedgerPlace,
  readIndex,
  readTemplate,
  templateKey,
} from '../release/ledger.ts';
import { artifactsIn, isRestorable, keptRecords, reachableFrom } from '../release/reachability.ts';
import type { Change, Release } from '../release/record.ts';
import { contentOf } from '../release/target.ts';
import type { Stores } from '../stack/bootstrap.ts';
import { type Context, eachFunction } from './context.ts';
import { publishedHashes, siteKeys } from './site.ts';
import type { PublishedVersion } from './unreleased.ts';

export interface Garbage {
  readonly versions: readonly PublishedVersion[];
  /** ARNs. */
  readonly layerVersions: readonly string[];
  readonly objects: readonly StoredObject[];
  readonly imageTags: readonly string[];
}

/** The records of an environment that must stay restorable, newest first. Reads no more of the ledger than it needs. */
export async function keptOf(
  place: LedgerPlace,
  { index, keep }: { readonly index: LedgerIndex; readonly keep: number | undefined },
  { aws }: Context,
): Promise<readonly (Change | Release)[]> {
  const unfinished = await Promise.all(index.unfinished.map((number) => getChange(aws, place, number)));
  const records: (Change | Release)[] = unfinished.filter((change) => change !== undefined);
  const contents = new Set<number>();
  let most = keep ?? defaultKeep;
  for await (const release of eachRelease(aws, place, index)) {
    // each environment says for itself how many it keeps
    if (keep === undefined && contents.size === 0) most = release.keep ?? defaultKeep;
    if (isRestorable(release)) contents.add(contentOf(release));
    if (contents.size > most) break;
    records.push(release);
  }
  // a rollback that is kept may have restored one that was not read
  const known = new Set(records.map(({ number }) => number));
  const restored = await Promise.all(
    [...contents].filter((number) => !known.has(number)).map((number) => getRelease(aws, place, number)),
  );
  records.push(...restored.filter((release) => release !== undefined));
  return keptRecords(
    records.sort((a, b) => b.number - a.number),
    most,
  );
}

/** The versions of functions that no kept release, no alias and no change has; and those of layers that no kept version uses. */
export async function versionGarbage(
  environment: Environment,
  { kept, layers }: { readonly kept: readonly Change[]; readonly layers: readonly string[] },
  { aws }: Context,
): Promise<Pick<Garbage, 'versions' | 'layerVersions'>> {
  const { versions: reachable } = reachableFrom(kept);
  const names = new Set([
    ...environment.functions.map(({ physicalName }) => physicalName),
    ...kept.flatMap(({ functions }) => Object.values(functions).map(({ physicalName }) => physicalName)),
  ]);
  const usedLayers = new Set<string>();
  const perFunction = await eachFunction([...names], async (functionName): Promise<readonly PublishedVersion[]> => {
    const [versions, aliases] = await Promise.all([
      aws.functions.versions(functionName),
      aws.functions.aliases(functionName),
    ]);
    const named = new Set(aliases.flatMap(({ version, weights }) => [version, ...Object.keys(weights)]));
    // Lambda publishes nothing that equals the newest version: without it, an older one could be the equal
    const newest = String(Math.max(...versions.map(({ version }) => Number(version))));
    const isKept = (version: string) =>
      version === newest || named.has(version) || reachable.has(`${functionName}:${version}`);
    for (const { version, layers: arns } of versions) if (isKept(version)) for (const arn of arns) usedLayers.add(arn);
    return versions.filter(({ version }) => !isKept(version)).map(({ version }) => ({ functionName, version }));
  });
  const perLayer = await eachFunction(layers, async (layerName) => {
    const arns = await aws.functions.layerVersions(layerName);
    // the newest may be one that a deploy has just published
    const newest = Math.max(...arns.map(layerVersionNumber));
    return arns.filter((arn) => !usedLayers.has(arn) && layerVersionNumber(arn) < newest);
  });
  return { versions: perFunction.flat(), layerVersions: perLayer.flat() };
}

/** `arn:aws:lambda:eu-west-1:111122223333:layer:fonts:3` → 3. */
export function layerVersionNumber(arn: string): number {
  return Number(arn.split(':').at(-1));
}

/** Uploads come before the intent that names them, and nothing else protects them: only older objects count. */
const youngestMs = 3_600_000;

/** The objects and images of the project that no kept release of any of its environments needs. None while another environment changes. */
export async function objectGarbage(
  { project, name: environment, keep }: Environment,
  stores: Stores,
  context: Context,
): Promise<Pick<Garbage, 'objects' | 'imageTags'>> {
  const { aws, now } = context;
  const { bucket, repository } = stores;
  const [objects, leases] = await Promise.all([
    aws.objects.list(bucket, `${project}/`),
    aws.objects.list(bucket, `${leasePrefix}${project}/`),
  ]);
  const others = leases.filter(({ key }) => key !== `${leasePrefix}${project}/${environment}.json`);
  if (others.length > 0) return { objects: [], imageTags: [] };
  const environments = new Set(objects.flatMap(({ key }) => /^[^/]+\/environments\/([^/]+)\//.exec(key)?.[1] ?? []));
  const kept: Change[] = [];
  const artifacts = new Set<string>();
  const sites = new Set<string>();
  for (const name of environments) {
    const place = { bucket, project, environment: name };
    const index = await readIndex(aws, place);
    const records = await keptOf(place, { index, keep: name === environment ? keep : undefined }, context);
    kept.push(...records);
    for (const hash of await publishedHashes(place, context)) sites.add(hash);
    for (const record of records.filter(({ recipe }) => recipe === undefined)) {
      for (const key of artifactsIn((await readTemplate(aws, place, record)).text)) artifacts.add(key);
    }
  }
  const reachable = reachableFrom(kept);
  const keys = new Set([
    ...[...reachable.artifacts, ...artifacts].map((key) => artifactObjectKey(project, key)),
    ...[...reachable.templates].map((hash) => templateKey(project, hash)),
    ...(await siteKeys(project, [...new Set([...reachable.sites, ...sites])], { bucket, context })),
  ]);
  const tags = repository === undefined ? [] : await aws.images.tags(repository);
  return {
    objects: objects.filter(
      ({ key, modified }) =>
        /^[^/]+\/(artifacts|templates|site)\//.test(key) &&
        !keys.has(key) &&
        modified !== undefined &&
        now() - modified.getTime() > youngestMs,
    ),
    imageTags: tags.filter((tag) => isImageTagOf(project, tag) && !reachable.imageTags.has(tag)),
  };
}

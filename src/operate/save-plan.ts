// fx plan -o: saves what a deploy of the plan needs: the template, the code that the bucket lacks, and what the plan was made from.

import type { StoredZip } from '../artifact/artifact.ts';
import { readZip } from '../artifact/zip.ts';
import { FxError } from '../base/error.ts';
import { artifactObjectKey, siteManifestKey } from '../cfn/names.ts';
import type { Deployment } from '../project/deployment.ts';
import type { Project } from '../project/project.ts';
import { referenceTo } from '../release/ledger.ts';
import { type PackedZip, type SavedDeployment, writePlan } from '../release/plan-file.ts';
import { type Context, eachFunction, timeOf } from './context.ts';
import { buildsImages, missingImages } from './images.ts';
import { liveIdentity } from './live-identity.ts';
import type { Prepared } from './plan.ts';

/** Reads from AWS, and writes only the file: who plans needs no right to write. Returns the number of zips in it, and their bytes. */
export async function savePlan(
  file: string,
  project: Project,
  prepared: Prepared,
  context: Context,
): Promise<{ readonly zips: number; readonly bytes: number }> {
  const { plan, identity, candidate, state, aliases } = prepared;
  if (plan.move === 'wait') {
    throw new FxError('BUSY', `${plan.stackName} is in ${plan.status}: a plan made now could not be deployed`, {
      hint: 'plan again when that has ended',
    });
  }
  await checkImages(project, prepared, context);
  await checkSite(project, prepared, context);
  const live = liveIdentity(state, aliases);
  const zips = await missingZips(project.name, prepared, context);
  const packed = [...zips.values()].map(({ packed: zip }) => zip);
  const { stacks, ...content } = candidate;
  const { environment } = project;
  const saved = {
    fx: context.version,
    account: identity.account,
    region: environment.region,
    project: project.name,
    environment: environment.name,
    stackName: environment.stackName,
    live,
    change: {
      ...content,
      number: live.newest + 1,
      fx: context.version,
      time: timeOf(context),
      who: identity.arn,
      template: referenceTo(stacks.root),
    },
    template: stacks.root.text,
    deployment: project.deployment && savedDeployment(project.deployment),
    zips: packed,
  };
  await writePlan(file, saved, async ({ key }) => {
    const zip = zips.get(key)?.stored;
    if (zip === undefined) throw new Error(`no zip has the key ${key}`);
    return readZip(zip);
  });
  return { zips: packed.length, bytes: packed.reduce((sum, { size }) => sum + size, 0) };
}

/** An image needs the engine that builds it, and a registry: a file is no place for one. */
async function checkImages(project: Project, { built, state }: Prepared, context: Context): Promise<void> {
  if (!buildsImages(project)) return;
  const images = [...new Set(built.artifacts.flatMap(({ image }) => image ?? []))];
  const missing = await missingImages(images, state, context);
  if (missing.length === 0) return;
  const names = missing.flatMap(({ functions }) => functions);
  throw new FxError(
    'USAGE',
    `the image of ${names.join(', ')} is not in the repository, and a plan cannot contain it`,
    {
      hint: 'fx deploy builds and pushes images; to plan first, deploy to another environment of the account, which pushes them too',
    },
  );
}

/** A plan holds zips, not single files. */
async function checkSite({ name }: Project, { built, state }: Prepared, { aws }: Context): Promise<void> {
  const { site } = built;
  const { stores } = state;
  if (site === undefined) return;
  if (stores !== undefined && (await aws.objects.has(stores.bucket, siteManifestKey(name, site.hash)))) return;
  throw new FxError('USAGE', 'the files of the site are not in the bucket, and a plan cannot contain them', {
    hint: 'fx deploy uploads them; to plan first, deploy to another environment of the account, which uploads them too',
  });
}

interface Missing {
  readonly packed: PackedZip;
  readonly stored: StoredZip;
}

async function missingZips(
  project: string,
  { built, state }: Prepared,
  { aws }: Context,
): Promise<ReadonlyMap<string, Missing>> {
  const bucket = state.stores?.bucket;
  const artifacts = [...built.layers, ...built.artifacts].filter(({ zip }) => zip !== undefined);
  const unique = [...new Map(artifacts.map((artifact) => [artifact.code.key, artifact])).values()];
  const missing = await eachFunction(unique, async ({ code: { key }, zip }) => {
    if (zip === undefined || (bucket !== undefined && (await aws.objects.has(bucket, artifactObjectKey(project, key)))))
      return undefined;
    return [key, { stored: zip, packed: { key, size: zip.size, sha256: zip.sha256 } }] as const;
  });
  return new Map(missing.filter((entry) => entry !== undefined));
}

function savedDeployment({ kind, step, watchSeconds, abortOn, smoke }: Deployment): SavedDeployment {
  const events = typeof smoke === 'boolean' ? {} : Object.fromEntries(smoke);
  return { kind, step, watchSeconds, abortOn: abortOn.map(({ text }) => text), smoke: smoke !== false, events };
}

// fx deploy: make an environment match the project.
import type { Artifact } from '../artifact/artifact.ts';
import { runHooks } from '../artifact/hooks.ts';
import type { Image } from '../artifact/images/image.ts';
import { readZip } from '../artifact/zip.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { inPool } from '../base/pool.ts';
import { artifactObjectKey } from '../cfn/names.ts';
import type { Deployment } from '../project/deployment.ts';
import { eventTexts } from '../project/event-uses.ts';
import { gitCommit } from '../project/git.ts';
import type { Project } from '../project/project.ts';
import type { Candidate } from '../release/candidate.ts';
import type { Stores } from '../stack/bootstrap.ts';
import type { Change } from '../stack/difference.ts';
import { sourcePlace } from '../template/origin.ts';
import { type Built, build } from './build.ts';
import { alreadyLive, type Changed, type ChangeInput, change, type How, lossesOf } from './change.ts';
import { type Context, eachFunction, identify, ownerTags } from './context.ts';
import { exclusively } from './exclusive.ts';
import type { Gradual } from './gradual.ts';
import { buildsImages, missingImages, uploadImages } from './images.ts';
import { smokeEvents } from './smoke.ts';
import { confirmState, heldRelease, readStateToChange, type State, settleInterrupted } from './state.ts';
import { checkStoredArtifacts } from './stored-artifacts.ts';
import { storesFor } from './stores.ts';

export interface DeployOptions {
  /** For the list of releases. */
  readonly message?: string | undefined;
  /** How traffic moves to the new versions; undefined for all at once. */
  readonly deployment?: Deployment | undefined;
  /** Called before anything is written, if a protected environment would lose data. */
  readonly approve: (losses: readonly Change[]) => Promise<void>;
}

export async function deploy(
  project: Project,
  { message, deployment, approve }: DeployOptions,
  context: Context,
): Promise<Changed> {
  const { environment } = project;
  const identity = await identify(environment, context);
  const commit = gitCommit(project.folder);
  // what is live decides which images must be built
  const early = buildsImages(project) ? await readStateToChange(environment, context) : undefined;
  const wanted = async (images: readonly Image[]) =>
    early === undefined ? images : missingImages(images, early, context);
  const built = await build(project, context, wanted);
  const candidate = { ...candidateOf(project, built, await commit), message };
  const before = early ?? (await readStateToChange(environment, context));
  await checkStoredArtifacts(project, { wanted: built.recipe, live: heldRelease(before)?.recipe }, context);
  const prepare = async ({ bucket, repository = '' }: Stores) => {
    const missing = await missingArtifacts(project, [...built.layers, ...built.artifacts], { bucket, context });
    await upload(project, missing, { bucket, context });
    await uploadImages(built.images, repository, context);
  };
  const placeOf = (id: string) => sourcePlace(project, built.compiled.ownedResources, ['resources', id]);
  const begin = () => runHooks(project, 'deploy', context);
  const how = { approve, traffic: 'with-stack', begin, prepare, placeOf } as const;
  const unchanged = await alreadyLive(candidate, before, context);
  const changed =
    unchanged ??
    (await changeExclusively(
      { environment, identity, candidate, how },
      { before, gradual: deployment && (await gradualOf(project, deployment)) },
      context,
    ));
  if (environment.protected) await protectStack(environment.stackName, context);
  return changed;
}

/** The smoke events are read before anything is written. */
async function gradualOf(project: Project, deployment: Deployment): Promise<Omit<Gradual, 'lease'>> {
  const names = project.functions.map(({ name }) => name);
  return { deployment, smoke: await smokeEvents(project.folder, deployment.smoke, names) };
}

interface Exclusively {
  readonly before: State;
  readonly gradual: Omit<Gradual, 'lease'> | undefined;
}

async function changeExclusively(
  input: Omit<ChangeInput, 'state'>,
  { before, gradual }: Exclusively,
  context: Context,
): Promise<Changed> {
  const { environment, identity, candidate, how } = input;
  const approve = approvedOnce(how.approve);
  // a person may take minutes to answer: nobody waits for that
  const losses = lossesOf(environment, { live: before.live, candidate }, context);
  if (losses.length > 0) await approve(losses);
  const stores = await storesFor(candidate.stacks.root, before.stores, context);
  const { bucket } = stores;
  return exclusively(environment, { bucket, identity, verb: 'deploy' }, context, async (held) => {
    const confirmed = await confirmState(before, { environment, stores, waited: held.lease.waited }, held.context);
    const { state } = await settleInterrupted(confirmed, held.context);
    const { lease } = held;
    const traffic = gradual === undefined ? {} : { gradual: { ...gradual, lease } };
    return change({ ...input, how: { ...how, ...traffic, approve }, state }, held.context);
  });
}

/** Asks again only about resources that were not approved before. */
function approvedOnce(approve: How['approve']): How['approve'] {
  const approved = new Set<string>();
  return async (losses) => {
    if (losses.every(({ logicalId }) => approved.has(logicalId))) return;
    await approve(losses);
    for (const { logicalId } of losses) approved.add(logicalId);
  };
}

/** The candidate of a build. */
export function candidateOf(project: Project, { recipe, compiled }: Built, commit?: string): Candidate {
  const functions = project.functions.map((settings) => {
    const { name, physicalName } = settings;
    const versionId = compiled.versionIds.get(name) ?? '';
    return [name, { physicalName, versionId, version: undefined, events: eventTexts(settings) }] as const;
  });
  return {
    stacks: compiled.stacks,
    recipe,
    functions: Object.fromEntries(functions),
    tags: { ...Object.fromEntries(project.tags), ...ownerTags(project.environment) },
    commit,
    origin: { kind: 'deploy' },
  };
}

/** Not at creation: a stack whose creation failed must be deletable. Never turned off: a person may have turned it on. */
async function protectStack(stackName: string, { aws }: Context): Promise<void> {
  const stack = await aws.stacks.describe(stackName);
  if (stack?.terminationProtection === false) await aws.stacks.protect(stackName, true);
}

interface Uploading {
  readonly bucket: string;
  readonly context: Context;
}

/** Artifacts missing in the bucket, by key: the key identifies the content. */
async function missingArtifacts(
  project: Project,
  artifacts: readonly Artifact[],
  { bucket, context }: Uploading,
): Promise<readonly Artifact[]> {
  const unique = [...new Map(artifacts.map((artifact) => [artifact.code.key, artifact])).values()];
  const zipped = unique.filter(({ zip }) => zip !== undefined);
  const present = await eachFunction(zipped, ({ code: { key } }) =>
    context.aws.objects.has(bucket, artifactObjectKey(project.name, key)),
  );
  return zipped.filter((_, index) => !present[index]);
}

/** Zips of up to 250 MB are in memory during the upload. */
const uploadsAtOnce = 4;

async function upload(project: Project, missing: readonly Artifact[], { bucket, context }: Uploading): Promise<void> {
  if (missing.length > 0) context.report({ kind: 'stage', stage: 'uploading' });
  await inPool(missing, uploadsAtOnce, async ({ name, code: { key }, zip }) => {
    if (zip === undefined) return;
    throwIfInterrupted(context.signal);
    const objectKey = artifactObjectKey(project.name, key);
    await context.aws.objects.put(bucket, objectKey, await readZip(zip), 'application/zip');
    context.report({ kind: 'uploaded', name, bytes: zip.size });
  });
}

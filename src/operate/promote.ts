// fx promote: deploys the very artifacts of one environment's release to another, with the configuration that project.yml has for that one.
import { copyImage } from '../artifact/images/copy.ts';
import { FxError } from '../base/error.ts';
import { inPool } from '../base/pool.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { artifactObjectKey } from '../cfn/names.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { Environment } from '../project/environment.ts';
import type { Project } from '../project/project.ts';
import type { Candidate } from '../release/candidate.ts';
import { readTemplate } from '../release/ledger.ts';
import type { Release } from '../release/record.ts';
import { namedRelease, type ReleaseName } from '../release/target.ts';
import type { Stores } from '../stack/bootstrap.ts';
import { difference, type Change as ResourceChange } from '../stack/difference.ts';
import { type Compiled, compile } from '../template/compile.ts';
import type { StackTemplate } from '../template/stack-set.ts';
import { alreadyLive, type Changed } from './change.ts';
import { type Context, commandLine, identify, notDeployed } from './context.ts';
import { candidateOf, type DeployOptions, deployCandidate } from './deploy-candidate.ts';
import { copySite } from './site.ts';
import { heldRelease, readState, readStateToChange } from './state.ts';

export interface Source {
  readonly environment: Environment;
  readonly context: Context;
  /** Default: the live release. */
  readonly release: ReleaseName | undefined;
}

export interface PromotionPlan {
  readonly from: { readonly environment: string; readonly number: number; readonly commit: string | undefined };
  readonly to: string;
  readonly changes: readonly ResourceChange[];
}

export interface PromoteOptions extends DeployOptions {
  /** Called with what would change, before anything is written. Throws to stop. */
  readonly confirm: (plan: PromotionPlan) => Promise<void>;
}

export interface Promoted extends Changed {
  readonly from: PromotionPlan['from'];
}

/** Needs no source: only project.yml. Throws NOT_DEPLOYED, RELEASE_NOT_FOUND, PROJECT_INVALID if the functions differ, and what a deploy throws. */
export async function promote(
  source: Source,
  project: Project,
  { confirm, ...options }: PromoteOptions,
  context: Context,
): Promise<Promoted> {
  const { environment } = project;
  if (source.environment.name === environment.name) {
    throw new FxError('USAGE', `"${environment.name}" cannot be promoted to itself`);
  }
  const found = await findSource(source);
  const { release, stores } = found;
  const identity = await identify(environment, context);
  checkSameCode(project, release);
  checkSameRuntimes(project, found.template);
  const compiled = compile({ project, recipe: release.recipe, schemas: context.schemas });
  const candidate = promotionOf(project, { release, compiled, source: source.environment });
  const before = await readStateToChange(environment, context);
  const { number, commit } = release;
  const from = { environment: source.environment.name, number, commit };
  if ((await alreadyLive(candidate, before, context)) === undefined) {
    const changes = difference(before.live?.stacks, candidate.stacks, context.schemas);
    await confirm({ from, to: environment.name, changes });
  }
  const prepare = (target: Stores) => copyCode(project.name, release.recipe, { source, stores, target, context });
  const { ownedResources } = compiled;
  const input = { identity, ownedResources, before, prepare, ...options };
  return {
    ...(await deployCandidate(project, { ...input, candidate: { ...candidate, message: options.message } }, context)),
    from,
  };
}

interface FoundSource {
  readonly release: Release & { readonly recipe: Recipe };
  readonly template: StackTemplate;
  readonly stores: Stores;
}

async function findSource({ environment, context, release: name }: Source): Promise<FoundSource> {
  await identify(environment, context);
  const state = await readState(environment, context);
  const { place, stores, index } = state;
  const isDeployed = name !== undefined || state.live !== undefined;
  if (place === undefined || stores === undefined || !isDeployed) throw notDeployed(environment);
  const release =
    name === undefined ? heldRelease(state) : await namedRelease({ aws: context.aws, place, index }, name);
  if (release === undefined) {
    throw new FxError('RELEASE_NOT_FOUND', `no good release of "${environment.name}" is live`, {
      hint: `fx releases shows them; ${commandLine('deploy', environment)} makes one, --release names one`,
    });
  }
  const { recipe } = release;
  if (recipe === undefined) {
    throw new FxError(
      'RELEASE_UNREADABLE',
      `release ${release.number} of "${environment.name}" does not say what it was made of`,
      {
        hint: `an older fx recorded it: ${commandLine('deploy', environment)} once with this one`,
      },
    );
  }
  return { release: { ...release, recipe }, template: await readTemplate(context.aws, place, release), stores };
}

/** The artifacts of a release are those of its functions and layers: project.yml must have the same. */
function checkSameCode({ functions, layers, file, origin }: Project, { number, recipe }: FoundSource['release']): void {
  const problems = [
    ...namesThatDiffer(
      functions.map(({ name }) => name),
      recipe.functions,
      'functions',
    ),
    ...namesThatDiffer(
      layers.map(({ name }) => name),
      recipe.layers,
      'layers',
    ),
  ].map(({ path, message }) => ({ at: origin(path), message: `${message} release ${number}` }));
  if (problems.length === 0) return;
  throw new FxError('PROJECT_INVALID', `${file} has other functions or layers than release ${number}`, {
    problems,
    hint: 'deploy the source to the first environment, then promote that release',
  });
}

function namesThatDiffer(
  names: readonly string[],
  codes: ReadonlyMap<string, unknown>,
  section: 'functions' | 'layers',
) {
  const what = section === 'functions' ? 'function' : 'layer';
  return [
    ...names
      .filter((name) => !codes.has(name))
      .map((name) => ({ path: [section, name], message: `the ${what} "${name}" is not in` })),
    ...[...codes.keys()]
      .filter((name) => !names.includes(name))
      .map((name) => ({ path: [section], message: `the ${what} "${name}" is missing; it is in` })),
  ];
}

/** An artifact is built for one runtime and processor. */
function checkSameRuntimes({ functions, file, origin }: Project, { template }: StackTemplate): void {
  const problems = functions.flatMap(({ name, runtime, architecture, image }) => {
    const { Runtime, Architectures } = template.Resources[functionIdsIn(template, name).function]?.Properties ?? {};
    const built = Array.isArray(Architectures) ? String(Architectures[0]) : 'x86_64';
    const differing: [string, string, string][] = [];
    if (image === undefined && Runtime !== undefined && Runtime !== runtime)
      differing.push(['runtime', String(Runtime), runtime]);
    if (built !== architecture) differing.push(['architecture', built, architecture]);
    return differing.map(([key, then, now]) => ({
      at: origin(['functions', name, key]),
      message: `"${name}" was built for ${then}, and this environment has ${now}`,
    }));
  });
  if (problems.length === 0) return;
  throw new FxError('PROJECT_INVALID', `${file} has other runtimes than the artifacts`, {
    problems,
    hint: 'an artifact keeps its runtime and architecture: make them equal in both environments',
  });
}

function promotionOf(
  project: Project,
  {
    release,
    compiled,
    source,
  }: { readonly release: FoundSource['release']; readonly compiled: Compiled; readonly source: Environment },
): Candidate {
  const { recipe, commit, number } = release;
  const from = { environment: source.name, number };
  return { ...candidateOf(project, { recipe, compiled }, commit), origin: { kind: 'promotion', from } };
}

/** Straight from one registry to the other: no engine is needed. */
async function copyImages(tags: readonly string[], { source, stores, target, context }: Copying): Promise<void> {
  const [from = '', to = ''] = [stores.repository, target.repository];
  const present = tags.length === 0 ? new Set() : await context.aws.images.present(to, tags);
  const missing = [...new Set(tags)].filter((tag) => !present.has(tag));
  if (missing.length === 0) return;
  const logins = await Promise.all([source.context.aws.images.login(), context.aws.images.login()]);
  for (const tag of missing) {
    const places = { from: { login: logins[0], repository: from }, to: { login: logins[1], repository: to } };
    const bytes = await copyImage({ ...places, tag, signal: context.signal });
    context.report({ kind: 'uploaded', name: `the image ${tag}`, bytes });
  }
}

interface Copying {
  readonly source: Source;
  readonly stores: Stores;
  readonly target: Stores;
  readonly context: Context;
}

/** Zips of up to 250 MB are in memory during the copy. */
const copiesAtOnce = 4;

/** Copies what the target's bucket lacks: nothing in the same account and region. */
async function copyCode(project: string, recipe: Recipe, { source, stores, target, context }: Copying): Promise<void> {
  if (stores.bucket === target.bucket) return;
  await copySite(
    project,
    recipe.site,
    { context: source.context, bucket: stores.bucket },
    { context, bucket: target.bucket },
  );
  const codes = [...recipe.functions.values(), ...recipe.layers.values()];
  await copyImages(
    codes.flatMap(({ imageTag }) => imageTag ?? []),
    { source, stores, target, context },
  );
  const keys = [
    ...new Set(
      codes.filter(({ object, image, imageTag }) => (object ?? image ?? imageTag) === undefined).map(({ key }) => key),
    ),
  ];
  await inPool(keys, copiesAtOnce, async (key) => {
    const objectKey = artifactObjectKey(project, key);
    if (await context.aws.objects.has(target.bucket, objectKey)) return;
    const zip = await source.context.aws.objects.get(stores.bucket, objectKey);
    if (zip === undefined) {
      throw new FxError(
        'RELEASE_UNREADABLE',
        `the artifact ${key} of the release is not in the bucket of "${source.environment.name}"`,
        {
          hint: `deploy "${source.environment.name}" again`,
        },
      );
    }
    await context.aws.objects.put(target.bucket, objectKey, zip, 'application/zip');
    context.report({ kind: 'uploaded', name: key.slice(0, 12), bytes: zip.length });
  });
}

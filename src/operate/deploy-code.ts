// fx deploy --code-only: gives functions new code in seconds, without CloudFormation. For environments where a bad minute does no harm.
import type { Artifact } from '../artifact/artifact.ts';
import { FxError } from '../base/error.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { artifactObjectKey, liveAlias } from '../cfn/names.ts';
import type { Recipe } from '../cfn/recipe.ts';
import { canonicalJson, type Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import { gitCommit } from '../project/git.ts';
import { isAtEdge, type Project } from '../project/project.ts';
import { type CandidateFunctions, codeFunctions } from '../release/candidate.ts';
import { writeChange } from '../release/ledger.ts';
import type { Release } from '../release/record.ts';
import { recordSucceeded } from './apply-change.ts';
import { type Built, build } from './build.ts';
import type { Changed } from './change.ts';
import { type Context, commandLine, eachFunction, identify, namesMatching, timeOf } from './context.ts';
import { exclusively } from './exclusive.ts';
import { settledReadiness } from './readiness.ts';
import { confirmState, heldRelease, readStateToChange, type State, settleInterrupted } from './state.ts';
import { upload } from './upload.ts';

export interface CodeOptions {
  /** Names of functions, `*` for any characters; all if empty. */
  readonly functions: readonly string[];
  readonly message: string | undefined;
}

/** Throws USAGE for a protected environment, NOT_DEPLOYED if the stack matches no release, and PROJECT_INVALID if more than code changed. */
export async function deployCode(project: Project, options: CodeOptions, context: Context): Promise<Changed> {
  const { environment } = project;
  const whole = commandLine('deploy', environment);
  refuseProtected(environment);
  const identity = await identify(environment, context);
  const commit = gitCommit(project.folder);
  const built = await build(project, context, async () => []);
  const names = project.functions.map(({ name }) => name);
  const chosen = options.functions.length === 0 ? names : namesMatching(options.functions, names);
  const before = await readStateToChange(environment, context);
  const released = mustHold(before, whole);
  const changed = changedCode(chosen, built.recipe, released);
  if (changed.length === 0) {
    return { changed: false, release: released, outputs: before.live?.stack.outputs ?? {} };
  }
  checkOnlyCode(project, changed, { built, live: before.live?.stacks.root.template, whole });
  const { stores } = before;
  if (stores === undefined) throw new FxError('NOT_DEPLOYED', `"${environment.name}" is not deployed`, { hint: whole });
  const { bucket } = stores;
  return exclusively(environment, { bucket, identity, verb: 'deploy' }, context, async (held) => {
    const confirmed = await confirmState(before, { environment, stores, waited: held.lease.waited }, held.context);
    const { state } = await settleInterrupted(confirmed, held.context);
    const release = mustHold(state, whole);
    const artifacts = built.artifacts.filter(({ name }) => changed.includes(name));
    await upload(project, artifacts, { bucket, context: held.context });
    const recipe = withCode(release.recipe, artifacts);
    const intent = await writeChange(held.context.aws, state.place, state.index, {
      fx: context.version,
      time: timeOf(context),
      who: identity.arn,
      commit: await commit,
      message: options.message,
      keep: environment.keep,
      stackSettings: release.stackSettings,
      // together with those that an earlier one changed: the stack has none of them
      origin: { kind: 'code', functions: [...new Set([...codeFunctions(release), ...changed])] },
      template: release.template,
      recipe,
      owners: release.owners,
      tags: release.tags,
      functions: release.functions,
    });
    const versions = await publish(project, artifacts, { bucket, functions: release.functions }, held.context);
    const functions = { ...release.functions, ...versions };
    const written = await recordSucceeded(state.place, intent, functions, held.context);
    return { changed: true, release: written, outputs: state.live?.stack.outputs ?? {} };
  });
}

/** Throws USAGE for an environment whose code must not change alone. */
export function refuseProtected(environment: Environment): void {
  if (!environment.protected) return;
  throw new FxError('USAGE', `"${environment.name}" is protected: its stack and its functions must always agree`, {
    hint: `${commandLine('deploy', environment)} deploys both`,
  });
}

function mustHold(state: State, whole: string): Release {
  const release = heldRelease(state);
  if (release?.recipe !== undefined) return release;
  throw new FxError('NOT_DEPLOYED', 'the stack matches no release, so its code cannot be changed alone', {
    hint: whole,
  });
}

function changedCode(names: readonly string[], wanted: Recipe, { recipe }: Release): readonly string[] {
  return names.filter((name) => wanted.functions.get(name)?.key !== recipe?.functions.get(name)?.key);
}

/** New code with old configuration may not even start. */
function checkOnlyCode(
  { file, origin, functions }: Project,
  names: readonly string[],
  { built, live, whole }: { readonly built: Built; readonly live: Template | undefined; readonly whole: string },
): void {
  const configuration = (template: Template | undefined, name: string) => {
    const { Code: _, ...rest } = template?.Resources[functionIdsIn(template, name).function]?.Properties ?? {};
    return canonicalJson(rest);
  };
  const { template } = built.compiled.stacks.root;
  const problems = names
    .filter((name) => configuration(template, name) !== configuration(live, name))
    .map((name) => ({ at: origin(['functions', name]), message: `more than the code of "${name}" has changed` }));
  const images = names.filter((name) => built.recipe.functions.get(name)?.imageTag !== undefined);
  problems.push(
    ...images.map((name) => ({ at: origin(['functions', name]), message: `"${name}" is a container image` })),
  );
  const atEdge = functions.filter((settings) => names.includes(settings.name) && isAtEdge(settings));
  problems.push(
    ...atEdge.map(({ name }) => ({
      at: origin(['functions', name]),
      message: `CloudFront calls a version of "${name}", which its distribution names`,
    })),
  );
  if (problems.length === 0) return;
  throw new FxError('PROJECT_INVALID', `${file} has changes that code alone does not bring`, { problems, hint: whole });
}

/** A recipe with other code for these functions. */
export function withCode(recipe: Recipe | undefined, artifacts: readonly Artifact[]): Recipe {
  const fresh = artifacts.map(({ name, code }) => [name, code] as const);
  return { functions: new Map([...(recipe?.functions ?? []), ...fresh]), layers: recipe?.layers ?? new Map() };
}

export interface Publishing {
  readonly bucket: string;
  readonly functions: CandidateFunctions;
}

/** Each function's new code, version and alias, several functions at a time. */
export async function publish(
  project: Project,
  artifacts: readonly Artifact[],
  { bucket, functions }: Publishing,
  context: Context,
): Promise<CandidateFunctions> {
  const published = await eachFunction(artifacts, async ({ name, code: { key } }) => {
    const settings = functions[name];
    if (settings === undefined) throw new FxError('NOT_DEPLOYED', `"${name}" is not deployed`);
    const version = await publishCode(
      settings.physicalName,
      { bucket, key: artifactObjectKey(project.name, key) },
      context,
    );
    await context.aws.functions.moveAlias({ functionName: settings.physicalName, alias: liveAlias, version });
    context.report({ kind: 'alias', functionName: name, version });
    return [name, { ...settings, version }] as const;
  });
  return Object.fromEntries(published);
}

/** Gives a function code from the bucket and publishes it. Returns the version. */
export async function publishCode(
  functionName: string,
  object: { readonly bucket: string; readonly key: string },
  context: Context,
): Promise<string> {
  const { aws } = context;
  await aws.functions.updateCode({ functionName, ...object });
  await settledReadiness(functionName, context);
  return aws.functions.publish(functionName);
}

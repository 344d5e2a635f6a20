// fx rollback: bring back an earlier release. First the traffic, at once; then the stack, so that everything agrees.
import { FxError } from '../base/error.ts';
import { artifactBucketParameter, liveAlias } from '../cfn/names.ts';
import type { Template } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import {
  type LedgerPlace,
  notFound,
  previousRelease,
  type Release,
  readRelease,
  readReleases,
  writeRelease,
} from '../release/ledger.ts';
import { apply } from '../stack/apply.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { difference } from '../stack/difference.ts';
import { moveFor } from '../stack/status.ts';
import { type Context, identify, ledgerPlace, notDeployed } from './context.ts';
import { templateLocation } from './deploy.ts';
import { readLive, releasedFunctions } from './live.ts';

export interface RolledBack {
  /** The release whose content is live again. */
  readonly target: Release;
  /** The new release that this made. */
  readonly release: Release;
  readonly outputs: Readonly<Record<string, string>>;
}

const searched = 100;

/** Needs no source tree: all of it is in the ledger. `wanted` is a release number; without it, the one before. */
export async function rollback(project: Project, wanted: number | undefined, context: Context): Promise<RolledBack> {
  const identity = await identify(project, context);
  const bucket = await findBucket(context.aws);
  const live = await readLive(context.aws, project.stackName);
  if (bucket === undefined || live === undefined) throw notDeployed(project);
  if (moveFor(live.stack.status) !== 'update')
    throw new FxError('BUSY', `${project.stackName} is in ${live.stack.status}`);
  const place = ledgerPlace(project, bucket);
  const target = await findTarget(context, place, wanted);
  const functions = Object.entries(target.functions);

  context.report({ kind: 'stage', text: `Taking back to release ${target.number}` });
  await moveAliases(functions, context);

  const template = JSON.parse(target.template) as Template;
  const expected = difference(live.template, template, context.schemas).length;
  context.report({ kind: 'stage', text: 'Updating the stack' });
  const input = {
    name: project.stackName,
    template: await templateLocation(context, bucket, project.name, target.template),
    parameters: { [artifactBucketParameter]: bucket },
    tags: target.tags,
  };
  const applied = await apply(context.aws, input, { ...context, expected });
  const named = functions.map(([name, { physicalName, artifact }]) => ({ name, physicalName, artifact }));
  const release = await writeRelease(context.aws, place, {
    status: 'succeeded',
    time: new Date().toISOString(),
    who: identity.arn,
    commit: target.commit,
    rollbackOf: target.rollbackOf ?? target.number,
    cause: undefined,
    template: target.template,
    tags: target.tags,
    functions: await releasedFunctions(context.aws, named),
  });
  return { target, release, outputs: applied.stack.outputs };
}

async function findTarget(context: Context, place: LedgerPlace, wanted: number | undefined): Promise<Release> {
  if (wanted !== undefined) {
    const release = await readRelease(context.aws, place, wanted);
    if (release === undefined) throw notFound(wanted, place);
    if (release.status === 'succeeded') return release;
    throw new FxError('RELEASE_NOT_FOUND', `release ${wanted} failed, so it was never live`, {
      hint: 'fx releases lists those that were',
    });
  }
  const release = previousRelease(await readReleases(context.aws, place, searched));
  if (release !== undefined) return release;
  throw new FxError('RELEASE_NOT_FOUND', `there is no release of "${place.environment}" before the live one`, {
    hint: 'fx releases lists all; name one with fx rollback NUMBER',
  });
}

/** One call a function, all at the same time: traffic is restored before CloudFormation has begun. */
async function moveAliases(
  functions: readonly [string, Release['functions'][string]][],
  context: Context,
): Promise<void> {
  await Promise.all(
    functions.map(async ([name, { physicalName, version }]) => {
      if (await context.aws.functions.moveAlias(physicalName, liveAlias, version)) {
        context.report({ kind: 'alias', functionName: name, version });
      } else {
        context.report({
          kind: 'warning',
          text: `version ${version} of "${name}" is gone, so its traffic moves with the stack`,
        });
      }
    }),
  );
}

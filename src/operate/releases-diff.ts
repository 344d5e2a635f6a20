// fx releases diff: how two releases differ, from the ledger and the bucket; needs no source.
import type { Environment } from '../project/environment.ts';
import { getRelease, notFound, readTemplate } from '../release/ledger.ts';
import { ownersById } from '../release/owners.ts';
import type { Change } from '../release/record.ts';
import { findRelease, type ReleaseName } from '../release/target.ts';
import { singleStack } from '../template/stack-set.ts';
import { type CodeChange, codeDifference } from './code-difference.ts';
import { type Context, identify, notDeployed } from './context.ts';
import { type Planned, planned } from './planned.ts';
import { readState, type State } from './state.ts';

export interface ReleasesDifference extends Omit<Planned, 'traps'> {
  readonly from: number;
  readonly to: number;
  readonly code: readonly CodeChange[];
}

/** Throws RELEASE_NOT_FOUND, or RELEASE_UNREADABLE if a template is gone. */
export async function releasesDifference(
  environment: Environment,
  names: { readonly from: ReleaseName; readonly to: ReleaseName },
  context: Context,
): Promise<ReleasesDifference> {
  await identify(environment, context);
  const state = await readState(environment, context);
  const { place } = state;
  if (place === undefined) throw notDeployed(environment);
  const [from, to] = await Promise.all([named(state, names.from, context), named(state, names.to, context)]);
  const [before, after] = await Promise.all([
    readTemplate(context.aws, place, from),
    readTemplate(context.aws, place, to),
  ]);
  const [owners, otherOwners] = [ownersById(to.owners), ownersById(from.owners)];
  const origins = {
    ownerOf: (id: string) => owners.get(id) ?? otherOwners.get(id),
    // the lines of project.yml as it was are not recorded
    placeOf: () => undefined,
  };
  const templates = { live: singleStack(before), next: singleStack(after) };
  // what CloudFormation would refuse on the way matters to a rollback, not to a comparison
  const { traps: _traps, ...differing } = planned(templates, origins, context.schemas);
  const codePlace = { bucket: place.bucket, project: place.project };
  return {
    from: from.number,
    to: to.number,
    ...differing,
    code: await codeDifference({ ...codePlace, recipe: from.recipe }, { ...codePlace, recipe: to.recipe }, context),
  };
}

async function named(state: State, name: ReleaseName, { aws }: Context): Promise<Change> {
  const { place, index } = state;
  if (place === undefined) throw new Error('the ledger has no place');
  if (name.kind !== 'number') return findRelease({ aws, place, index }, name);
  const record =
    (await getRelease(aws, place, name.number)) ?? state.unfinished.find(({ number }) => number === name.number);
  if (record === undefined) throw notFound(name.number, place);
  return record;
}

// What a rollback deploys: a whole release, or the live stack with some functions of a release.
import { FxError } from '../base/error.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { type Candidate, picked, type RollbackOrigin } from '../release/candidate.ts';
import { type LedgerPlace, readTemplate } from '../release/ledger.ts';
import { mergedOwners } from '../release/owners.ts';
import type { Change, Release } from '../release/record.ts';
import { contentOf } from '../release/target.ts';
import { withoutCodeDeploy } from '../template/code-deploy.ts';
import { withFunctions } from '../template/partial.ts';
import { singleStack, stackTemplate } from '../template/stack-set.ts';
import { liveVersionId } from '../template/version-id.ts';
import type { Context } from './context.ts';
import { heldRecord, type Live, type State } from './state.ts';

/** The whole release: its template, its versions, its tags. */
export async function wholeCandidate(release: Release, place: LedgerPlace, { aws }: Context): Promise<Candidate> {
  const { recipe, functions, tags, commit, owners } = release;
  // the aliases move first, so CodeDeploy would refuse to move them
  const stacks = withoutCodeDeploy(singleStack(await readTemplate(aws, place, release)));
  return { stacks, recipe, functions, tags, commit, owners, origin: { kind: 'rollback', of: contentOf(release) } };
}

/** The candidate of an interrupted rollback, as its intent has it. */
export async function resumedCandidate(
  change: Change & { readonly origin: RollbackOrigin },
  place: LedgerPlace,
  { aws }: Context,
): Promise<Candidate> {
  const { recipe, functions, tags, commit, message, owners, origin } = change;
  const stacks = withoutCodeDeploy(singleStack(await readTemplate(aws, place, change)));
  return { stacks, recipe, functions, tags, commit, message, owners, origin };
}

export interface PartialInput {
  readonly release: Release;
  /** Names of functions in project.yml. */
  readonly functions: readonly string[];
  readonly place: LedgerPlace;
  readonly state: State;
  readonly live: Live;
}

/** The live stack, with these functions as they were in the release. Throws USAGE, or RELEASE_UNREADABLE if what they need is gone. */
export async function partialCandidate(
  { release, functions, place, state, live }: PartialInput,
  { aws, schemas }: Context,
): Promise<Candidate> {
  const { template } = live.stacks.root;
  const record = heldRecord(state, live);
  checkNames(functions, release);
  const old = (await readTemplate(aws, place, release)).template;
  const restored = functions.map((name) => ({
    name,
    liveVersionId: liveVersionId(template, name),
    versionId: release.functions[name]?.versionId ?? '',
  }));
  const { template: next, added } = withFunctions(template, old, restored);
  const lost = added.find((id) => schemas(old.Resources[id]?.Type ?? '')?.stateful === true);
  if (lost !== undefined) {
    throw new FxError(
      'RELEASE_UNREADABLE',
      `${functions.join(', ')} of release ${release.number} needs ${lost} (${old.Resources[lost]?.Type}), which was removed since`,
      { hint: 'roll back the whole release, without naming functions, or deploy a fix' },
    );
  }
  return {
    stacks: withoutCodeDeploy(singleStack(stackTemplate(next)), (id) =>
      functions.some((name) => functionIdsIn(template, name).alias === id),
    ),
    recipe: partOf(record?.recipe, release.recipe, functions),
    functions: { ...record?.functions, ...picked(release.functions, functions) },
    tags: live.stack.tags,
    commit: record?.commit,
    owners: mergedOwners(record?.owners, release.owners),
    origin: { kind: 'rollback', of: contentOf(release), functions },
  };
}

function checkNames(functions: readonly string[], release: Release): void {
  for (const name of functions) {
    if (release.functions[name] !== undefined) continue;
    throw new FxError('RELEASE_NOT_FOUND', `release ${release.number} has no function "${name}"`, {
      hint: 'fx releases shows the functions of each release; name another one with --to',
    });
  }
}

function partOf(live: Release['recipe'], old: Release['recipe'], names: readonly string[]): Release['recipe'] {
  if (live === undefined || old === undefined) return undefined;
  const restored = [...old.functions].filter(([name]) => names.includes(name));
  return {
    functions: new Map([...live.functions, ...restored]),
    layers: new Map([...old.layers, ...live.layers]),
  };
}

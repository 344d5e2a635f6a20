// The target of a change to an environment, whatever its origin: a build, an earlier release, another environment.
import type { Recipe } from '../cfn/recipe.ts';
import type { StackSet } from '../template/stack-set.ts';
import type { RecordedOwners } from './owners.ts';

/** The origin of a release. */
export type Origin =
  | { readonly kind: 'deploy' }
  | RollbackOrigin
  /** Only the code of these functions changed, outside of the stack: all that the stack does not have. */
  | { readonly kind: 'code'; readonly functions: readonly string[] }
  | { readonly kind: 'promotion'; readonly from: { readonly environment: string; readonly number: number } };

export interface RollbackOrigin {
  readonly kind: 'rollback';
  readonly of: number;
  /** The restored functions; undefined for all. */
  readonly functions?: readonly string[];
  /** Only the aliases moved: the stack kept its template. */
  readonly trafficOnly?: true;
}

export interface CandidateFunction {
  /** Its name in AWS. */
  readonly physicalName: string;
  /** The logical id of its version in the template. */
  readonly versionId: string;
  /** The number of that version, if already published. */
  readonly version: string | undefined;
  /** Each of its events as text, for people. */
  readonly events: readonly string[];
}

export interface Candidate {
  readonly stacks: StackSet;
  /** Undefined for a release recorded before fx kept recipes. */
  readonly recipe: Recipe | undefined;
  readonly functions: Readonly<Record<string, CandidateFunction>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The git commit, with `+` if the checkout had changes; undefined outside git. */
  readonly commit: string | undefined;
  /** What the author says about it. */
  readonly message?: string | undefined;
  /** Who owns each resource; undefined for a release that an older fx recorded. */
  readonly owners?: RecordedOwners | undefined;
  readonly origin: Origin;
}

export type CandidateFunctions = Readonly<Record<string, CandidateFunction>>;

/** The functions whose traffic a rollback moves. */
export function restoredFunctions({ functions, origin }: Pick<Candidate, 'functions' | 'origin'>): CandidateFunctions {
  return origin.kind === 'rollback' && origin.functions !== undefined ? picked(functions, origin.functions) : functions;
}

export function picked(functions: CandidateFunctions, names: readonly string[]): CandidateFunctions {
  return Object.fromEntries(Object.entries(functions).filter(([name]) => names.includes(name)));
}

/** Those whose version is another than it is now come first: Lambda takes few calls a second. */
export function changedFirst(
  functions: CandidateFunctions,
  now: Readonly<Record<string, Pick<CandidateFunction, 'version'>>>,
): CandidateFunctions {
  const isSame = (name: string, { version }: CandidateFunction) => version === now[name]?.version;
  const entries = Object.entries(functions);
  return Object.fromEntries([
    ...entries.filter(([name, settings]) => !isSame(name, settings)),
    ...entries.filter(([name, settings]) => isSame(name, settings)),
  ]);
}

/** The functions whose code the stack does not have. */
export function codeFunctions({ origin }: { readonly origin: Origin }): readonly string[] {
  return origin.kind === 'code' ? origin.functions : [];
}

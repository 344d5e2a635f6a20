// What must stay so that the live stack and the last good releases of an environment can be restored. Everything else may be deleted.
import type { Recipe } from '../cfn/recipe.ts';
import type { CandidateFunctions } from './candidate.ts';
import type { Change, Release } from './record.ts';
import { contentOf } from './target.ts';

/** The newest good releases, those that they restore a part of, and all that is newer than the newest good one: the stack may still have
 * some of it, and changes that have not ended may go live. A rollback and the release that it restored count once, so that going back does not
 * use up what can be gone back to. `records` are newest first. */
export function keptRecords(records: readonly (Change | Release)[], keep: number): readonly (Change | Release)[] {
  const good = records.filter(isRestorable);
  const newest = good[0]?.number ?? 0;
  const contents = new Set([...new Set(good.map(contentOf))].slice(0, keep));
  return records.filter(
    (record) =>
      record.number > newest ||
      !('status' in record) ||
      contents.has(record.number) ||
      (isRestorable(record) && contents.has(contentOf(record))),
  );
}

/** Not code alone: its stack has other code than it had. */
export function isRestorable(record: Change | Release): boolean {
  return 'status' in record && record.status === 'succeeded' && record.origin.kind !== 'code';
}

/** What records refer to. */
export interface Reachable {
  /** The keys of artifacts, without folder and ending. */
  readonly artifacts: ReadonlySet<string>;
  /** The hashes of templates. */
  readonly templates: ReadonlySet<string>;
  readonly imageTags: ReadonlySet<string>;
  /** The hashes of what sites consist of. */
  readonly sites: ReadonlySet<string>;
  /** `<name in AWS>:<version>`. */
  readonly versions: ReadonlySet<string>;
}

export function reachableFrom(records: readonly Change[]): Reachable {
  const codes = records.flatMap(({ recipe }) => codesOf(recipe));
  return {
    artifacts: new Set(codes.map(({ key }) => key)),
    templates: new Set(records.map(({ template }) => template.hash)),
    imageTags: new Set(codes.flatMap(({ imageTag }) => imageTag ?? [])),
    sites: new Set(records.flatMap(({ recipe }) => recipe?.site ?? [])),
    versions: new Set(records.flatMap(({ functions }) => versionsOf(functions))),
  };
}

function codesOf(recipe: Recipe | undefined) {
  return recipe === undefined ? [] : [...recipe.functions.values(), ...recipe.layers.values()];
}

export function versionsOf(functions: CandidateFunctions): readonly string[] {
  return Object.values(functions).flatMap(({ physicalName, version }) =>
    version === undefined ? [] : [`${physicalName}:${version}`],
  );
}

/** The artifacts that a template names, for a release recorded before fx kept recipes. */
export function artifactsIn(templateText: string): readonly string[] {
  return [...templateText.matchAll(/\/artifacts\/([0-9a-f]{64})\.zip/g)].map(([, key = '']) => key);
}

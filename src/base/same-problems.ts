// One problem for those with the same message: the first place, the next few, and how many more.
import type { Problem } from './error.ts';
import { shortList } from './short-list.ts';

const shownPlaces = 3;

/** Keeps the order of first appearance. */
export function mergeSame(problems: readonly Problem[]): readonly Problem[] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) groups.set(problem.message, [...(groups.get(problem.message) ?? []), problem]);
  return [...groups.values()].flatMap((group) => {
    const places = group.map(({ at }) => `${at.file}:${at.line}:${at.column}`);
    const others = [...new Set(places)].slice(1);
    const [first] = group;
    if (first === undefined) return [];
    if (others.length === 0) return [first];
    const also = `also at ${shortList(others, shownPlaces)}`;
    return [{ ...first, hint: first.hint === undefined ? also : `${first.hint}; ${also}` }];
  });
}

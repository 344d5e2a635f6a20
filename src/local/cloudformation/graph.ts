// The order of resources: what depends on what, and that there are no cycles.
import { invalid } from './problem.ts';

/** The logical ids that each logical id depends on. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The reversed graph, for deleting. */
export function reversed(graph: Graph): Graph {
  const result = new Map<string, Set<string>>([...graph.keys()].map((id) => [id, new Set()]));
  for (const [id, needed] of graph) for (const other of needed) result.get(other)?.add(id);
  return result;
}

export function refuseCycles(graph: Graph): void {
  const cyclic = [...graph.keys()].filter((id) => reaches(graph, id, id));
  if (cyclic.length > 0) throw invalid(`Circular dependency between resources: [${cyclic.join(', ')}]`);
}

function reaches(graph: Graph, from: string, target: string): boolean {
  const seen = new Set<string>();
  const waiting = [...(graph.get(from) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === target) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(graph.get(next) ?? []));
  }
  return false;
}

/**
 * Runs `work` for every id, in parallel, each after the ids it depends on. If it returns false, the ids that depend on
 * this one are skipped; once `halted` returns true, no more work starts. Resolves when no work is running.
 */
export async function walk(
  graph: Graph,
  work: (id: string) => Promise<boolean>,
  halted: () => boolean = () => false,
): Promise<void> {
  const done = new Set<string>();
  const begun = new Set<string>();
  const underway = new Set<Promise<void>>();
  const begin = () => {
    if (halted()) return;
    for (const [id, needed] of graph) {
      if (begun.has(id) || ![...needed].every((other) => done.has(other) || !graph.has(other))) continue;
      begun.add(id);
      const task: Promise<void> = work(id).then((succeeded) => {
        underway.delete(task);
        if (succeeded) done.add(id);
        begin();
      });
      underway.add(task);
      if (halted()) return;
    }
  };
  begin();
  while (underway.size > 0) await Promise.race(underway);
}

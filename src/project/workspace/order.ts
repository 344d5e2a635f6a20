// The order of a workspace: what a project depends on, through others too.
import type { Span } from '../../base/error.ts';

export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly { readonly name: string; readonly at: Span }[];
}

/** All that each project depends on, directly or through others. Names that are not in the list are ignored. */
export function dependenciesOf(projects: readonly Dependent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map(projects.map((project) => [project.name, project]));
  const collect = (name: string, into: Set<string>) => {
    for (const next of byName.get(name)?.dependsOn ?? []) {
      if (into.has(next.name) || !byName.has(next.name)) continue;
      into.add(next.name);
      collect(next.name, into);
    }
    return into;
  };
  return new Map(projects.map(({ name }) => [name, collect(name, new Set())]));
}

export interface Cycle {
  /** `a → b → a`. */
  readonly path: readonly string[];
  /** The dependency that closes it. */
  readonly at: Span;
}

/** Each cycle once. */
export function cyclesOf(projects: readonly Dependent[]): readonly Cycle[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  const done = new Set<string>();
  const cycles: Cycle[] = [];
  const visit = (name: string, trail: readonly string[]) => {
    if (done.has(name)) return;
    const path = [...trail, name];
    for (const next of byName.get(name)?.dependsOn ?? []) {
      const start = path.indexOf(next.name);
      if (start >= 0) cycles.push({ path: [...path.slice(start), next.name], at: next.at });
      else visit(next.name, path);
    }
    done.add(name);
  };
  for (const { name } of projects) visit(name, []);
  return cycles;
}

/** Dependencies first; otherwise in the order given. */
export function inOrder<P extends Dependent>(projects: readonly P[]): readonly P[] {
  const before = dependenciesOf(projects);
  const left = [...projects];
  const ordered: P[] = [];
  while (left.length > 0) {
    const at = left.findIndex(({ name }) => !left.some((other) => before.get(name)?.has(other.name)));
    ordered.push(...left.splice(Math.max(0, at), 1));
  }
  return ordered;
}

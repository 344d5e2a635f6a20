// A merged project leaf by leaf: each value with its path, position and layer; and the difference between two projects.
import type { Span } from '../base/error.ts';
import { type Located, type LocatedMap, type Plain, toPlain } from '../base/located.ts';
import { isOneIntrinsic } from '../cfn/value-schema.ts';
import type { Project } from './project.ts';

export interface Leaf {
  readonly path: string;
  readonly value: Plain;
  readonly at: Span;
  /** The layer that set it: the project file, `environments.prod`, `project.prod.yml`, `--param`. */
  readonly layer: string;
  /** The written form of a looked-up value. */
  readonly lookup?: string;
}

/** Every scalar and every empty value, in the order of the project. */
export function leavesOf(project: Project): readonly Leaf[] {
  const layerOf = layerFinder(project);
  const leaves: Leaf[] = [];
  walk(project.merged, '', (path, value) => {
    const lookup = value.kind === 'scalar' ? value.lookup : undefined;
    leaves.push({
      path,
      value: shownValue(path, value),
      at: value.at,
      layer: layerOf(value.at),
      ...(lookup === undefined || lookup.startsWith('--') ? {} : { lookup }),
    });
  });
  return leaves;
}

function walk(value: Located, path: string, visit: (path: string, value: Located) => void): void {
  const step = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
  if (value.kind === 'map' && value.entries.size > 0) {
    for (const [key, entry] of value.entries) walk(entry.value, step(key), visit);
  } else if (value.kind === 'list' && value.items.length > 0) {
    for (const [index, item] of value.items.entries()) walk(item, step(index), visit);
  } else visit(path, value);
}

/** A position belongs to the layer with the value at that position: to the last one, if several share an anchor. */
export function layerFinder({ sources }: Project): (at: Span) => string {
  const known = new Map<Span, string>();
  // the first layer is the project with all its includes: there, the file says more than the layer
  for (const [index, { label, value }] of sources.entries()) {
    walk(value, '', (_, { at }) => known.set(at, index === 0 ? at.file : label));
  }
  return (at) => known.get(at) ?? at.file;
}

const secretName = /(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)/i;
export const hidden = '(hidden)';

/** Hides a looked-up value whose name suggests a secret: screens are shared and logs are kept. */
export function shownValue(path: string, value: Located): Plain {
  if (value.kind !== 'scalar') return toPlain(value);
  const name = path.slice(path.lastIndexOf('.') + 1);
  const sources = `${value.lookup ?? ''} ${value.via ?? ''}`;
  // a reference under `secrets` is not a secret, and everyone can read a value in the file
  const elsewhere = value.at.file.startsWith('--') || /\$\{\s*(var\.|ssm|s3|file:|stack)|(^|\s)--/.test(sources);
  if (!elsewhere || /(^|\.)secrets\./.test(path)) return value.value;
  return secretName.test(name) || secretName.test(sources) ? hidden : value.value;
}

/** The project, with values hidden whose names suggest a secret. */
export function shownProject(value: Located, path = ''): Plain {
  if (value.kind === 'scalar') return shownValue(path, value);
  if (value.kind === 'list') return value.items.map((item, index) => shownProject(item, `${path}.${index}`));
  return Object.fromEntries(
    [...value.entries].map(([key, entry]) => [key, shownProject(entry.value, `${path}.${key}`)]),
  );
}

export interface Differing {
  readonly path: string;
  /** Undefined if one of the two has no value there. */
  readonly before: Leaf | undefined;
  readonly after: Leaf | undefined;
}

/** In the order of the first, then what only the second has. Compares lists as wholes, because environments replace them as wholes. */
export function differences(first: Project, second: Project): readonly Differing[] {
  const [before, after] = [first, second].map((project) => wholes(project)) as [Map<string, Leaf>, Map<string, Leaf>];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path) => {
    const [a, b] = [before.get(path), after.get(path)];
    return a !== undefined && b !== undefined && JSON.stringify(a.value) === JSON.stringify(b.value)
      ? []
      : [{ path, before: a, after: b }];
  });
}

function wholes(project: Project): Map<string, Leaf> {
  const layerOf = layerFinder(project);
  const leaves = new Map<string, Leaf>();
  const visit = (value: Located, path: string): void => {
    if (value.kind === 'map' && value.entries.size > 0 && !isIntrinsic(value)) {
      for (const [key, entry] of value.entries) visit(entry.value, path === '' ? key : `${path}.${key}`);
      return;
    }
    leaves.set(path, {
      path,
      value: shownProject(value, path),
      at: value.at,
      layer: layerOf(value.at),
    });
  };
  visit(project.merged, '');
  return leaves;
}

function isIntrinsic({ entries }: LocatedMap): boolean {
  return isOneIntrinsic([...entries.keys()]);
}

// Every key of project.yml.example with every single-letter typo: fx suggests the right key, at its position.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Tags } from 'yaml';
import { FxError, type Problem } from '../../src/base/error.ts';
import type { Entry, Located, LocatedMap } from '../../src/base/located.ts';
import { packageFolder } from '../../src/base/packaged.ts';
import { readAll } from '../../src/base/schema.ts';
import { parseLocated } from '../../src/base/yaml.ts';
import { intrinsicTags } from '../../src/cfn/intrinsic-tags.ts';
import { eventSources } from '../../src/events/index.ts';
import { withDefaults } from '../../src/project/effective.ts';
import { mergeLayer, without } from '../../src/project/overlay.ts';
import type { Project } from '../../src/project/project.ts';
import { projectSchema } from '../../src/project/schema.ts';
import { compile } from '../../src/template/compile.ts';
import { folderOf, load, recipeFor, schemas } from '../support/project.ts';

const text = readFileSync(join(packageFolder(), 'project.yml.example'), 'utf8');
const example = parseLocated(text, 'project.yml', intrinsicTags as Tags).value as LocatedMap;

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

type Path = readonly (string | number)[];

/** Every schema key in a value, as its path; without keys that the user chooses. */
function keysIn(value: Located, node: Node, path: Path = []): readonly Path[] {
  const forms = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap((form) => keysIn(value, form, path));
  if (value.kind === 'list') {
    const { items } = node;
    return [
      ...forms,
      ...(items === undefined ? [] : value.items.flatMap((item, index) => keysIn(item, items, [...path, index]))),
    ];
  }
  if (value.kind !== 'map') return forms;
  const keys = [...value.entries].flatMap(([key, entry]): readonly Path[] => {
    const known = node.properties?.[key];
    const { additionalProperties: chosen } = node;
    const inner = known ?? (typeof chosen === 'object' ? chosen : undefined);
    const below = inner === undefined ? [] : keysIn(entry.value, inner, [...path, key]);
    return known === undefined ? below : [[...path, key], ...below];
  });
  return [...forms, ...keys];
}

/** The key with one letter removed, added, changed, or swapped with the next. */
function slips(key: string): readonly string[] {
  const typos = new Set<string>();
  for (let at = 0; at <= key.length; at++) {
    typos.add(key.slice(0, at) + key.slice(at + 1));
    typos.add(`${key.slice(0, at)}x${key.slice(at)}`);
    typos.add(`${key.slice(0, at)}q${key.slice(at + 1)}`);
    typos.add(key.slice(0, at) + key.slice(at + 1, at + 2) + key.slice(at, at + 1) + key.slice(at + 2));
  }
  typos.delete(key);
  typos.delete('');
  return [...typos];
}

/** The value with the last key of a path renamed. */
function renamed(value: Located, [first, ...rest]: Path, name: string): Located {
  if (value.kind === 'list')
    return { ...value, items: value.items.map((item, index) => (index === first ? renamed(item, rest, name) : item)) };
  if (value.kind !== 'map') return value;
  const entries = [...value.entries].map(([key, entry]): [string, Entry] => {
    if (key !== first) return [key, entry];
    return rest.length === 0 ? [name, entry] : [key, { ...entry, value: renamed(entry.value, rest, name) }];
  });
  return { ...value, entries: new Map(entries) };
}

function entryAt(value: Located, [first, ...rest]: Path): Entry | undefined {
  if (value.kind === 'list') {
    const item = value.items[Number(first)];
    return item === undefined ? undefined : entryAt(item, rest);
  }
  const entry = value.kind === 'map' ? value.entries.get(String(first)) : undefined;
  return rest.length === 0 || entry === undefined ? entry : entryAt(entry.value, rest);
}

/** fx's problems with one environment merged over the base. */
function problemsOf(base: LocatedMap, environment: LocatedMap): readonly Problem[] {
  const problems: Problem[] = [];
  const reading = {
    problem: (at: Problem['at'], message: string, hint?: string) =>
      problems.push(hint === undefined ? { at, message } : { at, message, hint }),
  };
  projectSchema.keys?.(base, reading);
  projectSchema.keys?.(environment, reading);
  problems.push(...readAll(projectSchema, withDefaults(mergeLayer(base, environment))).problems);
  return problems;
}

const empty: LocatedMap = { kind: 'map', at: example.at, entries: new Map() };
const base = without(example, 'environments', 'include');
const environments = entryAt(example, ['environments'])?.value as LocatedMap;

/** `region` is no typo of `regions`, nor `authorizer` of the `authorizers` of an API. */
function isKeyOfItsOwn(slip: string, path: Path): boolean {
  if (path.length === 1) return Object.hasOwn((projectSchema.json as Node).properties ?? {}, slip);
  if (isEventKind(path)) return Object.hasOwn(eventSources, slip);
  return slip === 'authorizer' && path.at(-1) === 'authorizers';
}

function isEventKind(path: Path): boolean {
  return path.at(-3) === 'events' && Object.hasOwn(eventSources, String(path.at(-1)));
}

/** Kinds of two or three letters: a slip of one, such as `ss`, is as near to others. */
const shortKinds = Object.keys(eventSources).filter((kind) => kind.length <= 3);

/** The part of the project in which a key is: of all functions and events the one that has it, so that each of the many cases is quick. */
function around(value: LocatedMap, path: Path): { readonly part: LocatedMap; readonly within: Path } {
  const [section, name, events, index, ...rest] = path;
  const kept = [...value.entries].filter(([key]) => key === 'name' || key === section);
  if (section !== 'functions' || name === undefined) {
    return { part: path.length === 1 ? value : { ...value, entries: new Map(kept) }, within: path };
  }
  const only = (map: Located | undefined, key: string, changed?: Located): LocatedMap => {
    const entry = map?.kind === 'map' ? map.entries.get(key) : undefined;
    if (map?.kind !== 'map' || entry === undefined) throw new Error(`no ${key}`);
    return { ...map, entries: new Map([[key, changed === undefined ? entry : { ...entry, value: changed }]]) };
  };
  const functions = entryAt(value, ['functions'])?.value;
  const list = entryAt(value, ['functions', name, 'events'])?.value;
  const fn = entryAt(value, ['functions', name])?.value;
  const one = list?.kind === 'list' && events === 'events' ? list.items[Number(index)] : undefined;
  const changed =
    one === undefined || list === undefined
      ? fn
      : only(fn, 'events', { ...(list as Located & { kind: 'list' }), items: [one] });
  const part = renewed({ ...value, entries: new Map(kept) }, 'functions', only(functions, String(name), changed));
  return { part, within: one === undefined ? path : [section, name, events as string, 0, ...rest] };
}

function renewed(map: LocatedMap, key: string, value: Located): LocatedMap {
  const entry = map.entries.get(key);
  if (entry === undefined) throw new Error(`no ${key}`);
  return { ...map, entries: new Map([...map.entries, [key, { ...entry, value }]]) };
}

/** Where a key is, whichever function and event has it. */
const place = ([section, name, ...rest]: Path): string =>
  [section, section === 'functions' ? '*' : name, ...rest.map((step) => (typeof step === 'number' ? '*' : step))].join(
    '.',
  );

/** Keys for whose typos fx suggests no key. */
function unreported(value: LocatedMap, asProblems: (changed: LocatedMap) => readonly Problem[]): readonly string[] {
  const byPlace = new Map(keysIn(value, projectSchema.json as Node).map((path) => [place(path), path]));
  return [...byPlace.values()].flatMap((path) => {
    const key = String(path.at(-1));
    const written = entryAt(value, path)?.keyAt;
    const { part, within } = around(value, path);
    const others = Object.keys((projectSchema.json as Node).properties ?? {});
    return slips(key).flatMap((slip) => {
      if (isKeyOfItsOwn(slip, path)) return [];
      const problems = asProblems(renamed(part, within, slip) as LocatedMap).filter(
        ({ at }) => at.line === written?.line && at.column === written.column,
      );
      // the hint's list of all keys contains the right one, but does not single it out
      const near =
        path.length === 1
          ? others.filter((other) => other.startsWith(key) || key.startsWith(other))
          : key === 'authorizer'
            ? ['authorizers'] // as near, if the API has neither
            : isEventKind(path) && key.length <= 3
              ? shortKinds
              : [];
      const names = ({ message, hint = '' }: Problem) =>
        [key, ...near].some((name) => hint.startsWith(`did you mean "${name}"?`)) ||
        message.endsWith(`is called \`${key}\` here`);
      return problems.some(names)
        ? []
        : [`${path.join('.')} as ${slip}: ${problems.map(({ message, hint }) => `${message} | ${hint}`).join('; ')}`];
    });
  });
}

describe('each typo in each key is reported with a suggestion', () => {
  test('of the project', () => {
    expect(keysIn(base, projectSchema.json as Node).length).toBeGreaterThan(150);
    expect(unreported(base, (changed) => problemsOf(changed, empty))).toEqual([]);
  }, 120_000);

  test.each([...environments.entries.keys()])('of the environment %s', (name) => {
    const environment = environments.entries.get(name)?.value as LocatedMap;
    expect(unreported(environment, (changed) => problemsOf(base, changed))).toEqual([]);
  });

  test('of the properties of a resource', async () => {
    const flow = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}';
    const flows = { 'flows/checkout.asl.yml': flow, 'flows/short.asl.json': flow };
    const more = { 'more/outputs.yml': 'outputs: {}\n', ...flows };
    const folder = await folderOf({ 'project.yml': text, ...more });
    const project = await load(folder);
    const missed: string[] = [];
    const seen = new Set<string>();
    for (const [id, resource] of project.resources) {
      for (const key of Object.keys(resource.Properties ?? {})) {
        if (seen.has(`${resource.Type}.${key}`)) continue;
        seen.add(`${resource.Type}.${key}`);
        for (const slip of slips(key)) {
          const properties = Object.fromEntries(
            Object.entries(resource.Properties ?? {}).map(([name, value]) => [name === key ? slip : name, value]),
          );
          const changed = new Map(project.resources).set(id, { ...resource, Properties: properties });
          const problems = compileProblems({ ...project, resources: changed });
          if (!problems.some(({ hint }) => hint?.startsWith(`did you mean "${key}"?`)))
            missed.push(`${id}.${key} as ${slip}`);
        }
      }
    }
    expect(missed).toEqual([]);
  }, 120_000);
});

function compileProblems(project: Project): readonly Problem[] {
  try {
    compile({ project, recipe: recipeFor(project), schemas });
    return [];
  } catch (error) {
    if (error instanceof FxError) return error.problems;
    throw error;
  }
}

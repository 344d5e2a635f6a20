// Replaces every lookup of a project. A lookup, not a language: a name, and an optional default if the name does not exist.
// Each lookup runs once, all in parallel; a cycle is reported as a path.
import { dirname, resolve } from 'node:path';
import { FxError, type Problem } from '../../base/error.ts';
import {
  type Entry,
  expandsTooFar,
  type Located,
  type LocatedMap,
  type LocatedScalar,
  type Scalar,
  valueAt,
} from '../../base/located.ts';
import { lookupSources } from './index.ts';
import { noLookup, noParam } from './no-lookup.ts';
import type { LookupPlace, LookupResult, LookupSource, LookupWorld, Missing } from './source.ts';
import { hasLookup, type Lookup, type Part, parseText, UnclosedLookup } from './text.ts';

/** A longer chain of params leads nowhere. */
const longestTrail = 50;
/** CloudFormation's templates are limited to a million bytes. */
const longestText = 200_000;

type Resolution = { readonly value: Located } | Missing;
type Trail = readonly string[];

export interface Resolved {
  readonly value: LocatedMap;
  readonly problems: readonly Problem[];
  /** Those of them that the deploy of another project solves. */
  readonly awaited: ReadonlySet<Problem>;
}

/** `shownFrom` is the folder to which the files of spans are relative. */
export async function resolveLookups(root: LocatedMap, world: LookupWorld, shownFrom: string): Promise<Resolved> {
  return new Resolver(world, shownFrom).resolve(root);
}

interface Task {
  readonly scalar: LocatedScalar;
  readonly place: LookupPlace;
  answer?: Located;
}

class Resolver {
  readonly #world: LookupWorld;
  readonly #shownFrom: string;
  readonly #problems: Problem[] = [];
  readonly #awaited = new Set<Problem>();
  readonly #parsed = new Map<string, readonly Part[] | undefined>();
  /** Results of lookups outside the file, by kind, name and position. */
  readonly #results = new Map<string, Promise<LookupResult>>();
  /** Resolved params, by name and position. */
  readonly #params = new Map<string, Resolution>();

  constructor(world: LookupWorld, shownFrom: string) {
    this.#world = world;
    this.#shownFrom = shownFrom;
  }

  async resolve(root: LocatedMap): Promise<Resolved> {
    const tasks: Task[] = [];
    const rebuild = this.#collect(root, { folder: this.#world.folder, functionName: undefined }, [], tasks);
    await Promise.all(tasks.map((task) => this.#run(task)));
    const value = rebuild() as LocatedMap;
    if (tasks.length > 0 && this.#problems.length === 0 && expandsTooFar(value)) {
      this.#problems.push({ at: value.at, message: 'the lookups of this project expand to more than fx reads' });
      // later steps would never reach the end of it
      return { value: root, problems: this.#problems, awaited: this.#awaited };
    }
    return { value, problems: this.#problems, awaited: this.#awaited };
  }

  async #run(task: Task): Promise<void> {
    const { scalar, place } = task;
    const answer = await this.#text(scalar, place, []).catch((error: unknown) => {
      // report an outside failure at the line of the lookup
      if (!(error instanceof FxError) || error.problems.length > 0) throw error;
      const problems = [{ at: scalar.at, message: `${scalar.value} could not be looked up` }];
      const { hint, cause } = error;
      throw new FxError(error.code, error.message, { problems, cause, ...(hint === undefined ? {} : { hint }) });
    });
    if ('value' in answer) task.answer = answer.value;
    else {
      const { message, hint, awaited } = answer;
      const problem = { at: scalar.at, message, ...(hint === undefined ? {} : { hint }) };
      this.#problems.push(problem);
      if (awaited !== undefined) this.#awaited.add(problem);
    }
  }

  /** Collects the texts with lookups. Returns a function that rebuilds the value when all are resolved. Keeps values without lookups. */
  #collect(value: Located, place: LookupPlace, path: readonly string[], tasks: Task[]): () => Located {
    const keep = () => value;
    if (value.kind === 'scalar') {
      if (typeof value.value !== 'string' || !hasLookup(value.value)) return keep;
      const task: Task = { scalar: value, place: { ...place, folder: this.#folderOf(value) } };
      tasks.push(task);
      return () => task.answer ?? { ...value, value: '' };
    }
    const before = tasks.length;
    if (value.kind === 'list') {
      const items = value.items.map((item) => this.#collect(item, place, path, tasks));
      return tasks.length === before ? keep : () => ({ ...value, items: items.map((rebuild) => rebuild()) });
    }
    // most of a project has no lookups: only values with lookups are rebuilt
    const changed: [key: string, entry: Entry, rebuild: () => Located][] = [];
    for (const [key, entry] of value.entries) {
      const already = tasks.length;
      if (hasLookup(key)) this.#refuseKey(key, entry);
      const inFunction = this.#inFunction(key, place, path);
      const below = path.length < 2 ? [...path, key] : path;
      const rebuild =
        key === 'Fn::Sub'
          ? this.#collectSub(entry.value, place, path, tasks)
          : this.#collect(entry.value, inFunction, below, tasks);
      if (tasks.length > already) changed.push([key, entry, rebuild]);
    }
    if (changed.length === 0) return keep;
    return () => {
      const entries = new Map(value.entries);
      for (const [key, entry, rebuild] of changed) entries.set(key, { ...entry, value: rebuild() });
      return { ...value, entries };
    };
  }

  /** `defaults` stay for the schema to check: there, `${function}` may be any function. */
  #inFunction(key: string, place: LookupPlace, path: readonly string[]): LookupPlace {
    if (path.length === 1 && path[0] === 'functions') return { ...place, functionName: key };
    if (path.length > 0 || key !== 'defaults') return place;
    const functions = this.#world.root.entries.get('functions')?.value;
    const [first] = functions?.kind === 'map' ? functions.entries.keys() : [];
    return { ...place, functionName: first ?? 'function' };
  }

  /** Neither fx nor CloudFormation replaces lookups in a key, so AWS would get it unchanged. */
  #refuseKey(key: string, { keyAt }: Entry): void {
    const message = `a lookup has no place in a key: ${JSON.stringify(key)}`;
    this.#problems.push({ at: keyAt, message, hint: 'lookups work in values only; write the key out' });
  }

  /** The text of a Sub, with its ${…}, belongs to CloudFormation; the values of its variables may contain lookups. */
  #collectSub(value: Located, place: LookupPlace, path: readonly string[], tasks: Task[]): () => Located {
    if (value.kind !== 'list') return () => value;
    const items = value.items.map((item, index) =>
      index === 0 ? () => item : this.#collect(item, place, path, tasks),
    );
    return () => ({ ...value, items: items.map((rebuild) => rebuild()) });
  }

  #folderOf({ at }: Located): string {
    return resolve(this.#shownFrom, dirname(at.file));
  }

  /** A text that is one lookup becomes its value, of any type; in any other text, values are inserted. */
  async #text(scalar: LocatedScalar, place: LookupPlace, trail: Trail): Promise<Resolution> {
    const text = String(scalar.value);
    const parts = this.#parse(text);
    if (parts === undefined) {
      return {
        message: `unclosed \${, or lookups nested more than 10 deep, in ${JSON.stringify(text.slice(0, 80))}`,
        hint: 'close it with }, or write $${ for a plain ${',
      };
    }
    const [only, ...more] = parts;
    if (only !== undefined && more.length === 0 && typeof only !== 'string') {
      const answer = await this.#look(only, place, trail);
      if (!('value' in answer)) return answer;
      // a scalar gets the place of the lookup; a map or list keeps the places of its values
      if (answer.value.kind !== 'scalar') return answer;
      const via = sourcesOf(answer.value);
      return { value: { kind: 'scalar', at: scalar.at, value: answer.value.value, lookup: text, via } };
    }
    const sources: string[] = [];
    const joined = await this.#join(parts, place, trail, sources);
    if (typeof joined !== 'string') return joined;
    const changed = parts.some((part) => typeof part !== 'string');
    return { value: { ...scalar, value: joined, ...(changed ? { lookup: text, via: sources.join(' ') } : {}) } };
  }

  /** In sequence, so that a lookup shared by two parts is resolved once. */
  async #join(
    parts: readonly Part[],
    place: LookupPlace,
    trail: Trail,
    sources: string[] = [],
  ): Promise<string | Missing> {
    let text = '';
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const answer = await this.#look(part, place, trail);
      if (!('value' in answer)) return answer;
      if (answer.value.kind !== 'scalar') {
        return {
          message: `${part.text} is a ${answer.value.kind}, which cannot be part of a text`,
          hint: 'make the lookup the whole value',
        };
      }
      text += String(answer.value.value);
      sources.push(sourcesOf(answer.value));
      if (text.length > longestText) return { message: `${part.text} makes a text of over ${longestText} characters` };
    }
    return text;
  }

  async #look(lookup: Lookup, place: LookupPlace, trail: Trail): Promise<Resolution> {
    const name = await this.#join(lookup.name, place, trail);
    if (typeof name !== 'string') return name;
    const answer = await this.#named(name, place, trail);
    if ('value' in answer || answer.refused || lookup.fallback === undefined) return answer;
    const fallback = lookup.fallback;
    const [only, ...more] = fallback;
    if (only !== undefined && more.length === 0 && typeof only !== 'string') return this.#look(only, place, trail);
    const sources: string[] = [];
    const text = await this.#join(fallback, place, trail, sources);
    return typeof text === 'string' ? { value: { ...lookedUp(text, lookup.text), via: sources.join(' ') } } : text;
  }

  async #named(name: string, place: LookupPlace, trail: Trail): Promise<Resolution> {
    // both may contain lookups
    if (name === 'name' || name.startsWith('params.')) return this.#param(name, place, trail);
    const isOfName = (source: LookupSource) => source.matches(name) !== undefined;
    const source = lookupSources.find(isOfName) ?? (await this.#world.pluginLookups()).find(isOfName);
    if (source === undefined) return noLookup(name);
    const answer = await this.#once(source, source.matches(name) ?? [], name, place);
    return 'plain' in answer ? { value: lookedUp(answer.plain, `\${${name}}`) } : answer;
  }

  #once(source: LookupSource, argument: readonly string[], name: string, place: LookupPlace): Promise<LookupResult> {
    const where =
      source.perPlace === 'folder' ? place.folder : source.perPlace === 'function' ? place.functionName : '';
    const key = `${where}\0${name}`;
    let promise = this.#results.get(key);
    if (promise === undefined) {
      promise = Promise.resolve(source.find(argument, this.#world, place));
      this.#results.set(key, promise);
    }
    return promise;
  }

  async #param(name: string, place: LookupPlace, trail: Trail): Promise<Resolution> {
    const start = trail.indexOf(name);
    if (start >= 0) {
      return {
        message: `lookups form a cycle: ${[...trail.slice(start), name].join(' → ')}`,
        hint: 'give one of them a value',
        refused: true,
      };
    }
    if (trail.length >= longestTrail)
      return { message: `\${${name}} is the end of a chain of over ${longestTrail} params`, refused: true };
    const key = `${place.functionName ?? ''}\0${name}`;
    const known = this.#params.get(key);
    if (known !== undefined) return known;
    const target = valueAt(this.#world.root, name.split('.'));
    if (target === undefined || (target.kind === 'scalar' && target.value === null)) {
      return noParam(name, this.#world.root);
    }
    const answer = await this.#inside(target, place, [...trail, name]);
    // the end of a cycle is wrong only for this path
    if ('value' in answer || trail.length === 0) this.#params.set(key, answer);
    return answer;
  }

  /** The lookups in the value of a param. */
  async #inside(value: Located, place: LookupPlace, trail: Trail): Promise<Resolution> {
    if (value.kind === 'scalar') {
      if (typeof value.value !== 'string' || !hasLookup(value.value)) return { value };
      return this.#text(value, { ...place, folder: this.#folderOf(value) }, trail);
    }
    if (value.kind === 'list') {
      const items: Located[] = [];
      for (const item of value.items) {
        const answer = await this.#inside(item, place, trail);
        if (!('value' in answer)) return answer;
        items.push(answer.value);
      }
      return { value: { ...value, items } };
    }
    const entries = new Map(value.entries);
    for (const [key, entry] of value.entries) {
      const answer = await (key === 'Fn::Sub' ? this.#insideSub : this.#inside).call(this, entry.value, place, trail);
      if (!('value' in answer)) return answer;
      entries.set(key, { ...entry, value: answer.value });
    }
    return { value: { ...value, entries } };
  }

  /** As in `#collectSub`: the text belongs to CloudFormation, the values of its variables to fx. */
  async #insideSub(value: Located, place: LookupPlace, trail: Trail): Promise<Resolution> {
    if (value.kind !== 'list') return { value };
    const [text, ...variables] = value.items;
    const answer = await this.#inside({ ...value, items: variables }, place, trail);
    if (text === undefined || !('value' in answer) || answer.value.kind !== 'list') return answer;
    return { value: { ...value, items: [text, ...answer.value.items] } };
  }

  #parse(text: string): readonly Part[] | undefined {
    if (this.#parsed.has(text)) return this.#parsed.get(text);
    let parts: readonly Part[] | undefined;
    try {
      parts = parseText(text);
    } catch (error) {
      if (!(error instanceof UnclosedLookup)) throw error;
    }
    this.#parsed.set(text, parts);
    return parts;
  }
}

/** All lookups through which a value came. */
function sourcesOf({ lookup = '', via = '' }: LocatedScalar): string {
  return via === '' ? lookup : `${lookup} ${via}`;
}

/** A looked-up value without a position: the lookup's position becomes its position. */
function lookedUp(value: Scalar, lookup: string): LocatedScalar {
  return { kind: 'scalar', at: { file: '', line: 1, column: 1, length: 1 }, value, lookup };
}

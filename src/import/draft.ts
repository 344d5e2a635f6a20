// The project.yml under way: values with their place in the source, comments, and findings.
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import type { Cursor } from './cursor.ts';
import { type Finding, type FindingKind, findingKey } from './finding.ts';
import { readable } from './lookup-text.ts';

export type Path = readonly (string | number)[];
export type Tree = { [key: string]: Tree } | Tree[] | string | number | boolean | null;

const keyOf = (path: Path) => path.join('\0');

/** Where a finding belongs in the source. */
export interface Place {
  readonly path: string;
  readonly at: Span;
}

export interface Told {
  readonly remedy?: string;
  /** Where in project.yml a comment says it too. */
  readonly beside?: Path | undefined;
}

export class Draft {
  readonly root: { [key: string]: Tree } = {};
  readonly #comments = new Map<string, string[]>();
  readonly #origins = new Map<string, Place>();
  readonly #findings = new Map<string, Finding>();

  /** Sets a value; maps on the way are made. An undefined value sets nothing. */
  set(path: Path, value: Plain | undefined, place?: Place): void {
    if (value === undefined) return;
    let current = this.root as { [key: string]: Tree };
    for (const step of path.slice(0, -1)) {
      const next = current[String(step)];
      if (typeof next !== 'object' || next === null) current[String(step)] = {};
      current = current[String(step)] as { [key: string]: Tree };
    }
    current[String(path.at(-1))] = structuredClone(value) as Tree;
    if (place !== undefined) this.#origins.set(keyOf(path), place);
  }

  get(path: Path): Tree | undefined {
    let current: Tree | undefined = this.root;
    for (const step of path) {
      if (typeof current !== 'object' || current === null) return undefined;
      current = (current as { [key: string]: Tree })[String(step)];
    }
    return current;
  }

  has(path: Path): boolean {
    return this.get(path) !== undefined;
  }

  /** Adds to a list. Returns the path of the item. */
  push(path: Path, value: Plain, place?: Place): Path {
    const list = this.get(path);
    if (!Array.isArray(list)) this.set(path, []);
    const items = this.get(path) as Tree[];
    items.push(structuredClone(value) as Tree);
    const item = [...path, items.length - 1];
    if (place !== undefined) this.#origins.set(keyOf(item), place);
    return item;
  }

  /** Merges maps; other values replace. */
  merge(path: Path, value: Plain, place?: Place): void {
    const old = this.get(path);
    if (isMap(value) && old !== undefined && typeof old === 'object' && old !== null && !Array.isArray(old)) {
      for (const [key, item] of Object.entries(value)) this.merge([...path, key], item as Plain);
    } else this.set(path, value, place);
  }

  remove(path: Path): Tree | undefined {
    const parent = this.get(path.slice(0, -1));
    const last = path.at(-1);
    if (typeof parent !== 'object' || parent === null || last === undefined) return undefined;
    const old = (parent as { [key: string]: Tree })[String(last)];
    if (Array.isArray(parent)) {
      parent.splice(Number(last), 1);
      this.#shift(path.slice(0, -1), Number(last));
    } else delete parent[String(last)];
    return old;
  }

  /** What is beside the items of a list moves with them. */
  #shift(list: Path, removed: number): void {
    const prefix = `${keyOf(list)}\0`;
    const moved = <T>(map: Map<string, T>) => {
      for (const [key, value] of [...map]) {
        if (!key.startsWith(prefix)) continue;
        const [index = '', ...rest] = key.slice(prefix.length).split('\0');
        if (Number(index) < removed) continue;
        map.delete(key);
        if (Number(index) > removed) map.set([list.join('\0'), Number(index) - 1, ...rest].join('\0'), value);
      }
    };
    moved(this.#origins);
    moved(this.#comments);
  }

  comment(path: Path, text: string): void {
    const key = keyOf(path);
    const all = this.#comments.get(key) ?? [];
    if (!all.includes(text)) this.#comments.set(key, [...all, text]);
  }

  commentsAt(path: Path): readonly string[] {
    return this.#comments.get(keyOf(path)) ?? [];
  }

  origin(path: Path, place: Place): void {
    this.#origins.set(keyOf(path), place);
  }

  /** The place in the source of a value, or of what is around it. */
  placeOf(path: Path): Place | undefined {
    const own = this.#origins.get(keyOf(path));
    if (own !== undefined) return own;
    const prefix = `${keyOf(path)}\0`;
    for (const [key, place] of this.#origins) if (key.startsWith(prefix)) return place;
    for (let length = path.length; length > 0; length--) {
      const place = this.#origins.get(keyOf(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return undefined;
  }

  carried(place: Place, message: string): void {
    this.#add('carried', place, message, {});
  }

  changed(place: Place, message: string, told: Told = {}): void {
    this.#add('changed', place, message, told);
  }

  dropped(place: Place, message: string, told: Told = {}): void {
    // what was carried over at first is not any more
    for (const [key, { kind, path }] of this.#findings) {
      if (kind === 'carried' && path === place.path) this.#findings.delete(key);
    }
    this.#add('dropped', place, message, told);
  }

  #add(kind: FindingKind, { path, at }: Place, said: string, told: Told): void {
    const { beside } = told;
    // a value in a message is as project.yml has it
    const message = readable(said);
    const remedy = told.remedy === undefined ? undefined : readable(told.remedy);
    const finding: Finding = { kind, path, at, message, ...(remedy === undefined ? {} : { remedy }) };
    this.#findings.set(findingKey(finding), finding);
    if (beside !== undefined) this.comment(beside, remedy === undefined ? message : `${message}: ${remedy}`);
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  adopt(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const key = findingKey(finding);
      if (!this.#findings.has(key)) this.#findings.set(key, finding);
    }
  }
}

/** A place from a cursor, or of one of its keys. */
export const placeOf = ({ path, at }: Cursor): Place => ({ path, at });

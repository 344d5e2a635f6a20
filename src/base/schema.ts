// Schemas of what a user may write: each reads a value and reports all its problems. A schema is closed: an unknown key is a
// problem that suggests the nearest known key. The same schema is published as JSON Schema.
import type { Problem, Span } from './error.ts';
import { type Located, type LocatedScalar, type Plain, type Scalar, toPlain } from './located.ts';
import { nearest } from './suggest.ts';
import { unknownKey } from './unknown-key.ts';

/** Collects the problems found while reading. */
export interface Reading {
  problem(at: Span, message: string, hint?: string): void;
}

export interface Schema<T> {
  /** Reads a value. Returns undefined if it is wrong, after at least one problem was reported. */
  read(value: Located, reading: Reading): T | undefined;
  /** The same as JSON Schema (draft 2020-12), with keywords for the reference: `expected`, `elsewhere`, `aws`, and an `example` with its key.
   * The published schema for editors is derived from it. */
  readonly json: JsonSchema;
  /** In a few words, for "expected …". */
  readonly expected: string;
  /** Reports unknown keys in a part of a value: an overlay that removes keys has no value to read. */
  keys?(value: Located, reading: Reading): void;
}
export type JsonSchema = { readonly [key: string]: unknown };

/** Reads with a schema. The value is valid only if there are no problems. */
export function readAll<T>(
  schema: Schema<T>,
  value: Located,
): { readonly value: T | undefined; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const read = schema.read(value, {
    problem: (at, message, hint) => problems.push(hint === undefined ? { at, message } : { at, message, hint }),
  });
  return { value: read, problems };
}

const longestShown = 80;

/** A value, as shown in a message. */
export function shown(value: Located): string {
  if (value.kind !== 'scalar') return `a ${value.kind}`;
  const text = JSON.stringify(value.value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

export function mismatch(value: Located, expected: string, reading: Reading): undefined {
  const from = value.kind === 'scalar' && value.lookup !== undefined ? ` (${value.lookup})` : '';
  reading.problem(value.at, `expected ${expected}, found ${shown(value)}${from}`);
  return undefined;
}

/** A scalar of the expected type. A written value keeps its type; a looked-up one is converted. */
function scalarAs(value: Located, type: 'string' | 'number' | 'boolean'): Scalar | undefined {
  if (value.kind !== 'scalar') return undefined;
  const { value: scalar, lookup } = value as LocatedScalar;
  if (lookup === undefined || scalar === null || typeof scalar === type) return scalar;
  if (type === 'string') return String(scalar);
  if (type === 'boolean') return scalar === 'true' ? true : scalar === 'false' ? false : scalar;
  return typeof scalar === 'string' && /^-?\d+(\.\d+)?$/.test(scalar) ? Number(scalar) : scalar;
}

export interface TextRules {
  readonly pattern?: RegExp;
  readonly expected?: string;
  readonly longest?: number;
  readonly about?: string;
}

export function text(rules: TextRules = {}): Schema<string> {
  const expected = rules.expected ?? 'text';
  return {
    expected,
    json: {
      type: 'string',
      ...(rules.expected === undefined ? {} : { expected }),
      ...(rules.pattern === undefined ? {} : { pattern: rules.pattern.source }),
      ...(rules.longest === undefined ? {} : { maxLength: rules.longest }),
      ...(rules.about === undefined ? {} : { description: rules.about }),
    },
    read(value, reading) {
      const scalar = scalarAs(value, 'string');
      if (typeof scalar !== 'string') return mismatch(value, expected, reading);
      if (rules.pattern !== undefined && !rules.pattern.test(scalar)) return mismatch(value, expected, reading);
      if (rules.longest !== undefined && scalar.length > rules.longest) {
        return mismatch(value, `${expected} of at most ${rules.longest} characters`, reading);
      }
      return scalar;
    },
  };
}

export function integer(rules: {
  readonly least: number;
  readonly most: number;
  readonly about?: string;
}): Schema<number> {
  const expected = `a whole number from ${rules.least} to ${rules.most}`;
  return {
    expected,
    json: {
      type: 'integer',
      expected,
      minimum: rules.least,
      maximum: rules.most,
      ...(rules.about === undefined ? {} : { description: rules.about }),
    },
    read(value, reading) {
      const number = scalarAs(value, 'number');
      if (typeof number !== 'number' || !Number.isInteger(number) || number < rules.least || number > rules.most) {
        return mismatch(value, expected, reading);
      }
      return number;
    },
  };
}

export function oneOf<const T extends readonly (string | number)[]>(
  choices: T,
  about?: string,
  annotations: Annotations = {},
): Schema<T[number]> {
  const expected = choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`;
  return {
    expected,
    json: { enum: choices, ...(about === undefined ? {} : { description: about }), ...annotations },
    read(value, reading) {
      for (const type of ['string', 'number'] as const) {
        const scalar = scalarAs(value, type);
        if (choices.includes(scalar as never)) return scalar as T[number];
      }
      const suggestion = value.kind === 'scalar' ? nearest(String(value.value), choices.map(String)) : undefined;
      if (value.kind !== 'scalar' || suggestion === undefined) return mismatch(value, expected, reading);
      reading.problem(value.at, `expected ${expected}, found ${shown(value)}`, `did you mean ${suggestion}?`);
      return undefined;
    },
  };
}

export const flag: Schema<boolean> = {
  expected: 'true or false',
  json: { type: 'boolean' },
  read(value, reading) {
    const scalar = scalarAs(value, 'boolean');
    return typeof scalar === 'boolean' ? scalar : mismatch(value, 'true or false', reading);
  },
};

/** Any value, unchanged: CloudFormation reads it, or a later step checks it with more knowledge. */
export const verbatim: Schema<Plain> = { expected: 'a value', json: {}, read: (value) => toPlain(value) };

/** What editors and the reference show for a key besides its description. */
export interface Annotations {
  readonly default?: Plain;
  readonly examples?: readonly Plain[];
  /** AWS's documentation of it. */
  readonly aws?: `https://docs.aws.amazon.com/${string}`;
  /** For a choice: a sentence about each value. */
  readonly enumDescriptions?: readonly string[];
}

/** The same schema with a sentence for editors, its default and examples. */
export function described<T>(about: string, schema: Schema<T>, annotations: Annotations = {}): Schema<T> {
  return { ...schema, json: { ...schema.json, description: about, ...annotations } };
}

/** A value with its place, for readers that check it later. */
export function located<T>(schema: Schema<T>): Schema<{ readonly value: T; readonly at: Span }> {
  return {
    expected: schema.expected,
    json: schema.json,
    read(value, reading) {
      const read = schema.read(value, reading);
      return read === undefined ? undefined : { value: read, at: value.at };
    },
  };
}

export function list<T>(
  item: Schema<T>,
  rules: { readonly least?: number; readonly most?: number } = {},
): Schema<readonly T[]> {
  const { least = 0, most = Number.POSITIVE_INFINITY } = rules;
  return {
    expected: 'a list',
    json: {
      type: 'array',
      items: item.json,
      ...(rules.least === undefined ? {} : { minItems: least }),
      ...(rules.most === undefined ? {} : { maxItems: most }),
    },
    read(value, reading) {
      if (value.kind !== 'list') return mismatch(value, `a list of ${item.expected}`, reading);
      if (value.items.length < least || value.items.length > most) {
        const bound = value.items.length < least ? `at least ${least}` : `at most ${most}`;
        reading.problem(value.at, `expected ${bound} here, found ${value.items.length}`);
        return undefined;
      }
      const items = value.items.map((element) => item.read(element, reading));
      return items.includes(undefined) ? undefined : (items as T[]);
    },
  };
}

/** A map whose keys the user chooses. */
export function mapOf<T>(
  item: Schema<T>,
  key: { readonly pattern: RegExp; readonly expected: string } = { pattern: /./, expected: 'a name' },
): Schema<ReadonlyMap<string, T>> {
  return {
    expected: 'a map',
    json: {
      type: 'object',
      additionalProperties: item.json,
      propertyNames: { pattern: key.pattern.source, expected: key.expected },
    },
    keys(value, reading) {
      if (value.kind !== 'map') return;
      for (const entry of value.entries.values()) item.keys?.(entry.value, reading);
    },
    read(value, reading) {
      if (value.kind !== 'map') return mismatch(value, 'a map', reading);
      const read = new Map<string, T>();
      let whole = true;
      for (const [name, entry] of value.entries) {
        if (!key.pattern.test(name)) {
          reading.problem(entry.keyAt, `${JSON.stringify(name)} is not ${key.expected}`);
          whole = false;
        }
        const element = item.read(entry.value, reading);
        if (element === undefined) whole = false;
        else read.set(name, element);
      }
      return whole ? read : undefined;
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a field's type is inferred from its schema
type Fields = Readonly<Record<string, Schema<any>>>;
type Optional<F extends Fields> = { readonly [K in keyof F]?: F[K] extends Schema<infer T> ? T : never };
type Required<F extends Fields> = { readonly [K in keyof F]: F[K] extends Schema<infer T> ? T : never };
export type Read<S> = S extends Schema<infer T> ? T : never;

/** Suggestions take time; a map with more unknown keys than this is something else altogether. */
const mostUnknown = 100;

/** A map with known keys, closed unless it says otherwise. A key whose value is null counts as absent. */
export function object<R extends Fields, O extends Fields>(fields: {
  readonly required: R;
  readonly optional: O;
  readonly about?: string;
  /** Ignores unknown keys: for what fx wrote itself, possibly a newer version. */
  readonly open?: true;
  /** Other tools' or AWS's names of a key: the name in fx, or what to do. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}): Schema<Required<R> & Optional<O>> {
  const all: Fields = { ...fields.required, ...fields.optional };
  const known = Object.keys(all);
  const needed = Object.keys(fields.required);
  return {
    expected: 'a map',
    json: {
      type: 'object',
      properties: Object.fromEntries(known.map((name) => [name, all[name]?.json])),
      ...(fields.open === true ? {} : { additionalProperties: false }),
      ...(needed.length > 0 ? { required: needed } : {}),
      ...(fields.about === undefined ? {} : { description: fields.about }),
      ...(fields.elsewhere === undefined ? {} : { elsewhere: fields.elsewhere }),
    },
    keys(value, reading) {
      if (value.kind !== 'map') return;
      const given = [...value.entries.keys()];
      let unknown = 0;
      for (const [name, entry] of value.entries) {
        const field = Object.hasOwn(all, name) ? all[name] : undefined;
        if (field === undefined && unknown++ < mostUnknown)
          reading.problem(entry.keyAt, ...unknownKey(name, known, { ...fields, given }));
        else field?.keys?.(entry.value, reading);
      }
    },
    read(value, reading) {
      if (value.kind !== 'map') return mismatch(value, `a map with ${known.join(', ')}`, reading);
      const read: Record<string, unknown> = {};
      const given = [...value.entries.keys()];
      let whole = true;
      let unknown = 0;
      for (const [name, entry] of value.entries) {
        const field = Object.hasOwn(all, name) ? all[name] : undefined;
        if (field === undefined) {
          if (fields.open === true) continue;
          if (unknown++ < mostUnknown) reading.problem(entry.keyAt, ...unknownKey(name, known, { ...fields, given }));
          whole = false;
        } else if (entry.value.kind !== 'scalar' || entry.value.value !== null) {
          const element: unknown = field.read(entry.value, reading);
          if (element === undefined) whole = false;
          else read[name] = element;
        }
      }
      for (const name of needed) {
        const entry = value.entries.get(name);
        if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) {
          reading.problem(entry?.keyAt ?? value.at, `missing key "${name}" (${all[name]?.expected})`);
          whole = false;
        }
      }
      return whole ? (read as Required<R> & Optional<O>) : undefined;
    },
  };
}

/** A second way to write something: `convert` returns a value or a problem. */
export function converted<A, B>(
  schema: Schema<A>,
  convert: (value: A) => { readonly value: B } | { readonly wrong: string; readonly hint?: string },
): Schema<B> {
  return {
    ...schema,
    read(value, reading) {
      const read = schema.read(value, reading);
      if (read === undefined) return undefined;
      const result = convert(read);
      if ('value' in result) return result.value;
      reading.problem(value.at, result.wrong, result.hint);
      return undefined;
    },
  };
}

const jsonTypes = { scalar: ['string', 'number', 'boolean'], list: 'array', map: 'object' } as const;

/** Chooses a schema by the YAML node: one for a scalar, others for a list or a map. */
export function byKind<T>(choices: {
  readonly scalar?: Schema<T>;
  readonly list?: Schema<T>;
  readonly map?: Schema<T>;
  readonly expected: string;
}): Schema<T> {
  const alternatives = (['scalar', 'list', 'map'] as const).flatMap((kind): JsonSchema[] => {
    const json = choices[kind]?.json;
    if (json === undefined) return [];
    return [Object.keys(json).length === 0 ? { type: jsonTypes[kind] } : json];
  });
  return {
    expected: choices.expected,
    json: alternatives.length === 1 ? (alternatives[0] ?? {}) : { anyOf: alternatives },
    keys: (value, reading) => choices[value.kind]?.keys?.(value, reading),
    read(value, reading) {
      const schema = choices[value.kind];
      return schema === undefined ? mismatch(value, choices.expected, reading) : schema.read(value, reading);
    },
  };
}

// The intrinsic functions of the JSONPath query language.
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Argument, parseIntrinsic } from '../../cfn/states-intrinsic.ts';
import { StateError } from './state-error.ts';
import { type Values, valueAt } from './values.ts';

type Function = (...args: never[]) => unknown;

// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html#asl-intrsc-func-arrays
const longestRange = 1000;
const encodedCharacters = 10_000;
const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const functions: Readonly<Record<string, Function>> = {
  'States.Array': (...items: unknown[]) => items,
  'States.ArrayContains': (array: unknown, value: unknown) =>
    list(array).some((item) => isDeepStrictEqual(item, value)),
  'States.ArrayGetItem': (array: unknown, index: unknown) => {
    const item = list(array)[integer(index)];
    if (item === undefined) throw new Error(`the index ${index} is outside of the array`);
    return item;
  },
  'States.ArrayLength': (array: unknown) => list(array).length,
  'States.ArrayPartition': (array: unknown, size: unknown) => partition(list(array), integer(size)),
  'States.ArrayRange': (first: unknown, last: unknown, step: unknown) =>
    range(integer(first), integer(last), integer(step)),
  'States.ArrayUnique': (array: unknown) =>
    list(array).filter((item, index, all) => all.findIndex((other) => isDeepStrictEqual(other, item)) === index),
  'States.Base64Decode': (text: unknown) => Buffer.from(short(text), 'base64').toString('utf8'),
  'States.Base64Encode': (text: unknown) => Buffer.from(short(text)).toString('base64'),
  'States.Format': (template: unknown, ...args: unknown[]) => format(string(template), args),
  'States.Hash': (data: unknown, algorithm: unknown) => hash(data, algorithm),
  'States.JsonMerge': (left: unknown, right: unknown, deep: unknown) => {
    if (deep !== false) throw new Error('only shallow merging is supported: the third argument must be false');
    return { ...fields(left), ...fields(right) };
  },
  'States.JsonToString': (value: unknown) => JSON.stringify(value),
  'States.MathAdd': (left: unknown, right: unknown) => integer(left) + integer(right),
  'States.MathRandom': (start: unknown, end: unknown, seed?: unknown) => random(integer(start), integer(end), seed),
  'States.StringSplit': (text: unknown, separators: unknown) => split(string(text), string(separators)),
  'States.StringToJson': (text: unknown) => JSON.parse(string(text)) as unknown,
  'States.UUID': () => randomUUID(),
};

/** The result of a call such as `States.Format('{}', $.name)`. */
export function callIntrinsic(text: string, values: Values): unknown {
  const call = parseIntrinsic(text);
  if (call === undefined) throw failed(text, 'it is no valid call');
  return evaluate(call, text, values);
}

function evaluate(argument: Argument, text: string, values: Values): unknown {
  if (argument.kind === 'value') return argument.value;
  if (argument.kind === 'path') {
    const value = valueAt(argument.path, values);
    if (value === undefined) throw failed(text, `Could not find the path ${argument.path}`);
    return value;
  }
  const args = argument.args.map((inner) => evaluate(inner, text, values));
  try {
    return functions[argument.name]?.(...(args as never[]));
  } catch (error) {
    throw failed(text, error instanceof Error ? error.message : String(error));
  }
}

function failed(text: string, reason: string): StateError {
  return new StateError('States.IntrinsicFailure', `The function '${text}' had the following error: ${reason}`, true);
}

export function partition(items: readonly unknown[], size: number): unknown[][] {
  if (size <= 0) throw new Error('the size of a chunk must be a positive integer');
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

export function range(first: number, last: number, step: number): number[] {
  if (step === 0) throw new Error('the step must not be 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > longestRange) throw new Error(`a range has at most ${longestRange} items`);
  return Array.from({ length }, (_, index) => first + index * step);
}

export function hash(data: unknown, algorithm: unknown): string {
  const name = algorithms[String(algorithm)];
  if (name === undefined) throw new Error(`the algorithm must be one of ${Object.keys(algorithms).join(', ')}`);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return createHash(name).update(short(text)).digest('hex');
}

function random(start: number, end: number, seed: unknown): number {
  if (end <= start) throw new Error('the end must be greater than the start');
  return seed === undefined ? randomInt(start, end) : start + Math.floor(seeded(seed) * (end - start));
}

/** From 0 to 1; the same for the same seed. */
export function seeded(seed: unknown): number {
  return createHash('sha256').update(String(seed)).digest().readUInt32BE() / 2 ** 32;
}

// `\{` and `\}` are braces; `{}` takes the next argument
function format(template: string, args: readonly unknown[]): string {
  let used = 0;
  const text = template.replace(/\\([{}\\'])|\{\}/g, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = args[used++];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      throw new Error('an argument must be a string, a number, a boolean or null');
    }
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (used !== args.length) throw new Error(`the template has ${used} places for ${args.length} arguments`);
  return text;
}

/** Each character of the separators separates. */
function split(text: string, separators: string): string[] {
  if (separators === '') return [text];
  const parts: string[] = [''];
  for (const character of text) {
    if (separators.includes(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${JSON.stringify(value)} must be an array`);
  return value;
}

function fields(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${JSON.stringify(value)} must be a JSON object`);
  }
  return value;
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} must be a string`);
  return value;
}

function short(value: unknown): string {
  const text = string(value);
  if (text.length > encodedCharacters) throw new Error(`a string must have at most ${encodedCharacters} characters`);
  return text;
}

/** AWS rounds to the nearest integer. */
function integer(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`${JSON.stringify(value)} must be a number`);
  return Math.round(value);
}

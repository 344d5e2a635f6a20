// Reads intrinsic functions of the Amazon States Language, such as `States.Format('{}', $.name)`.
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
import { isJsonPath } from './json-path.ts';

export type Argument =
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Argument[] }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null };

export type Call = Argument & { readonly kind: 'call' };

/** The number of arguments of each function. */
const functions: Readonly<Record<string, readonly [least: number, most: number]>> = {
  'States.Array': [0, Number.POSITIVE_INFINITY],
  'States.ArrayContains': [2, 2],
  'States.ArrayGetItem': [2, 2],
  'States.ArrayLength': [1, 1],
  'States.ArrayPartition': [2, 2],
  'States.ArrayRange': [3, 3],
  'States.ArrayUnique': [1, 1],
  'States.Base64Decode': [1, 1],
  'States.Base64Encode': [1, 1],
  'States.Format': [1, Number.POSITIVE_INFINITY],
  'States.Hash': [2, 2],
  'States.JsonMerge': [3, 3],
  'States.JsonToString': [1, 1],
  'States.MathAdd': [2, 2],
  'States.MathRandom': [2, 3],
  'States.StringSplit': [2, 2],
  'States.StringToJson': [1, 1],
  'States.UUID': [0, 0],
};
const deepest = 10;

export function isIntrinsic(text: string): boolean {
  return text.startsWith('States.');
}

/** The call, or undefined if the text is none: an unknown function, a wrong number of arguments, or more than ten calls within
 * one another. */
export function parseIntrinsic(text: string): Call | undefined {
  const reader = new Reader(text);
  const call = reader.argument(1);
  return call?.kind === 'call' && reader.isAtEnd() ? call : undefined;
}

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#take(/\s*/y) !== undefined && this.#position === this.#text.length;
  }

  argument(depth: number): Argument | undefined {
    this.#take(/\s*/y);
    const quoted = this.#take(/'((?:[^'\\]|\\.)*)'/sy);
    if (quoted !== undefined) return { kind: 'value', value: quoted.replace(/\\(['\\])/g, '$1') };
    const literal = this.#take(/(true|false|null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?=\s*[,)])/y);
    if (literal !== undefined) return { kind: 'value', value: JSON.parse(literal) as number };
    const name = this.#take(/(States\.\w+)\s*\(/y);
    if (name !== undefined) return depth > deepest ? undefined : this.#call(name, depth);
    return this.#path();
  }

  #call(name: string, depth: number): Call | undefined {
    const [least, most] = functions[name] ?? [1, 0];
    const args: Argument[] = [];
    if (this.#take(/\s*\)/y) === undefined) {
      for (;;) {
        const argument = this.argument(depth + 1);
        if (argument === undefined) return undefined;
        args.push(argument);
        if (this.#take(/\s*\)/y) !== undefined) break;
        if (this.#take(/\s*,/y) === undefined) return undefined;
      }
    }
    return args.length < least || args.length > most ? undefined : { kind: 'call', name, args };
  }

  #path(): Argument | undefined {
    const path = this.#take(/(\$(?:\[(?:'[^']*'|"[^"]*"|\?\(.*?\)|[^\]'"])*\]|[^,()[\]\s]|\(\))*)/y);
    return path !== undefined && isPath(path) ? { kind: 'path', path } : undefined;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#position = pattern.lastIndex;
    return match[1] ?? match[0];
  }
}

export interface StatesPath {
  /** What the path starts from: the input, the context object, or a variable. */
  readonly root: 'input' | 'context' | { readonly variable: string };
  readonly path: string;
}

/** `$.x` is in the input, `$$.x` in the context object, `$name.x` in a variable.
 * https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
export function splitPath(text: string): StatesPath {
  if (text.startsWith('$$')) return { root: 'context', path: text.slice(1) };
  const [, variable, rest = ''] = /^\$([A-Za-z_]\w*)(.*)$/s.exec(text) ?? [];
  return variable === undefined ? { root: 'input', path: text } : { root: { variable }, path: `$${rest}` };
}

export function isPath(text: string): boolean {
  return text.startsWith('$') && isJsonPath(splitPath(text).path);
}

// Resolves intrinsic functions: completely, or as far as the values are known.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
import { subnets } from './cidr.ts';
import { invalid } from './problem.ts';
import { isMap, type JsonMap } from './template-text.ts';

/** A value that is known only after provisioning. */
export const unknown: unique symbol = Symbol('known after apply');
/** The value of `AWS::NoValue`: its property is left out. */
const noValue: unique symbol = Symbol('AWS::NoValue');

/** What a value may refer to. Each returns `unknown` for what isn't known yet. */
export interface Scope {
  readonly mappings: Readonly<Record<string, Readonly<Record<string, JsonMap>>>>;
  /** A parameter, a pseudo parameter or a resource's physical id; undefined if none has that name. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  importValue(name: string): unknown;
  readonly region: string;
  /** The value with addresses that work on this machine. */
  localized?<T>(value: T): T;
}

/** The value with every function replaced by its result. */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = evaluate(value, scope);
  if (resolved === noValue) return undefined;
  return scope.localized?.(resolved) ?? resolved;
}

/** Whether anything inside is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

export function functionOf(value: unknown): readonly [name: string, argument: unknown] | undefined {
  if (!isMap(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  return entry[0] === 'Ref' || entry[0].startsWith('Fn::') ? entry : undefined;
}

function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope)).filter((item) => item !== noValue);
  if (!isMap(value)) return value;
  const call = functionOf(value);
  if (call !== undefined) {
    const [name, argument] = call;
    const apply = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (apply === undefined) throw unsupportedFunction(name);
    return apply(argument, scope);
  }
  const entries = Object.entries(value).map(([key, item]) => [key, evaluate(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== noValue));
}

export function unsupportedFunction(name: string): Error {
  const supported = Object.keys(functions).filter((known) => known !== 'Ref' && !conditionFunctions.includes(known));
  return invalid(
    `Template format error: Encountered unsupported function: ${name} Supported functions are: [${supported.join(', ')}]`,
  );
}

const conditionFunctions: readonly string[] = ['Fn::And', 'Fn::Equals', 'Fn::Not', 'Fn::Or'];

type Apply = (argument: unknown, scope: Scope) => unknown;

const messages = {
  Ref: 'Template format error: every Ref object must have a single String value.',
  GetAtt:
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  Join: 'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
  Split:
    'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
  Select: 'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
  If: 'Template error: Fn::If requires a list argument with three elements',
  Sub: "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
  SubName:
    'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
  FindInMap:
    'Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
  Base64: 'Template error: every Fn::Base64 object must have a String-typed value.',
  Cidr: 'Template error: every Fn::Cidr object requires two to three parameters: an ipBlock, a count and cidrBits',
  ImportValue: 'Template error: the attribute in Fn::ImportValue must be a string or a function that returns a string',
} as const;

const functions: Readonly<Record<string, Apply>> = {
  'Fn::Base64': (argument, scope) => {
    const text = evaluate(argument, scope);
    if (text === unknown) return unknown;
    if (!isScalar(text)) throw invalid(messages.Base64);
    return Buffer.from(String(text)).toString('base64');
  },
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = getAttArguments(argument);
    const name = evaluate(attribute, scope);
    if (typeof name !== 'string') throw invalid(messages.GetAtt);
    return scope.getAtt(logicalId, name);
  },
  'Fn::GetAZs': (argument, scope) => {
    const region = evaluate(argument, scope);
    if (region === unknown) return unknown;
    return ['a', 'b', 'c'].map((zone) => `${region === '' ? scope.region : region}${zone}`);
  },
  'Fn::ImportValue': (argument, scope) => {
    const name = evaluate(argument, scope);
    if (name === unknown) return unknown;
    if (typeof name !== 'string') throw invalid(messages.ImportValue);
    return scope.importValue(name);
  },
  'Fn::Join': (argument, scope) => {
    const [delimiter, list] = listOf(argument, [2], messages.Join);
    if (typeof delimiter !== 'string') throw invalid(messages.Join);
    const items = evaluate(list, scope);
    if (hasUnknown(items)) return unknown;
    if (!Array.isArray(items) || !items.every(isScalar)) throw invalid(messages.Join);
    return items.join(delimiter);
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter, source] = listOf(argument, [2], messages.Split);
    const text = evaluate(source, scope);
    if (text === unknown) return unknown;
    if (typeof delimiter !== 'string' || delimiter === '' || !isScalar(text)) throw invalid(messages.Split);
    return String(text).split(delimiter);
  },
  'Fn::FindInMap': (argument, scope) => {
    const keys = listOf(argument, [3], messages.FindInMap).map((item) => evaluate(item, scope));
    const [name = '', top = '', second = ''] = keys.map(String);
    const mapping = Object.hasOwn(scope.mappings, name) ? scope.mappings[name] : undefined;
    if (mapping === undefined) {
      throw invalid(`Template error: Mapping named '${name}' is not present in the 'Mappings' section of template.`);
    }
    const entry = Object.hasOwn(mapping, top) ? mapping[top] : undefined;
    if (entry === undefined || !Object.hasOwn(entry, second)) {
      throw invalid(`Template error: Unable to get mapping for ${name}::${top}::${second}`);
    }
    return entry[second];
  },
  'Fn::Select': (argument, scope) => {
    const [first, second] = listOf(argument, [2], messages.Select);
    const index = evaluate(first, scope);
    const list = evaluate(second, scope);
    if (index === unknown || list === unknown) return unknown;
    if (!/^\d+$/.test(String(index)) || !Array.isArray(list)) throw invalid(messages.Select);
    if (Number(index) >= list.length) {
      // For a literal list, CloudFormation reports a malformed argument.
      if (Array.isArray(second)) throw invalid(messages.Select);
      throw invalid(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
    }
    return list[Number(index)];
  },
  Ref: (argument, scope) => {
    if (typeof argument !== 'string') throw invalid(messages.Ref);
    if (argument === 'AWS::NoValue') return noValue;
    const value = scope.ref(argument);
    if (value === undefined) throw unresolved([argument], 'Resources');
    return value;
  },
  'Fn::Sub': (argument, scope) => {
    const { text, variables } = subArguments(argument);
    const values = Object.fromEntries(Object.entries(variables).map(([key, item]) => [key, evaluate(item, scope)]));
    let known = true;
    const result = text.replace(substitution, (_whole, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`;
      const value = Object.hasOwn(values, name) ? values[name] : subValue(name, scope);
      if (value === unknown) known = false;
      else if (!isScalar(value)) throw invalid(messages.Sub);
      return String(value);
    });
    return known ? result : unknown;
  },
  'Fn::Cidr': (argument, scope) => {
    const parts = listOf(argument, [2, 3], messages.Cidr).map((item) => evaluate(item, scope));
    if (hasUnknown(parts)) return unknown;
    const [block, count, bits = 8] = parts;
    return subnets(String(block), Number(count), Number(bits));
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = ifArguments(argument);
    return evaluate(scope.condition(condition) ? yes : no, scope);
  },
  ...Object.fromEntries(
    conditionFunctions.map((name) => [
      name,
      () => {
        throw invalid(`Template error: ${name} cannot be partially collapsed`);
      },
    ]),
  ),
};

// `${!Name}` is written out as `${Name}`.
const substitution = /\$\{(!?)([^}]*)\}/g;

function subValue(name: string, scope: Scope): unknown {
  const dot = name.indexOf('.');
  if (dot > 0) return scope.getAtt(name.slice(0, dot), name.slice(dot + 1));
  const value = scope.ref(name);
  if (value === undefined) throw unresolved([name], 'Resources');
  return value;
}

export function unresolved(names: readonly string[], block: 'Resources' | 'Outputs'): Error {
  return invalid(
    `Template format error: Unresolved resource dependencies [${names.join(', ')}] in the ${block} block of the template`,
  );
}

export function getAttArguments(argument: unknown): readonly [logicalId: string, attribute: unknown] {
  const parts = typeof argument === 'string' ? splitAtDot(argument) : argument;
  if (!Array.isArray(parts) || parts.length !== 2) throw invalid(messages.GetAtt);
  const [logicalId, attribute] = parts;
  if (typeof logicalId !== 'string' || logicalId === '' || attribute === '') throw invalid(messages.GetAtt);
  return [logicalId, attribute];
}

function splitAtDot(text: string): string[] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

export function ifArguments(argument: unknown): readonly [condition: string, yes: unknown, no: unknown] {
  const [condition, yes, no] = listOf(argument, [3], messages.If);
  if (typeof condition !== 'string') throw invalid(messages.If);
  return [condition, yes, no];
}

export function subArguments(argument: unknown): { text: string; variables: JsonMap } {
  const [text, variables = {}] = Array.isArray(argument) ? argument : [argument];
  if (typeof text !== 'string' || !isMap(variables) || (Array.isArray(argument) && argument.length !== 2)) {
    throw invalid(messages.Sub);
  }
  return { text, variables };
}

/** The names of the variables in a text of Fn::Sub. */
export function subNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const [, literal, name = ''] of text.matchAll(substitution)) {
    if (literal === '!') continue;
    if (!/^[\w.:]+$/.test(name)) throw invalid(messages.SubName);
    names.push(name);
  }
  return names;
}

function listOf(argument: unknown, lengths: readonly number[], message: string): readonly unknown[] {
  if (!Array.isArray(argument) || !lengths.includes(argument.length)) throw invalid(message);
  return argument;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

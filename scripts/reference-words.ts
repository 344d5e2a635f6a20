// Describes what a schema accepts, in words for docs/reference/project.md.
import type { Plain } from '../src/base/located.ts';

/** The schema that fx reads with, as JSON, with its annotations for the reference. */
export interface Node {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: Plain;
  readonly examples?: readonly Plain[];
  readonly example?: string;
  readonly enum?: readonly (string | number | boolean)[];
  readonly enumDescriptions?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | false;
  readonly propertyNames?: { readonly expected: string };
  readonly patternProperties?: Readonly<Record<string, unknown>>;
  readonly items?: Node;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly anyOf?: readonly Node[];
  readonly expected?: string;
  readonly elsewhere?: Readonly<Record<string, string>>;
  readonly aws?: string;
}

export interface Key {
  readonly name: string;
  readonly node: Node;
  readonly needed: boolean;
}

export function keysBelow({ properties = {}, required = [] }: Node): readonly Key[] {
  return Object.entries(properties).map(([name, node]) => ({ name, node, needed: required.includes(name) }));
}

/** Code in Markdown; fx's texts contain no backticks. */
export function codeOf(text: string): string {
  return `\`${text}\``;
}

/** Text in Markdown: escapes markup outside code. */
export function textOf(text = ''): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[*_<]/g, '\\$&')))
    .join('');
}

export function defaultOf({ default: usual }: Node): string {
  return codeOf(typeof usual === 'string' ? usual : JSON.stringify(usual));
}

/** If the choices have descriptions. */
export function choicesOf({ enum: choices = [], enumDescriptions = [] }: Node): readonly (readonly string[])[] {
  return enumDescriptions.map((about, index) => [codeOf(String(choices[index])), about]);
}

export function typeInWords(node: Node): string {
  const { anyOf, enum: choices, type, expected } = node;
  if (anyOf !== undefined) return alternatives(anyOf);
  if (choices !== undefined) return listed(choices.map((choice) => codeOf(String(choice))));
  if (node.patternProperties !== undefined) return 'an intrinsic';
  if (type === 'array') return listInWords(node);
  if (type === 'object') return mapInWords(node);
  if (expected !== undefined) return longest(textOf(expected), node);
  if (node.$ref !== undefined) return 'what the file itself may have, all but `include` and `environments`';
  if (type === undefined) return 'any value';
  return listed([type].flat().map((one) => longest(words[one] ?? one, node)));
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: '`true` or `false`',
};

function longest(text: string, { maxLength }: Node): string {
  return maxLength === undefined ? text : `${text}, at most ${maxLength} characters`;
}

function alternatives(forms: readonly Node[]): string {
  const flat = forms.flatMap((form) => form.anyOf ?? [form]);
  const said = flat.map(typeInWords);
  // do not repeat what the text already says
  const covered = said.some((text) => /\bintrinsic\b/.test(text) && text !== 'an intrinsic');
  return listed([...new Set(covered ? said.filter((text) => text !== 'an intrinsic') : said)], '; or ');
}

function listInWords({ items = {}, minItems, maxItems }: Node): string {
  const bounds = [
    ...(minItems === undefined ? [] : [`at least ${minItems}`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
  ].join(', ');
  const each = typeInWords(items);
  return `a list${bounds === '' ? '' : ` (${bounds})`}${each === 'any value' ? '' : `, each ${each}`}`;
}

function mapInWords({
  properties,
  additionalProperties,
  propertyNames,
  maxProperties,
}: Node & { maxProperties?: number }): string {
  if (maxProperties === 1) return `a map with one of ${listed(Object.keys(properties ?? {}).map(codeOf))}`;
  if (properties !== undefined) return `a map with ${listed(Object.keys(properties).map(codeOf), ', ')}`;
  const key = propertyNames === undefined ? '' : `; key: ${textOf(propertyNames.expected)}`;
  if (additionalProperties === undefined || additionalProperties === false) return `a map${key}`;
  const { description } = additionalProperties;
  const said = typeInWords(additionalProperties);
  // a schema that accepts anything describes its meaning itself
  const value = said === 'any value' && description !== undefined ? sentencePart(description) : said;
  return `a map${key}; value: ${value}`;
}

function sentencePart(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}

function listed(texts: readonly string[], last = ' or '): string {
  if (texts.length < 2) return texts.join('');
  const between = last === ' or ' ? ', ' : last;
  return `${texts.slice(0, -1).join(between)}${last}${texts.at(-1)}`;
}

// Puts a function into the text of project.yml and changes nothing else: comments, order and spacing stay as they were.
import { isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair, parseDocument, stringify } from 'yaml';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';

export interface NewFunction {
  readonly name: string;
  /** Such as `handler: src/orders.handler`, in this order. */
  readonly settings: Readonly<Record<string, string>>;
  /** YAML, as the user typed each. */
  readonly events: readonly string[];
}

export interface Inserted {
  readonly text: string;
  /** Where the function begins, from 1. */
  readonly line: number;
}

/** Undefined if `functions` is written in a way that cannot be added to, such as an alias. Line ends stay those of the file. */
export function insertFunction(text: string, added: NewFunction): Inserted | undefined {
  if (!text.includes('\r\n')) return inserted(text, added);
  const result = inserted(text.replaceAll('\r\n', '\n'), added);
  return result === undefined ? undefined : { ...result, text: result.text.replaceAll('\n', '\r\n') };
}

function inserted(text: string, added: NewFunction): Inserted | undefined {
  const document = parseDocument(text, { customTags: [...intrinsicTags], keepSourceTokens: true, logLevel: 'silent' });
  const root = document.contents;
  if (root !== null && !isMap(root)) return undefined;
  const pair = root?.items.find(({ key }) => isScalar(key) && key.value === 'functions');
  if (pair === undefined) return placed(text, text.length, `functions:\n${block(added, '  ')}`, true);
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) {
    const key = pair.key as Node;
    return placed(text, endOfLine(text, key.range?.[1] ?? 0), block(added, '  '), false);
  }
  if (!isMap(value) || value.range == null) return undefined;
  if (value.flow === true) return intoFlow(text, value.range, value.items.length, added);
  const first = value.items[0]?.key as Node | undefined;
  const start = first?.range?.[0];
  if (start === undefined) return undefined;
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const last = value.items.at(-1);
  const end = last === undefined ? undefined : endOf(last);
  if (last === undefined || end === undefined) return undefined;
  const keyStart = (last.key as Node).range?.[0] ?? start;
  const isSpaced = value.items.length > 1 && hasBlankLineAbove(text, keyStart);
  return placed(text, endWithComments(text, end, indent.length), block(added, indent), isSpaced);
}

/** Where what was written for a pair ends, without comments and blank lines after it. */
function endOf({ key, value }: Pair): number | undefined {
  if (isMap(value) && value.flow !== true) {
    const last = value.items.at(-1);
    if (last !== undefined) return endOf(last);
  }
  if (isSeq(value) && value.flow !== true) {
    const last = value.items.at(-1);
    if (isPair(last)) return endOf(last);
    if (isMap(last) && last.flow !== true) {
      const inner = last.items.at(-1);
      if (inner !== undefined) return endOf(inner);
    }
    if (isNode(last)) return last.range?.[1];
  }
  const node = isNode(value) && value.range != null && value.range[1] > value.range[0] ? value : (key as Node);
  return node.range?.[1];
}

/** The start of the line after this place. */
function endOfLine(text: string, place: number): number {
  // a block of text ends with its line
  if (place > 0 && text[place - 1] === '\n') {
    const blank = /\n+$/.exec(text.slice(0, place))?.[0].length ?? 1;
    return place - blank + 1;
  }
  const end = text.indexOf('\n', place);
  return end === -1 ? text.length : end + 1;
}

/** Comments that are deeper than the functions' names belong to the function above them. */
function endWithComments(text: string, place: number, indent: number): number {
  let end = endOfLine(text, place);
  for (let next = end; next < text.length; ) {
    const line = text.slice(next, endOfLine(text, next + (text[next] === '\n' ? 0 : 1)));
    const comment = /^( *)#/.exec(line);
    if (comment === null && line.trim() !== '') return end;
    next += Math.max(1, line.length);
    if (comment === null) continue;
    if ((comment[1]?.length ?? 0) <= indent) return end;
    end = next;
  }
  return end;
}

function hasBlankLineAbove(text: string, keyStart: number): boolean {
  const above = text.slice(0, text.lastIndexOf('\n', keyStart - 1) + 1).split('\n');
  above.pop();
  while (above.at(-1)?.trim().startsWith('#')) above.pop();
  return above.at(-1)?.trim() === '';
}

function placed(text: string, at: number, lines: string, isSpaced: boolean): Inserted {
  const before = text.slice(0, at);
  const ended = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  const gap = isSpaced && before.trim() !== '' && !ended.endsWith('\n\n') ? '\n' : '';
  const start = ended + gap;
  const isNewSection = lines.startsWith('functions:');
  return { text: `${start}${lines}${text.slice(at)}`, line: start.split('\n').length + (isNewSection ? 1 : 0) };
}

function block({ name, settings, events }: NewFunction, indent: string): string {
  const step = '  ';
  const lines = [
    `${name}:`,
    ...Object.entries(settings).map(([key, value]) => step + stringify({ [key]: value }).trimEnd()),
    ...(events.length === 0 ? [] : [`${step}events:`]),
    ...events.flatMap((event) => listed(event).map((line) => `${step}${step}${line}`)),
  ];
  return lines.map((line) => `${indent}${line}\n`).join('');
}

const listed = (event: string): string[] =>
  event
    .trim()
    .split('\n')
    .map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);

/** `functions: {}`, or a map on one line. */
function intoFlow(
  text: string,
  range: readonly [number, number, number],
  count: number,
  added: NewFunction,
): Inserted | undefined {
  const [start, end] = range;
  const line = text.slice(0, end).split('\n').length;
  if (count === 0) {
    const next = endOfLine(text, end);
    const head = `${text.slice(0, start).trimEnd()}${text.slice(end, next)}`.trimEnd();
    return { text: `${head}\n${block(added, '  ')}${text.slice(next)}`, line: line + 1 };
  }
  // a tag such as !Ref has no form in a map on one line that holds for all
  if (added.events.some((event) => event.includes('!'))) return undefined;
  const events = added.events.map((event) => JSON.stringify(parseDocument(event).toJS()));
  const settings = Object.entries(added.settings).map(([key, value]) => `${key}: ${value}`);
  const all = [...settings, ...(events.length === 0 ? [] : [`events: [${events.join(', ')}]`])].join(', ');
  const before = text.slice(0, end - 1).trimEnd();
  return { text: `${before}, ${added.name}: {${all}}${text.slice(end - 1)}`, line };
}

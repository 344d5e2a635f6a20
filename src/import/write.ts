// Writes a draft as project.yml: keys in the order of its reference, short tags for intrinsics, comments beside what changed.
import { Document, isMap, isPair, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Draft, Path, Tree } from './draft.ts';
import { hasLookups, lookup, partsOf, written } from './lookup-text.ts';

const order = [
  'name',
  'fxVersion',
  'region',
  'regions',
  'account',
  'profile',
  'assumeRole',
  'protected',
  'stackName',
  'stack',
  'keep',
  'tags',
  'params',
  'include',
  'plugins',
  'hooks',
  'deployment',
  'defaults',
  'http',
  'rest',
  'websocket',
  'eventbridge',
  'alb',
  'functions',
  'stateMachines',
  'site',
  'layers',
  'resources',
  'conditions',
  'mappings',
  'extend',
  'outputs',
  'environments',
];
const rankOf = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);

const width = 110;

export function writeDraft(draft: Draft, heading: string): string {
  const sorted = inOrder(draft.root);
  const environments = sorted['environments'];
  if (environments !== undefined) {
    const entries = Object.entries(environments as { [key: string]: Tree });
    sorted['environments'] = Object.fromEntries(
      entries.map(([name, value]) => [name, isPlainMap(value) ? inOrder(value) : value]),
    );
  }
  const document = new Document();
  const contents = nodeOf(sorted, [], draft) as YAMLMap;
  for (const [index, pair] of contents.items.entries()) {
    if (index > 0 && isPair(pair) && isCollection(pair.value)) (pair.key as Scalar).spaceBefore = true;
  }
  document.contents = contents as never;
  document.commentBefore = ` ${heading.split('\n').join('\n ')}`;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const isPlainMap = (value: Tree): value is { [key: string]: Tree } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function inOrder(sections: { [key: string]: Tree }): { [key: string]: Tree } {
  return Object.fromEntries(
    Object.entries(sections)
      .filter(([, value]) => !isEmpty(value))
      .sort(([a], [b]) => rankOf(a) - rankOf(b)),
  );
}

const isCollection = (value: unknown) => isMap(value) || isSeq(value);

function isEmpty(value: Tree): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function nodeOf(value: Tree, path: Path, draft: Draft): Node {
  if (typeof value === 'string') return textNode(value);
  if (value === null || typeof value !== 'object') return new Scalar(value);
  if (Array.isArray(value)) return listNode(value, path, draft);
  const intrinsic = intrinsicNode(value, path, draft);
  if (intrinsic !== undefined) return intrinsic;
  const map = new YAMLMap<Scalar, Node>();
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const below = [...path, key];
    const name = new Scalar(key);
    addComments(name, draft.commentsAt(below));
    map.items.push(new Pair(name, nodeOf(item, below, draft)));
  }
  if (map.items.length === 0) map.flow = true;
  else if (path.length > 2 && path.at(-2) !== 'events' && isShort(value) && !hasComment(map)) map.flow = true;
  return map;
}

function hasComment(node: unknown): boolean {
  if (isMap(node)) {
    return node.items.some(({ key, value }) => Boolean((key as Scalar).commentBefore) || hasComment(value));
  }
  return isSeq(node) && node.items.some((item) => Boolean((item as Scalar).commentBefore) || hasComment(item));
}

/** Small leaves stay on one line. */
function isShort(value: Tree): boolean {
  const isLeaf = (item: unknown) => item === null || typeof item !== 'object';
  if (Array.isArray(value)) return value.every(isLeaf) && shownLength(value) < width / 2;
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isLeaf) && Object.keys(value).length <= 3 && shownLength(value) < width / 2;
}

const shownLength = (value: Tree) => JSON.stringify(value).length;

function listNode(value: readonly Tree[], path: Path, draft: Draft): YAMLSeq {
  const list = new YAMLSeq<Node>();
  for (const [index, item] of value.entries()) {
    const node = nodeOf(item, [...path, index], draft);
    addComments(node, draft.commentsAt([...path, index]));
    list.items.push(node);
  }
  if (value.length === 0 || (isShort(value as Tree) && !hasComment(list))) list.flow = true;
  return list;
}

function addComments(node: Node, comments: readonly string[]): void {
  if (comments.length === 0) return;
  node.commentBefore = comments
    .flatMap((text) => wrapped(text))
    .map((line) => ` ${line}`)
    .join('\n');
}

/** Comments in lines of a readable length; lines of their own stay. */
function wrapped(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(/(?<=\S) (?=\S)/)) {
      if (current !== '' && current.length + word.length > width) {
        lines.push(current);
        current = word;
      } else current = current === '' ? word : `${current} ${word}`;
    }
    return [...lines, current];
  });
}

function textNode(text: string): Scalar {
  const node = new Scalar(written(text));
  if (node.value.includes('\n')) node.type = 'BLOCK_LITERAL';
  return node;
}

const sequenceTags = new Set(['Join', 'Select', 'Split', 'If', 'Equals', 'Not', 'And', 'Or', 'FindInMap', 'Cidr']);

/** `{Ref: X}` → `!Ref X`; undefined for what is no intrinsic. */
function intrinsicNode(value: { [key: string]: Tree }, path: Path, draft: Draft): Node | undefined {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, argument] = entry;
  if (name === 'Ref' && typeof argument === 'string') return tagged('!Ref', argument);
  if (!name.startsWith('Fn::')) return undefined;
  const short = name.slice('Fn::'.length);
  if (short === 'Sub') return subNode(argument, path, draft);
  if (short === 'GetAtt') {
    const parts = typeof argument === 'string' ? argument.split('.') : argument;
    const isPlain =
      Array.isArray(parts) && parts.every((part) => typeof part === 'string' && part !== '' && !hasLookups(part));
    if (isPlain && /^[A-Za-z0-9]+$/.test(String(parts[0])) && parts.length >= 2) {
      return tagged('!GetAtt', parts.join('.'));
    }
    return undefined;
  }
  if (short === 'ImportValue' && typeof argument === 'string' && !hasLookups(argument)) {
    return tagged('!ImportValue', argument);
  }
  if (sequenceTags.has(short) && Array.isArray(argument)) {
    const list = listNode(argument, [...path, name], draft);
    list.tag = `!${short}`;
    list.flow = shownLength(argument) < width / 2 && !JSON.stringify(argument).includes('Fn::Sub');
    return list;
  }
  return undefined;
}

function tagged(tag: string, text: string): Scalar {
  const node = new Scalar(text);
  node.tag = tag;
  return node;
}

/** The text of a Sub belongs to CloudFormation: a lookup in it becomes a variable of the Sub. */
function subNode(argument: Tree | undefined, path: Path, draft: Draft): Node | undefined {
  const [text, given] = Array.isArray(argument) ? argument : [argument, undefined];
  if (typeof text !== 'string') return undefined;
  const names = new Map<string, string>();
  const body = partsOf(text)
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part.name === 'region') return '${AWS::Region}';
      if (part.name === 'account') return '${AWS::AccountId}';
      const name = variableName(part.name, names);
      return `\${${name}}`;
    })
    .join('');
  const extra = Object.fromEntries([...names].map(([lookupName, name]) => [name, lookup(lookupName)]));
  const variables = { ...(given as { [key: string]: Tree } | undefined), ...extra };
  if (Object.keys(variables).length === 0) {
    const node = tagged('!Sub', body);
    if (body.includes('\n')) node.type = 'BLOCK_LITERAL';
    return node;
  }
  const list = new YAMLSeq<Node>();
  const first = new Scalar(body);
  if (body.includes('\n')) first.type = 'BLOCK_LITERAL';
  list.items.push(first, nodeOf(variables, [...path, 'Fn::Sub', 1], draft));
  list.tag = '!Sub';
  return list;
}

/** `params.table` → `Table`. */
function variableName(name: string, names: Map<string, string>): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const last = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const base = (last[0] === 'params' || last[0] === 'var' ? last.slice(1) : last)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .slice(0, 40);
  let unique = base === '' ? 'Value' : base;
  for (let count = 2; [...names.values()].includes(unique); count++) unique = `${base}${count}`;
  names.set(name, unique);
  return unique;
}

// Makes docs/reference/project.md from the schema that fx reads project.yml with, and from its tables of lookups and events.
import { stringify } from 'yaml';
import type { Plain } from '../src/base/located.ts';
import { eventSources } from '../src/events/index.ts';
import { environmentsJson, examplesOf } from '../src/project/json-schema.ts';
import { lookupForms } from '../src/project/lookups/index.ts';
import { projectSchema } from '../src/project/schema.ts';
import { prose } from './reference-prose.ts';
import {
  choicesOf,
  codeOf,
  defaultOf,
  type Key,
  keysBelow,
  type Node,
  textOf,
  typeInWords,
} from './reference-words.ts';

const root = projectSchema.json as Node;
const sections = keysBelow(root);
const [aFunction = {}] = [sections.find(({ name }) => name === 'functions')?.node.additionalProperties].filter(isNode);
const settings = keysBelow(aFunction);
const defaults = keysBelow(sections.find(({ name }) => name === 'defaults')?.node ?? {}).map(({ name }) => name);

function isNode(value: Node | false | undefined): value is Node {
  return typeof value === 'object';
}

/** The full text of docs/reference/project.md. */
export function projectReference(): string {
  const { head, order, merging, lookups, events, elsewhere } = prose;
  const parts = [
    head,
    '## Contents',
    contents(),
    '## How the file is read',
    order,
    '### Merging',
    merging,
    '### Lookups',
    lookups,
    table(
      ['lookup', 'value'],
      lookupForms.map(({ form, about }) => [`\`\${${form}}\``, textOf(about)]),
    ),
    '## The sections of the file',
    overview(sections, ''),
    ...sections.flatMap((key) => section(key)),
    ...keyText({ name: 'environments', node: environmentsJson as Node, needed: false }, ''),
    '## What a function may have',
    overview(settings, functionPath),
    ...settings.filter(({ name }) => name !== 'events').flatMap((key) => keyText(key, functionPath)),
    '## What calls a function',
    events,
    ...Object.keys(eventSources).flatMap(eventText),
    '## Names in other tools',
    elsewhere,
    elsewhereTable(),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const functionPath = 'functions.<name>.';

function contents(): string {
  const links = (keys: readonly Key[], path: string) =>
    keys.map(({ name }) => link(`${path}${name}`, name)).join(' · ');
  return [
    '- [How the file is read](#how-the-file-is-read): [merging](#merging), [lookups](#lookups)',
    `- [The sections of the file](#the-sections-of-the-file): ${links(sections, '')} · ${link('environments')}`,
    `- [What a function may have](#what-a-function-may-have): ${links(
      settings.filter(({ name }) => name !== 'events'),
      functionPath,
    )}`,
    `- [What calls a function](#what-calls-a-function): ${Object.keys(eventSources)
      .map((kind) => link(eventPath + kind, kind))
      .join(' · ')}`,
    '- [Names in other tools](#names-in-other-tools)',
  ].join('\n');
}

/** Separate chapters describe the content of these two. */
function section(key: Key): readonly string[] {
  if (key.name === 'functions') {
    return [
      ...keyText({ ...key, node: withoutInside(key.node) }, ''),
      'The keys of each: [below](#what-a-function-may-have).',
    ];
  }
  if (key.name === 'defaults') {
    const names = defaults.map((name) => link(functionPath + name, name)).join(', ');
    return [...keyText({ ...key, node: withoutInside(key.node) }, ''), `It takes ${names}.`];
  }
  return keyText(key, '');
}

function withoutInside({ properties: _, additionalProperties: __, ...node }: Node): Node {
  return node;
}

/** A key with its facts, examples, and nested keys. */
function keyText({ name, node, needed }: Key, path: string): readonly string[] {
  const inside = keysInside(node);
  const choices = choicesOf(node);
  const isSetting = path === functionPath;
  const facts: (readonly [string, string])[] = [
    ...(needed ? [['Must be there', 'yes'] as const] : []),
    ['Takes', typeInWords(node)],
    ...(node.default === undefined ? [] : [['Default', defaultOf(node)] as const]),
    ...(isSetting ? [['Under `defaults`', defaults.includes(name) ? 'yes' : 'no'] as const] : []),
    ...otherNames(isSetting ? aFunction : root, name),
    ...(node.aws === undefined ? [] : [['AWS', `[${pageName(node.aws)}](${node.aws})`] as const]),
  ];
  return [
    `### ${codeOf(path + name)}`,
    textOf(node.description),
    facts.map(([fact, text]) => `- ${fact}: ${text}`).join('\n'),
    choices.length === 0 ? '' : table(['of these', ''], choices),
    ...examples(node, (example) => ({ [name]: example })),
    ...insideText(name, node, inside),
  ];
}

const eventPath = `${functionPath}events.`;

function eventText(kind: string): readonly string[] {
  const event = settings.find(({ name }) => name === 'events')?.node.items?.properties?.[kind] ?? {};
  return [
    `### ${codeOf(eventPath + kind)}`,
    textOf(event.description),
    [
      `- Takes: ${typeInWords(event)}`,
      ...(event.aws === undefined ? [] : [`- AWS: [${pageName(event.aws)}](${event.aws})`]),
    ].join('\n'),
    ...examples(event, (example) => ({ events: [{ [kind]: example }] })),
    ...insideText(kind, event, keysInside(event)),
  ];
}

/** The content of a map of known keys, of each list item, or of each value in a map whose keys the user chooses. */
function keysInside(node: Node, path = ''): readonly Key[] {
  const forms = node.anyOf ?? [node];
  return forms.flatMap((form): readonly Key[] => {
    if (form.anyOf !== undefined) return keysInside(form, path);
    const chosen = isNode(form.additionalProperties) ? keysInside(form.additionalProperties, `${path}<name>.`) : [];
    const items = form.items === undefined ? [] : keysInside(form.items, path);
    const direct = keysBelow(form).flatMap((key) => [
      { ...key, name: path + key.name },
      ...keysInside(key.node, `${path}${key.name}.`),
    ]);
    return [...direct, ...items, ...chosen];
  });
}

function insideText(name: string, node: Node, inside: readonly Key[]): readonly string[] {
  if (inside.length === 0) return [];
  const unique = [...new Map(inside.map((key) => [key.name, key])).values()];
  const rows = unique.map(({ name: key, node: value, needed }) => [
    codeOf(key),
    `${textOf(value.description)}${needed ? ' Must be there.' : ''}${value.aws === undefined ? '' : ` ([AWS](${value.aws}))`}`,
    typeInWords(value),
    value.default === undefined ? '' : defaultOf(value),
    value.examples?.[0] === undefined ? '' : codeOf(flow(value.examples[0])),
  ]);
  const foreign = Object.entries(elsewhereOf(node)).map(([other, ours]) => `\`${other}\` is ${asHere(ours, unique)}`);
  return [
    `In ${codeOf(name)}:`,
    table(['key', 'what it is', 'takes', 'default', 'example'], rows),
    foreign.length === 0 ? '' : `Names in other tools: ${foreign.join(', ')}.`,
  ];
}

function overview(keys: readonly Key[], path: string): string {
  const rows = keys.map(({ name, node }) => {
    const usual = node.default === undefined ? '' : defaultOf(node);
    const text = name === 'events' ? `[${codeOf(name)}](#what-calls-a-function)` : link(path + name, name);
    const row = [text, textOf(node.description), usual];
    return path === '' ? row : [...row, defaults.includes(name) ? 'yes' : 'no'];
  });
  return table(['key', 'what it is', 'default', ...(path === '' ? [] : ['under `defaults`'])], rows);
}

function examples(node: Node, inPlace: (example: Plain) => Plain): readonly string[] {
  const all = examplesOf({ ...node });
  // one row of a long list says as much as two
  const shown = all.slice(0, all.length > 3 ? 1 : 2).map((one) => `\`\`\`yaml\n${stringify(inPlace(one))}\`\`\``);
  return shown.length === 2 ? [shown[0] ?? '', 'or', shown[1] ?? ''] : shown;
}

function elsewhereOf(node: Node): Readonly<Record<string, string>> {
  const below = node.anyOf?.map(elsewhereOf) ?? [];
  return Object.assign({}, node.elsewhere, ...below);
}

/** Other tools' names for one key, as a fact. */
function otherNames(node: Node, name: string): (readonly [string, string])[] {
  const names = Object.entries(node.elsewhere ?? {}).flatMap(([other, ours]) => (ours === name ? [codeOf(other)] : []));
  return names.length === 0 ? [] : [['In other tools', names.join(', ')]];
}

function elsewhereTable(): string {
  const rows = [
    ...Object.entries(root.elsewhere ?? {}).map(
      ([other, ours]) => [other, 'the file', asHere(ours, sections)] as const,
    ),
    ...Object.entries(aFunction.elsewhere ?? {}).map(
      ([other, ours]) => [other, 'a function', asHere(ours, settings, functionPath)] as const,
    ),
  ];
  const sorted = rows.toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return table(
    ['elsewhere', 'in', 'here'],
    sorted.map(([other, where, here]) => [codeOf(other), where, here]),
  );
}

/** One of fx's keys, with a link if it has a heading; or a sentence, unchanged. */
function asHere(ours: string, keys: readonly Key[], path = ''): string {
  const [first = '', second] = ours.split('.');
  if (!keys.some(({ name }) => name === first) && ours !== 'environments')
    return /\s/.test(ours) ? textOf(ours) : codeOf(ours);
  if (first === 'defaults' && second !== undefined) return `\`defaults.${second}\``;
  return keys === sections || keys === settings ? link(path + ours, ours) : codeOf(ours);
}

function link(path: string, shown = path): string {
  return `[${codeOf(shown)}](#${path.toLowerCase().replace(/[^a-z0-9-]/g, '')})`;
}

/** The last part of a page's address names its topic. */
function pageName(address: string): string {
  return (address.split('/').at(-1) ?? address).replace(/\.html$/, '').replaceAll(/[-_]/g, ' ');
}

function flow(value: Plain): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // omit an empty column
  const columns = head.map((_, index) => index).filter((index) => rows.some((row) => row[index] !== ''));
  const line = (cells: readonly string[]) =>
    `| ${columns.map((index) => (cells[index] ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

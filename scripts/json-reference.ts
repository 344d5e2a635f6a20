// Makes docs/reference/json.md of the schemas of what commands print with --json, and lists every field, so that none is lost unnoticed.

import { commandRows } from '../src/cli/command.ts';
import { commands as table } from '../src/cli/commands/index.ts';
import type { JsonSchema, JsonSchemas } from '../src/cli/json-schema.ts';
import { codeOf, textOf } from './reference-words.ts';

const head = `# What \`--json\` prints

<!-- \`npm run reference\` writes this file from src/cli/outputs.ts -->

With \`--json\`, a command prints one JSON object per line. \`type\` says what it is:

| \`type\` | the line |
| --- | --- |
| \`result\` | the last line of a success: \`value\` is the result of the command, below |
| \`error\` | the last line of a failure; what the command did before is in the lines before it |
| an item of the command, such as \`log\` | one of many results, as they arrive |
| a [report](#reports), such as \`stage\` | what the command is doing. Take those that you know, and skip the others |

In a workspace, items and reports have the name of their \`project\`. What is not known, or does not apply, is absent. **Within a major version of fx, types and fields are added, never renamed or removed.** The
exception is what is shown as it is in AWS, a template or your project: that changes with its source.

\`fx schema --command 'releases list'\` prints the JSON Schema of a command's lines, for a validator or a generator of types.`;

/** By the full names of the commands that the help shows. */
export const summaries: Readonly<Record<string, string>> = Object.fromEntries(
  commandRows(table).flatMap(([name, { summary, hidden }]) => (hidden === true ? [] : [[name, summary] as const])),
);

/** The full text. */
export function jsonReference(schemas: JsonSchemas, summaries: Readonly<Record<string, string>>): string {
  const { reports, error, commands, $defs } = schemas;
  const shown = Object.entries(commands).filter(([name]) => summaries[name] !== undefined);
  const shared = sharedIn(schemas);
  const words: Words = { $defs, shared, own: ownIn(schemas) };
  const elsewhere = [...shared].filter((name) => !words.own.has(name)).sort();
  const parts = [
    head,
    '## Commands',
    shown.map(([name]) => `[${name}](#fx-${name.replaceAll(' ', '-')})`).join(' · '),
    ...shown.flatMap(([name, { lines }]) => [
      `### fx ${name}`,
      `${textOf(summaries[name] ?? '')}.`,
      ...linesText(lines, words),
    ]),
    '## error',
    fieldTable(error, words),
    '## Reports',
    'Of any command.',
    ...Object.entries(reports).flatMap(([type, schema]) => [
      `### report ${type}`,
      sentence(schema.description),
      fieldTable(schema, words),
    ]),
    '## Parts',
    ...elsewhere.flatMap((name) => [`### ${name}`, definitionText($defs[name] ?? {}, words)]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

interface Words {
  readonly $defs: JsonSchemas['$defs'];
  /** The definitions with a section of their own. */
  readonly shared: ReadonlySet<string>;
  /** Those among them that are the result of one command: their section is in its own. */
  readonly own: ReadonlySet<string>;
}

const nameOf = (reference: string): string => reference.slice('#/$defs/'.length);

/** Objects that are named. */
function sharedIn({ $defs }: JsonSchemas): ReadonlySet<string> {
  return new Set(Object.entries($defs).flatMap(([name, schema]) => (isSimple(schema) ? [] : [name])));
}

function ownIn({ commands }: JsonSchemas): ReadonlySet<string> {
  const owners = new Map<string, Set<string>>();
  for (const [command, { lines }] of Object.entries(commands)) {
    for (const name of kindsOf(lines['result']?.properties?.['value'] ?? {}).flatMap(namedBy)) {
      owners.set(name, (owners.get(name) ?? new Set()).add(command));
    }
  }
  return new Set([...owners].flatMap(([name, { size }]) => (size === 1 ? [name] : [])));
}

const kindsOf = (value: JsonSchema): readonly JsonSchema[] => value.anyOf ?? [value];
const namedBy = ({ $ref = '', items }: JsonSchema): readonly string[] =>
  $ref !== '' ? [nameOf($ref)] : items?.$ref === undefined ? [] : [nameOf(items.$ref)];

/** Whether a schema is shown in the row of its field. */
function isSimple({ properties, anyOf }: JsonSchema): boolean {
  return properties === undefined && (anyOf ?? []).every(({ $ref, ...other }) => $ref === undefined && isSimple(other));
}

function linesText(lines: Readonly<Record<string, JsonSchema>>, words: Words): readonly string[] {
  const { result, ...items } = lines;
  return [
    ...Object.entries(items).flatMap(([type, schema]) => [
      `A line of the type ${codeOf(type)}: ${lowered(sentence(schema.description)) || 'an item.'}`,
      fieldTable(schema, words),
    ]),
    ...(result === undefined ? ['The command has no result.'] : valueText(result.properties?.['value'] ?? {}, words)),
  ];
}

/** The result, or each of its kinds. */
function valueText(schema: JsonSchema, words: Words): readonly string[] {
  const { description } = schema;
  const kinds = kindsOf(schema);
  const texts = kinds.map((kind) => {
    const { properties } = kind;
    const inside = properties?.['regions'] ?? properties?.['projects'];
    if (inside === undefined) {
      const fields = Object.keys(properties ?? {})
        .map(codeOf)
        .join(', ');
      return { kind, words: `${typeText(kind, words)}${fields === '' ? '' : ` with ${fields}`}` };
    }
    const of = properties?.['regions'] === undefined ? 'projects' : 'regions';
    const about =
      of === 'regions'
        ? 'in several regions of the environment: `regions`, a list of the same with the `region` of each'
        : 'in projects of a workspace: `projects`, a list of the same with the `project` of each (a list as `list`; with `notDeployed`, why there is none)';
    return { kind: undefined, words: about };
  });
  const lead =
    texts.length === 1
      ? `The result: ${texts[0]?.words}.`
      : `The result is one of\n\n${texts.map((text) => `- ${text.words}`).join('\n')}`;
  const only = texts.length === 1 ? texts[0]?.kind : undefined;
  return [
    ...(description === undefined ? [] : [sentence(description)]),
    lead,
    ...(only?.properties === undefined ? [] : [fieldTable(only, words)]),
    ...[...new Set(kinds.flatMap(namedBy))]
      .filter((name) => words.own.has(name) && words.shared.has(name))
      .flatMap((name) => [`#### ${name}`, definitionText(words.$defs[name] ?? {}, words)]),
  ];
}

function definitionText(schema: JsonSchema, words: Words): string {
  const about = sentence(schema.description);
  const body =
    schema.properties === undefined
      ? `${about === '' ? 'One' : 'It is one'} of ${(schema.anyOf ?? []).map((kind) => typeText(kind, words)).join(', ')}.`
      : fieldTable(schema, words);
  return [about, body].filter((part) => part !== '').join('\n\n');
}

function fieldTable(schema: JsonSchema, words: Words): string {
  const isLine = schema.properties?.['type']?.const !== undefined;
  const rows = rowsOf(schema, '', words).filter(([name]) => !isLine || (name !== '`type`' && name !== '`project`'));
  if (rows.length === 0) return '';
  return [
    '| field | type | meaning |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n');
}

const cell = (text: string): string => text.replace(/(?<!\\)\|/g, '\\|');

function rowsOf(
  { properties = {}, required = [] }: JsonSchema,
  prefix: string,
  words: Words,
): readonly (readonly string[])[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const type = `${typeText(schema, words)}${required.includes(name) ? '' : ', or absent'}`;
    const described = schema.$ref === undefined ? undefined : words.$defs[nameOf(schema.$ref)];
    const about =
      schema.description ?? (described !== undefined && isSimple(described) ? described.description : undefined);
    return [[codeOf(path), type, sentence(about)], ...insideRows(schema, path, words)];
  });
}

/** The fields of an object that has no name. */
function insideRows(schema: JsonSchema, path: string, words: Words): readonly (readonly string[])[] {
  if (schema.properties !== undefined) return rowsOf(schema, `${path}.`, words);
  if (schema.items !== undefined) return insideRows(schema.items, `${path}[]`, words);
  if (typeof schema.additionalProperties === 'object')
    return insideRows(schema.additionalProperties, `${path}.*`, words);
  return (schema.anyOf ?? []).flatMap((kind) => insideRows(kind, path, words));
}

function typeText(schema: JsonSchema, words: Words): string {
  const { $ref, const: only, enum: choices, anyOf, type, items, additionalProperties, properties } = schema;
  if ($ref !== undefined) {
    const name = nameOf($ref);
    return words.shared.has(name) ? `[${name}](#${name.toLowerCase()})` : typeText(words.$defs[name] ?? {}, words);
  }
  if (only !== undefined) return codeOf(JSON.stringify(only));
  if (choices !== undefined) {
    const shown = choices.slice(0, 12).map((choice) => codeOf(JSON.stringify(choice)));
    return `${shown.join(', ')}${choices.length > shown.length ? ` and ${choices.length - shown.length} more` : ''}`;
  }
  if (anyOf !== undefined) return anyOf.map((kind) => typeText(kind, words)).join(' or ');
  if (items !== undefined) return `list of ${typeText(items, words)}`;
  if (properties !== undefined) return 'object';
  if (typeof additionalProperties === 'object') {
    const of = typeText(additionalProperties, words);
    return of === 'anything' ? 'object' : `object of ${of} by name`;
  }
  if (type === undefined) return 'anything';
  return typeof type === 'string' ? type : type.join(' or ');
}

function sentence(text = ''): string {
  const trimmed = textOf(text.trim());
  return trimmed === '' || /[.!?]$/.test(trimmed) || /https?:\S+$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

const lowered = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** Each field of each line, such as `deploy result value changed`; regions and projects have those of the result. */
export function fieldPaths({ reports, error, commands, $defs }: JsonSchemas): ReadonlySet<string> {
  const paths = new Set<string>();
  const visit = (schema: JsonSchema, path: string, above: readonly string[]): void => {
    if (schema.$ref !== undefined) {
      const name = nameOf(schema.$ref);
      if (!above.includes(name)) visit($defs[name] ?? {}, path, [...above, name]);
      return;
    }
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      const inside = name === 'regions' || name === 'projects' ? path : `${path} ${name}`;
      paths.add(`${path} ${name}`);
      visit(member, inside, above);
    }
    if (schema.items !== undefined) visit(schema.items, path, above);
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path} *`, above);
    for (const kind of schema.anyOf ?? []) visit(kind, path, above);
  };
  for (const [name, { lines }] of Object.entries(commands)) {
    for (const [type, schema] of Object.entries(lines)) visit(schema, `${name.replace(' ', '-')} ${type}`, []);
  }
  visit(error, 'error', []);
  for (const [type, schema] of Object.entries(reports)) visit(schema, `report ${type}`, []);
  return paths;
}

/** The same as a tree: each name below the one that it is in. */
export function fieldTree(paths: Iterable<string>): string {
  const lines: string[] = [];
  let above: readonly string[] = [];
  for (const names of [...new Set(paths)].sort().map((path) => path.split(' '))) {
    const same = names.findIndex((name, depth) => name !== above[depth]);
    for (const [depth, name] of names.entries()) if (depth >= same) lines.push(`${' '.repeat(depth)}${name}`);
    above = names;
  }
  return `${lines.join('\n')}\n`;
}

export function pathsIn(tree: string): ReadonlySet<string> {
  const paths = new Set<string>();
  const above: string[] = [];
  for (const line of tree.split('\n').filter((text) => text !== '')) {
    const name = line.trimStart();
    above.length = line.length - name.length;
    above.push(name);
    paths.add(above.join(' '));
  }
  return paths;
}

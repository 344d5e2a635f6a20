// The commands as tools of the Model Context Protocol: their names, what they take and what they give.
import { type Command, type CommandRow, commandRows, longFlag, type Option } from '../command.ts';
import { commands } from '../commands/index.ts';
import { commonOptions } from '../common-options.ts';
import type { Io } from '../io.ts';
import { definitionsIn, draft, type JsonSchema, type JsonSchemas } from '../json-schema.ts';
import type { Outputs } from '../outputs.ts';

interface Offered {
  /** `writes`: it changes an environment, calls functions or costs money. */
  readonly kind: 'reads' | 'writes';
  /** Options that write files, run without an end, reveal secrets or ask a person. */
  readonly without?: readonly string[];
}

/** Each command, so that none is forgotten; undefined for those that are not tools. */
const offered: Readonly<Record<keyof Outputs, Offered | undefined>> = {
  'init project': undefined,
  'init function': undefined,
  import: undefined,
  validate: { kind: 'reads' },
  config: { kind: 'reads' },
  schema: undefined,
  envs: { kind: 'reads' },
  use: undefined,
  build: undefined,
  plan: { kind: 'reads', without: ['output', 'markdown', 'changeSet', 'drift'] },
  deploy: { kind: 'writes', without: ['confirm'] },
  dev: undefined,
  'releases list': { kind: 'reads' },
  'releases show': { kind: 'reads' },
  'releases diff': { kind: 'reads' },
  rollback: { kind: 'writes', without: ['confirm'] },
  promote: { kind: 'writes', without: ['confirm'] },
  attach: { kind: 'writes' },
  recover: { kind: 'writes' },
  invoke: { kind: 'writes', without: ['stream'] },
  trigger: { kind: 'writes' },
  logs: { kind: 'reads', without: ['follow', 'live', 'save', 'format'] },
  metrics: { kind: 'reads', without: ['watch', 'html'] },
  traces: { kind: 'reads' },
  info: { kind: 'reads' },
  open: undefined,
  env: { kind: 'reads', without: ['reveal'] },
  exec: undefined,
  pause: { kind: 'writes' },
  resume: { kind: 'writes' },
  doctor: { kind: 'reads' },
  redrive: { kind: 'writes' },
  cost: { kind: 'reads', without: ['update', 'detail'] },
  tune: { kind: 'writes' },
  'events show': { kind: 'reads', without: ['edit'] },
  'events next': { kind: 'reads' },
  types: undefined,
  prune: { kind: 'writes' },
  remove: { kind: 'writes', without: ['confirm'] },
  completion: undefined,
  complete: undefined,
  upgrade: undefined,
  mcp: undefined,
  'local start': undefined,
  'local stop': undefined,
  'local status': undefined,
  'local save': undefined,
  'local reset': undefined,
  'local advance': undefined,
  'local serve': undefined,
};

export interface Tool {
  /** The command's full name. */
  readonly command: string;
  readonly writes: boolean;
  readonly args: Command['args'];
  readonly options: Command['options'];
  /** As `tools/list` shows it. */
  readonly shown: {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: JsonSchema;
    readonly outputSchema: JsonSchema;
    readonly annotations: Readonly<Record<string, boolean>>;
  };
}

/** By name, such as `releases_list`. */
export async function toolsOf(io: Io, schemas: JsonSchemas): Promise<ReadonlyMap<string, Tool>> {
  const tools = await Promise.all(
    commandRows(commands).map(async ([name, row]): Promise<Tool | undefined> => {
      const how = offered[name as keyof Outputs];
      return how === undefined ? undefined : toolOf({ name, row, command: await row.load(), how }, io, schemas);
    }),
  );
  return new Map(tools.flatMap((tool) => (tool === undefined ? [] : [[tool.shown.name, tool] as const])));
}

interface Known {
  readonly name: string;
  readonly row: CommandRow;
  readonly command: Command;
  readonly how: Offered;
}

/** What makes no sense for a program that asks another. */
const common = ['json', 'debug', 'help'];

function toolOf({ name, row, command, how }: Known, io: Io, schemas: JsonSchemas): Tool {
  const { without = [], kind } = how;
  const all = { ...command.options, ...commonOptions(command.needs, io) };
  const options = Object.fromEntries(
    Object.entries(all).filter(([option]) => !common.includes(option) && !without.includes(option)),
  );
  const writes = kind === 'writes';
  const examples = command.examples.map(([line, about]) => `${line}: ${about}`);
  return {
    command: name,
    writes,
    args: command.args,
    options,
    shown: {
      name: name.replace(' ', '_'),
      description: `${row.summary}.\n\nIt is the command fx ${name}:\n${examples.join('\n')}`,
      inputSchema: inputSchema(command.args, options),
      outputSchema: outputSchema(name, schemas),
      annotations: { readOnlyHint: !writes, destructiveHint: writes },
    },
  };
}

function inputSchema(args: Command['args'], options: Command['options']): JsonSchema {
  const required = Object.entries(args).flatMap(([name, { kind }]) => (kind === 'required' ? [name] : []));
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(
        Object.entries(args).map(([name, { kind, about }]) => [name, valueSchema(about, kind === 'variadic')]),
      ),
      ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, optionSchema(option)])),
    },
    required,
    additionalProperties: false,
  };
}

const valueSchema = (description: string, isList: boolean): JsonSchema =>
  isList ? { type: 'array', items: { type: 'string' }, description } : { type: 'string', description };

function optionSchema(option: Option): JsonSchema {
  if (option.kind === 'flag') return { type: 'boolean', description: option.about };
  if (option.kind !== 'text') return valueSchema(`${option.about} (${option.value})`, true);
  const schema = valueSchema(`${option.about} (${option.value})`, false);
  return option.default === undefined ? schema : { ...schema, default: option.default };
}

const text: JsonSchema = { type: 'string' };
/** As in outputs.ts, without what each of the tools would repeat. */
const errorSchema: JsonSchema = {
  type: 'object',
  properties: { code: text, message: text, hint: text, problems: { type: 'array', items: { type: 'object' } } },
  required: ['code', 'message'],
};

/** The result and items of the command, or its error. */
function outputSchema(name: string, { commands: described, $defs }: JsonSchemas): JsonSchema {
  const { result, ...items } = described[name]?.lines ?? {};
  const kinds = Object.values(items);
  const properties = {
    ...(result === undefined ? {} : { result: shorter(result.properties?.['value'] ?? {}) }),
    ...(kinds.length === 0 ? {} : { items: { type: 'array', items: { anyOf: kinds } } }),
    left: { type: 'number', description: 'How many items more there were.' },
    warnings: { type: 'array', items: { type: 'object' } },
    error: errorSchema,
  };
  return { $schema: draft, type: 'object', properties, $defs: definitionsIn(properties, $defs) };
}

/** A client may give the schemas to a model: results of several regions or projects, which repeat the fields of one, are only named. */
function shorter({ anyOf, ...schema }: JsonSchema): JsonSchema {
  if (anyOf === undefined) return schema;
  const kinds = anyOf.map((kind) => {
    const many = ['regions', 'projects'].find((name) => kind.properties?.[name]?.items !== undefined);
    if (many === undefined) return kind;
    const list: JsonSchema = {
      type: 'array',
      items: { type: 'object' },
      description: `A result for each of the ${many}.`,
    };
    return { type: 'object', properties: { [many]: list }, required: [many] };
  });
  return { ...schema, anyOf: kinds };
}

/** The words of the command line for an input; a text if the input is not what the tool takes. */
export function wordsFor(
  { command, args, options }: Tool,
  input: Readonly<Record<string, unknown>>,
): string[] | string {
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null);
  const flags: string[] = [];
  for (const [name, value] of given) {
    if (Object.hasOwn(args, name)) continue;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) return `there is no input "${name}"`;
    const flag = longFlag(name);
    if (option.kind === 'flag') {
      if (typeof value !== 'boolean') return `"${name}" is true or false, not ${JSON.stringify(value)}`;
      if (value) flags.push(flag);
      continue;
    }
    const values = textsOf(value, option.kind !== 'text');
    if (values === undefined)
      return `"${name}" is a ${option.kind === 'text' ? 'text' : 'list of texts'}, not ${JSON.stringify(value)}`;
    flags.push(...values.map((text) => `${flag}=${text}`));
  }
  const words: string[] = [];
  for (const [name, { kind }] of Object.entries(args)) {
    const value = input[name];
    if (value === undefined || value === null) {
      if (kind === 'required') return `"${name}" is missing`;
      continue;
    }
    const values = textsOf(value, kind === 'variadic');
    if (values === undefined)
      return `"${name}" is a ${kind === 'variadic' ? 'list of texts' : 'text'}, not ${JSON.stringify(value)}`;
    words.push(...values);
  }
  return [...command.split(' '), '--json', ...flags, '--', ...words];
}

function textsOf(value: unknown, isList: boolean): readonly string[] | undefined {
  const texts = isList ? value : [value];
  if (!Array.isArray(texts)) return undefined;
  // a model may write a number where the command line has its digits
  const known = texts.every((text) => typeof text === 'string' || typeof text === 'number');
  return known ? texts.map(String) : undefined;
}

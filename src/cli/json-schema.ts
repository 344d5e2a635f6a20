// The JSON Schema of what a command prints with --json, out of the one file that the build makes of outputs.ts.
import { readFile } from 'node:fs/promises';
import { FxError } from '../base/error.ts';
import { packagedFile } from '../base/packaged.ts';
import { nearest } from '../base/suggest.ts';
import type { CommandTable } from './command.ts';
import { commands as fxCommands } from './commands/index.ts';

/** JSON Schema, as far as the generator writes it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: string | number | boolean | null;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [other: string]: unknown;
}

/** dist/json-schemas.json; its references are to its `$defs`. */
export interface JsonSchemas {
  /** The lines of any command, by their `type`. */
  readonly reports: Readonly<Record<string, JsonSchema>>;
  readonly error: JsonSchema;
  /** The other lines of each command, by their `type`; `result` has the result as its `value`. */
  readonly commands: Readonly<Record<string, { readonly lines: Readonly<Record<string, JsonSchema>> }>>;
  readonly $defs: Readonly<Record<string, JsonSchema>>;
}

export const draft = 'https://json-schema.org/draft/2020-12/schema';

export async function readJsonSchemas(): Promise<JsonSchemas> {
  return JSON.parse(await readFile(packagedFile('json-schemas.json'), 'utf8')) as JsonSchemas;
}

/** Of each line that the command prints: its own, the reports and the error. Throws USAGE. */
export function commandSchema(name: string, { reports, error, commands, $defs }: JsonSchemas): JsonSchema {
  const known = fullName(name, commands);
  const lines = Object.values(commands[known]?.lines ?? {});
  return standalone(
    {
      title: `fx ${known} --json`,
      description: 'Each line of the output is one of these; the result, or an error, is the last.',
    },
    [...lines, ...Object.values(reports), error],
    $defs,
  );
}

function standalone(head: JsonSchema, anyOf: readonly JsonSchema[], $defs: JsonSchemas['$defs']): JsonSchema {
  return { $schema: draft, ...head, anyOf, $defs: definitionsIn(anyOf, $defs) };
}

/** The definitions that a schema needs. */
export function definitionsIn(schema: unknown, $defs: JsonSchemas['$defs']): JsonSchemas['$defs'] {
  const used = new Map<string, JsonSchema>();
  const take = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('$ref' in value && typeof value.$ref === 'string') {
      const name = value.$ref.slice('#/$defs/'.length);
      const found = $defs[name];
      if (found !== undefined && !used.has(name)) {
        used.set(name, found);
        take(found);
      }
    }
    for (const member of Object.values(value)) take(member);
  };
  take(schema);
  return Object.fromEntries(used);
}

/** `releases` is `releases list`, as on the command line. */
function fullName(name: string, commands: JsonSchemas['commands']): string {
  const table: CommandTable = fxCommands;
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  const full = row !== undefined && 'commands' in row && row.alone !== undefined ? `${name} ${row.alone}` : name;
  if (Object.hasOwn(commands, full)) return full;
  const suggestion = nearest(name, Object.keys(commands));
  throw new FxError('USAGE', `unknown command ${JSON.stringify(name)}`, {
    hint: suggestion === undefined ? 'fx --help lists the commands' : `did you mean ${JSON.stringify(suggestion)}?`,
  });
}

// Checks each line that a command prints with --json against the command's schema, as the build writes it. Fields that the schema does not
// have fail here, although the schema allows them to users, for whom a later version may add some.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { packagedFile } from '../../src/base/packaged.ts';
import type { CommandTable } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import type { JsonSchema, JsonSchemas } from '../../src/cli/json-schema.ts';

let read: JsonSchemas | undefined;
const validators = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

/** Throws if a line is not what its command may print. */
export function checkJsonOutput(words: readonly string[], stdout: string): void {
  const end = words.indexOf('--');
  if (!words.slice(0, end === -1 ? words.length : end).includes('--json')) return;
  const name = commandName(words);
  for (const text of stdout.split('\n')) {
    const line = objectIn(text);
    // an interrupted command may end within a line, and fx exec shows what its program prints
    if (line === undefined) continue;
    const validate = validatorFor(name, String(line['type']));
    if (validate === undefined) throw new Error(`fx ${name} --json printed a line without a schema: ${text}`);
    if (!validate(line)) {
      const errors = JSON.stringify(validate.errors, null, 1);
      throw new Error(`fx ${name} --json printed a line that does not match its schema:\n${text}\n${errors}`);
    }
  }
}

/** The full name, such as `releases list`, of the command that the words call. */
export function commandName([first = '', second = '']: readonly string[]): string {
  const table: CommandTable = commands;
  const row = Object.hasOwn(table, first) ? table[first] : undefined;
  if (row === undefined || !('commands' in row)) return first;
  return `${first} ${Object.hasOwn(row.commands, second) ? second : row.alone}`;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{"type":')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function validatorFor(name: string, type: string): ValidateFunction | undefined {
  const key = `${name} ${type}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  read ??= closed(JSON.parse(readFileSync(packagedFile('json-schemas.json'), 'utf8')) as JsonSchemas);
  const { reports, error, commands: own, $defs } = read;
  const schema = own[name]?.lines[type] ?? (type === 'error' ? error : reports[type]);
  if (schema === undefined) return undefined;
  ajv ??= new Ajv2020({ allowUnionTypes: true, formats: { 'date-time': /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ } });
  const made = ajv.compile({ ...schema, $defs });
  validators.set(key, made);
  return made;
}

/** The same schemas, closed to fields that they do not name. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, closed(member)]));
  const { type, additionalProperties, properties } = value as JsonSchema;
  const isOpen = type === 'object' && additionalProperties === undefined && typeof properties === 'object';
  return (isOpen ? { ...members, additionalProperties: false } : members) as T;
}

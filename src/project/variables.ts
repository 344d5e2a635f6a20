// The variables for `${var.NAME}`: those of the process, then .env.<environment>, then .env.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { FxError, type Problem } from '../base/error.ts';
import { decodeText } from '../base/text-file.ts';
import type { EnvEntries } from './env-file.ts';
import { invalid } from './read-file.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** A file of `NAME=value` lines, or of a JSON map, for --set-file. Throws USAGE if it does not exist or is neither. */
export async function readVariablesFile(path: string, shown: string): Promise<Readonly<Record<string, string>>> {
  const text = await readOptional(path, shown);
  if (text === undefined)
    throw new FxError('USAGE', `there is no file ${shown}`, { hint: 'check the path given with --set-file' });
  if (!/^\s*\{/.test(text)) {
    const { parseEnvFile } = await import('./env-file.ts');
    return Object.fromEntries(Object.entries(parseEnvFile(text, shown)).map(([name, { value }]) => [name, value]));
  }
  try {
    const values = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const wrong = values.find(([, value]) => !['string', 'number', 'boolean'].includes(typeof value));
    if (wrong === undefined) return Object.fromEntries(values.map(([name, value]) => [name, String(value)]));
    throw new FxError('USAGE', `${shown}: expected text or a number as the value of "${wrong[0]}"`);
  } catch (cause) {
    if (cause instanceof FxError) throw cause;
    throw new FxError('USAGE', `${shown} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

export interface LoadedVariables {
  readonly variables: Variables;
  readonly warnings: readonly Problem[];
}

/** The .env files of a project; the process's variables take precedence. */
export async function withEnvFiles(
  folder: string,
  environment: string,
  process: Variables,
  shownFrom: string,
): Promise<LoadedVariables> {
  const files = await Promise.all(
    ['.env', `.env.${environment}`].map(async (name) => {
      const path = join(folder, name);
      const shown = relative(shownFrom, path);
      const text = await readOptional(path, shown);
      return text === undefined ? {} : (await import('./env-file.ts')).parseEnvFile(text, shown);
    }),
  );
  const merged: EnvEntries = Object.assign({}, ...files);
  if (Object.keys(merged).length === 0) return { variables: process, warnings: [] };
  const set = Object.fromEntries(
    Object.entries(process).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { expanded } = await import('./env-file.ts');
  const { values, warnings } = expanded(merged, set);
  return { variables: { ...values, ...set }, warnings };
}

async function readOptional(path: string, shown: string): Promise<string | undefined> {
  try {
    const decoded = decodeText(await readFile(path), shown);
    if ('text' in decoded) return decoded.text;
    throw invalid([decoded.problem], shown);
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

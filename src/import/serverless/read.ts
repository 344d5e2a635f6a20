// Reads a service's configuration: serverless.yml, .yaml, .json, .js or .ts, with the position of every value.
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, relative } from 'node:path';
import { FxError, type Problem } from '../../base/error.ts';
import { fromPlain, type Located } from '../../base/located.ts';
import { parseLocated } from '../../base/yaml.ts';
import { intrinsicTags } from '../../cfn/intrinsic-tags.ts';
import { evaluate } from './evaluate.ts';

export const fileNames = ['yml', 'yaml', 'json', 'js', 'cjs', 'mjs', 'ts'].map((ending) => `serverless.${ending}`);

export interface ReadOptions {
  /** Paths in findings are relative to it. */
  readonly shownFrom: string;
  readonly stage: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const isProgram = (path: string) => ['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts'].includes(extname(path));

export type FileValue = { readonly value: Located } | { readonly problems: readonly Problem[] };

/** A file with data. Other text is one value. */
export async function readValue(path: string, address: string, options: ReadOptions): Promise<FileValue> {
  const shown = relative(options.shownFrom, path) || basename(path);
  const at = { file: shown, line: 1, column: 1, length: 1 };
  if (!existsSync(path)) return { problems: [{ at, message: `${shown} is not here` }] };
  if (isProgram(path)) {
    const answer = await evaluate(path, { ...options, address });
    if ('wrong' in answer) return { problems: [{ at, message: `${shown} could not be run: ${answer.wrong}` }] };
    if (answer.value === undefined) return { problems: [{ at, message: `${shown} exports no ${address}` }] };
    return { value: fromPlain(answer.value, at) };
  }
  const text = readFileSync(path, 'utf8');
  if (!['.yml', '.yaml', '.json', '.tfstate'].includes(extname(path))) return { value: fromPlain(text.trim(), at) };
  const parsed = parseLocated(text, shown, [...intrinsicTags]);
  return parsed.problems.length > 0 ? { problems: parsed.problems } : { value: parsed.value };
}

/** Whether `address` is taken by the file itself, as a program does. */
export const takesAddress = isProgram;

/** The configuration. Throws IMPORT_FAILED with the first problem. */
export async function readService(path: string, options: ReadOptions): Promise<Located> {
  const read = await readValue(path, '', options);
  if ('value' in read && read.value.kind === 'map') return read.value;
  const shown = relative(options.shownFrom, path) || basename(path);
  const problems =
    'problems' in read ? read.problems : [{ at: read.value.at, message: 'expected a map with `service`, `provider`' }];
  throw new FxError('IMPORT_FAILED', `${shown} cannot be read`, { problems });
}

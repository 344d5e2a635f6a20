// Reads one file of a project: YAML or JSON into located values, a program by running it.
import { readFile } from 'node:fs/promises';
import { extname, relative } from 'node:path';
import type { Tags } from 'yaml';
import { FxError, type Problem, problemKey } from '../base/error.ts';
import type { LocatedMap } from '../base/located.ts';
import { decodeText } from '../base/text-file.ts';
import { parseLocated } from '../base/yaml.ts';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';

export interface Reading {
  /** Paths in messages are shown relative to this folder. */
  readonly shownFrom: string;
  readonly environment: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A file as a map, such as `example`. Throws PROJECT_INVALID with its problems, or ENOENT. */
export async function readProjectFile(path: string, reading: Reading, example = 'name: shop'): Promise<LocatedMap> {
  const shown = relative(reading.shownFrom, path);
  if (/^\.m?[jt]s$/.test(extname(path))) {
    const { runProgram } = await import('./program.ts');
    return runProgram(path, shown, reading);
  }
  const decoded = decodeText(await readFile(path), shown);
  if ('problem' in decoded) throw invalid([decoded.problem], shown);
  const { value, problems } = parseLocated(decoded.text, shown, intrinsicTags as Tags);
  if (problems.length > 0) throw invalid(problems, shown);
  if (value.kind === 'scalar' && value.value === null) return { kind: 'map', at: value.at, entries: new Map() };
  if (value.kind !== 'map') throw invalid([{ at: value.at, message: `expected a map, such as "${example}"` }], shown);
  return value;
}

/** The same; undefined if the file does not exist. */
export async function readOptionalFile(path: string, reading: Reading): Promise<LocatedMap | undefined> {
  try {
    return await readProjectFile(path, reading);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All problems of a project as one error, in the order of files and lines, without duplicates. */
export function invalid(problems: readonly Problem[], file: string, cause?: unknown): FxError {
  const unique = new Map(problems.map((problem) => [problemKey(problem), problem]));
  const count = unique.size === 1 ? 'a problem' : `${unique.size} problems`;
  return new FxError('PROJECT_INVALID', `${file} has ${count}`, {
    problems: sorted([...unique.values()]),
    ...(cause === undefined ? {} : { cause }),
  });
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...problems].sort(
    (a, b) => order(a.at.file, b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column,
  );
}

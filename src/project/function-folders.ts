// Apex's layout: `functions/<name>/function.yml` defines a function; its paths are relative to that folder.
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { FxError, type Problem } from '../base/error.ts';
import type { LocatedMap } from '../base/located.ts';
import { saysWhatItIs } from '../runtimes/infer.ts';
import type { FoundProject } from './find.ts';
import type { Part } from './include.ts';
import { isNull } from './overlay.ts';
import { type Reading, readOptionalFile } from './read-file.ts';

const settingsNames: readonly string[] = ['function.yml', 'function.yaml', 'function.json'];

export interface FunctionFolder {
  readonly name: string;
  /** Relative to the project, with `/`. */
  readonly folder: string;
  /** The function without environment. */
  readonly base: Part;
  /** The overlay from `function.<env>.yml`. */
  readonly overlay: Part | undefined;
}

/** The folders under `functions/`. A folder without a function.yml is a function only if the project lists no functions; otherwise it
 * may be a source folder. */
export async function readFunctionFolders(
  { folder, hasApexFiles }: Pick<FoundProject, 'folder' | 'hasApexFiles'>,
  project: LocatedMap,
  reading: Reading,
  problems: Problem[],
): Promise<readonly FunctionFolder[]> {
  const top = join(folder, 'functions');
  const listed = project.entries.get('functions');
  const bare = listed === undefined || isNull(listed.value);
  const entries = await readdir(top, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const names = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort();
  const functions = await Promise.all(
    names.map((name) => readOne(join(top, name), name, { bare, hasApexFiles, reading, problems })),
  );
  return functions.filter((entry) => entry !== undefined);
}

interface Options {
  readonly bare: boolean;
  readonly hasApexFiles: boolean;
  readonly reading: Reading;
  readonly problems: Problem[];
}

async function readOne(
  path: string,
  name: string,
  { bare, hasApexFiles, reading, problems }: Options,
): Promise<FunctionFolder | undefined> {
  const all = await readdir(path).catch((): string[] => []);
  const files = hasApexFiles ? all.filter((file) => !/^function(\.[\w-]+)?\.json$/.test(file)) : all;
  const settings = settingsNames.filter((name) => files.includes(name));
  if (settings.length === 0 && !(bare && saysWhatItIs(path))) return undefined;
  const shown = relative(reading.shownFrom, path);
  const at = { file: shown, line: 1, column: 1, length: 1 };
  const overlays = ['yml', 'yaml', 'json']
    .map((ending) => `function.${reading.environment}.${ending}`)
    .filter((name) => files.includes(name));
  for (const several of [settings, overlays]) {
    if (several.length > 1)
      problems.push({ at, message: `${shown} has both ${several.join(' and ')}`, hint: 'remove one of them' });
  }
  const read = async (file: string): Promise<Part | undefined> => {
    try {
      const value = await readOptionalFile(join(path, file), reading);
      return value === undefined ? undefined : { label: join(shown, file), value };
    } catch (error) {
      if (!(error instanceof FxError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const written = settings[0] === undefined ? undefined : await read(settings[0]);
  const empty: LocatedMap = { kind: 'map', at, entries: new Map() };
  const overlay = overlays[0] === undefined ? undefined : await read(overlays[0]);
  return { name, folder: `functions/${name}`, base: written ?? { label: shown, value: empty }, overlay };
}

/** One function's settings as a partial project. */
export function asProject(name: string, { label, value }: Part): Part {
  const functions: LocatedMap = { kind: 'map', at: value.at, entries: new Map([[name, { keyAt: value.at, value }]]) };
  return {
    label,
    value: { kind: 'map', at: value.at, entries: new Map([['functions', { keyAt: value.at, value: functions }]]) },
  };
}

// The environment of a command: --env, else FX_ENV, else the choice of `fx use` in this checkout, else local.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import { localEnvironment } from '../project/environment.ts';
import { findProject } from '../project/find.ts';
import type { Invocation } from './command.ts';

export interface Chosen {
  readonly name: string;
  readonly by: '--env' | 'FX_ENV' | 'fx use' | 'default';
}

export async function chosenEnvironment({ io, common }: Pick<Invocation, 'io' | 'common'>): Promise<Chosen> {
  if (common.env !== undefined) return { name: common.env, by: '--env' };
  const variable = io.variables['FX_ENV'];
  if (variable) return { name: variable, by: 'FX_ENV' };
  const kept = await keptEnvironment(await projectFolder({ io, common }));
  return kept === undefined ? { name: localEnvironment, by: 'default' } : { name: kept, by: 'fx use' };
}

/** The project's folder. Without a project, the starting folder: loading it will report the problem. */
export async function projectFolder({ io, common }: Pick<Invocation, 'io' | 'common'>): Promise<string> {
  if (common.config !== undefined) return dirname(resolve(io.workingFolder, common.config));
  const folder = resolve(io.workingFolder, common.folder);
  try {
    return (await findProject(folder)).folder;
  } catch (error) {
    if (error instanceof FxError) return folder;
    throw error;
  }
}

const fileOf = (folder: string) => join(folder, '.fx', 'environment');

async function keptEnvironment(folder: string): Promise<string | undefined> {
  try {
    return (await readFile(fileOf(folder), 'utf8')).trim() || undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Saves the choice in this checkout; `local`, the default, deletes it. */
export async function keepEnvironment(folder: string, name: string): Promise<void> {
  if (name === localEnvironment) return rm(fileOf(folder), { force: true });
  await mkdir(dirname(fileOf(folder)), { recursive: true });
  await writeFile(fileOf(folder), `${name}\n`);
}

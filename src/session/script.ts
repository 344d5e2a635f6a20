// What a script says of a project → how it is loaded.
import { resolve } from 'node:path';
import process from 'node:process';
import { localEnvironment } from '../project/environment.ts';
import type { LoadOptions } from '../project/load.ts';
import type { Caller } from './caller.ts';
import { openLookups } from './connect.ts';

export interface ScriptedProject {
  readonly folder?: string;
  readonly file?: string;
  readonly environment?: string;
  readonly region?: string;
  readonly params?: Readonly<Record<string, string>>;
}

/** Paths are relative to the working folder; the environment is local, unless the script names another. */
export function scriptLoadOptions(
  { folder = '.', file, environment = localEnvironment, region, params }: ScriptedProject,
  caller: Caller,
): LoadOptions {
  return {
    folder: resolve(folder),
    environment,
    variables: caller.variables,
    shownFrom: process.cwd(),
    version: caller.version,
    connect: (destination) => openLookups(caller, destination),
    ...(file === undefined ? {} : { file: resolve(file) }),
    ...(region === undefined ? {} : { region }),
    ...(params === undefined ? {} : { params }),
  };
}

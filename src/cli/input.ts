// The text that a command gets: from --data, from a file, or from standard input.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import type { Io } from './io.ts';

export interface TextOptions {
  readonly data: string | undefined;
  readonly file: string | undefined;
}

/** Empty if nothing was given and standard input is a terminal. */
export async function readText(options: TextOptions, io: Io, signal: AbortSignal): Promise<string> {
  return (await readBytes(options, io, signal)).toString();
}

/** Empty if nothing was given and standard input is a terminal. */
export async function readBytes({ data, file }: TextOptions, io: Io, signal: AbortSignal): Promise<Buffer> {
  if (data !== undefined && file !== undefined) throw new FxError('USAGE', '--data and --file exclude each other');
  if (data !== undefined) return Buffer.from(data);
  if (file === undefined) return Buffer.from(io.stdinIsTerminal ? '' : await unlessInterrupted(io.readInput(), signal));
  try {
    return await readFile(resolve(io.workingFolder, file));
  } catch (cause) {
    throw new FxError('USAGE', `the event file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

// The error message and exit code of a failed command line.
import { type ExitCode, FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import type { Io } from './io.ts';
import { renderError } from './render/error.ts';
import { jsonError } from './render/json.ts';

export function showError(error: unknown, io: Io, { json, debug }: { json: boolean; debug: boolean }): ExitCode {
  if (json) io.out(jsonError(error));
  if (!json || !(error instanceof FxError))
    io.err(renderError(error, { color: io.color && io.stderrIsTerminal, debug, workingFolder: io.workingFolder }));
  return error instanceof FxError ? error.exitCode : 1;
}

interface KnownCommands {
  readonly commands: readonly string[];
  /** The group's name and a space, if the word is in a group. */
  readonly prefix: string;
}

/** The error for a first word that is not a command: a typo, or an option before the command. */
export function unknownCommand(word: string, after: readonly string[], { commands, prefix }: KnownCommands): FxError {
  const list = `fx ${prefix}--help lists the commands`;
  if (word.startsWith('-')) {
    // git and make take -C before the command; in fx, options follow the command
    const later = after.find((other) => commands.includes(other));
    const hint = later === undefined ? list : `options come after the command: fx ${prefix}${later} ${word} …`;
    return new FxError('USAGE', `unknown option "${word}"`, { hint });
  }
  const suggestion = nearest(word, commands);
  return new FxError('USAGE', `unknown command "${prefix}${word}"`, {
    hint: suggestion === undefined ? list : `did you mean ${prefix}${suggestion}?`,
  });
}

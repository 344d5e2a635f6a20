// An error for people: the message, the underlined line of the file, and what to do.
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { FxError, type Problem } from '../../base/error.ts';
import { largestTextFile } from '../../base/text-file.ts';
import { style } from './style.ts';

/** Fits on a screen; --json has the rest. */
const mostProblems = 100;
const longestLine = 160;
const longestHint = 1000;

export interface ErrorOptions {
  readonly color: boolean;
  readonly debug: boolean;
  readonly workingFolder: string;
}

export function renderError(error: unknown, options: ErrorOptions): string {
  const { bold, red, cyan } = style(options.color);
  if (!(error instanceof FxError)) return renderBug(error, options);
  const lines = [`${red(bold('error'))} ${bold(error.message)} ${style(options.color).dim(`[${error.code}]`)}`];
  const sources = new Map<string, readonly string[]>();
  for (const problem of error.problems.slice(0, mostProblems))
    lines.push('', ...renderProblem(problem, options, sources));
  const more = error.problems.length - mostProblems;
  if (more > 0) lines.push('', `and ${more} more`);
  if (error.hint !== undefined) {
    if (error.problems.length > 0) lines.push('');
    lines.push(...error.hint.split('\n').map((hint) => `${cyan('→')} ${hint}`));
  }
  if (options.debug) lines.push('', stackOf(error));
  return `${lines.join('\n')}\n`;
}

type Sources = Map<string, readonly string[]>;

function renderProblem({ at, message, hint }: Problem, options: ErrorOptions, sources: Sources): string[] {
  const { red, cyan, dim, bold } = style(options.color);
  // a value from the command line has no line to show
  const place = at.file.startsWith('--') ? at.file : `${at.file}:${at.line}:${at.column}`;
  const lines = [`${bold(place)} ${message}`];
  const written = sourceLine(at, options.workingFolder, sources);
  if (written !== undefined) {
    const { text, column } = excerpt(written, at.column);
    const underline = '~'.repeat(Math.max(1, Math.min(at.length, text.length - column + 1)));
    lines.push(`${dim('  │ ')}${text}`, `${dim('  │ ')}${' '.repeat(column - 1)}${red(underline)}`);
  }
  if (hint !== undefined)
    lines.push(`  ${cyan('→')} ${hint.length > longestHint ? `${hint.slice(0, longestHint)}…` : hint}`);
  return lines;
}

/** The part of a line around a column, without terminal control characters. */
function excerpt(line: string, column: number): { readonly text: string; readonly column: number } {
  const printable = line.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  if (printable.length <= longestLine) return { text: printable, column };
  const start = Math.max(0, Math.min(column - 1 - longestLine / 2, printable.length - longestLine));
  return { text: printable.slice(start, start + longestLine), column: column - start };
}

function sourceLine({ file, line }: Problem['at'], workingFolder: string, sources: Sources): string | undefined {
  let lines = sources.get(file);
  if (lines === undefined) {
    lines = readLines(resolve(workingFolder, file));
    sources.set(file, lines);
  }
  return lines[line - 1];
}

function readLines(path: string): readonly string[] {
  try {
    return statSync(path).size > largestTextFile ? [] : readFileSync(path, 'utf8').split(/\r?\n/);
  } catch {
    // the file is gone, or the place is not in a file: show only the place
    return [];
  }
}

function renderBug(error: unknown, options: ErrorOptions): string {
  const { bold, red } = style(options.color);
  const message = error instanceof Error ? error.message : String(error);
  return `${red(bold('bug in fx'))} ${message}\n\n${stackOf(error)}\n\nThis should not happen. Please report it with the text above.\n`;
}

function stackOf(error: unknown): string {
  const parts: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    parts.push(current.stack ?? current.message);
  return parts.join('\ncaused by: ') || String(error);
}

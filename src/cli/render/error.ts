// An error for people: what, where in the file with the line underlined, and what to do.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FxError, type Problem } from '../../base/error.ts';
import { style } from './style.ts';

export interface ErrorOptions {
  readonly color: boolean;
  readonly debug: boolean;
  readonly workingFolder: string;
}

export function renderError(error: unknown, options: ErrorOptions): string {
  const { bold, red, cyan } = style(options.color);
  if (!(error instanceof FxError)) return renderBug(error, options);
  const lines = [`${red(bold('error'))} ${bold(error.message)} ${style(options.color).dim(`[${error.code}]`)}`];
  for (const problem of error.problems) lines.push('', ...renderProblem(problem, options));
  if (error.hint !== undefined) lines.push(`${error.problems.length > 0 ? '\n' : ''}${cyan('→')} ${error.hint}`);
  if (options.debug) lines.push('', stackOf(error));
  return `${lines.join('\n')}\n`;
}

function renderProblem({ at, message, hint }: Problem, options: ErrorOptions): string[] {
  const { red, cyan, dim, bold } = style(options.color);
  const lines = [`${bold(`${at.file}:${at.line}:${at.column}`)} ${message}`];
  const written = sourceLine(at.file, at.line, options.workingFolder);
  if (written !== undefined) {
    const shown = written.replace(/\t/g, ' ');
    const underline = '~'.repeat(Math.max(1, Math.min(at.length, shown.length - at.column + 1)));
    lines.push(`${dim('  │ ')}${shown}`, `${dim('  │ ')}${' '.repeat(at.column - 1)}${red(underline)}`);
  }
  if (hint !== undefined) lines.push(`  ${cyan('→')} ${hint}`);
  return lines;
}

function sourceLine(file: string, line: number, workingFolder: string): string | undefined {
  try {
    return readFileSync(resolve(workingFolder, file), 'utf8').split(/\r?\n/)[line - 1];
  } catch {
    // the file is gone or was never one: the place alone is told
    return undefined;
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

// Reports for a program: one JSON object per line on standard output, the result last.
import { FxError } from '../../base/error.ts';
import type { ErrorLine, Untyped } from '../outputs.ts';
import type { Renderer } from './renderer.ts';

export function jsonRenderer(write: (text: string) => void): Renderer {
  return {
    report: ({ kind, ...rest }) => write(jsonItem(kind, rest)),
    end: () => {},
  };
}

export function jsonItem(type: string, value: Untyped): string {
  return `${JSON.stringify({ type, ...value })}\n`;
}

export function jsonResult(value: unknown): string {
  return `${JSON.stringify({ type: 'result', value })}\n`;
}

/** An unexpected error is a bug: its stack goes to standard error, for people. */
export function jsonError(error: unknown): string {
  if (!(error instanceof FxError)) {
    const message = error instanceof Error ? error.message : String(error);
    return errorLine({ type: 'error', code: 'BUG', message, exitCode: 1 });
  }
  const { code, message, hint, problems, exitCode } = error;
  return errorLine({ type: 'error', code, message, hint, problems, exitCode });
}

const errorLine = (line: ErrorLine): string => `${JSON.stringify(line)}\n`;

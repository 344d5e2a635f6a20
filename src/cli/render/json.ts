// Reports for a program: one JSON object per line on standard output, the result last.
import { FxError } from '../../base/error.ts';
import type { Renderer } from './renderer.ts';

export function jsonRenderer(write: (text: string) => void): Renderer {
  return {
    report: ({ kind, ...rest }) => write(`${JSON.stringify({ type: kind, ...rest })}\n`),
    end: () => {},
  };
}

export function jsonItem(type: string, value: object): string {
  return `${JSON.stringify({ type, ...value })}\n`;
}

export function jsonResult(value: unknown): string {
  return `${JSON.stringify({ type: 'result', value })}\n`;
}

/** An unexpected error is a bug: its stack goes to standard error, for people. */
export function jsonError(error: unknown): string {
  if (!(error instanceof FxError)) {
    const message = error instanceof Error ? error.message : String(error);
    return `${JSON.stringify({ type: 'error', code: 'BUG', message, exitCode: 1 })}\n`;
  }
  const { code, message, hint, problems, exitCode } = error;
  return `${JSON.stringify({ type: 'error', code, message, hint, problems, exitCode })}\n`;
}

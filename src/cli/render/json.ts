// Reports for a program: one JSON object a line on standard output, the result last.
import type { FxError } from '../../base/error.ts';
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

export function jsonError(error: FxError): string {
  const { code, message, hint, problems, exitCode } = error;
  return `${JSON.stringify({ type: 'error', code, message, hint, problems, exitCode })}\n`;
}

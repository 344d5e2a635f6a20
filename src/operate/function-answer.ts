// What a function answered, read: its value, or the error that it threw.
import { FxError } from '../base/error.ts';

/** FUNCTION_FAILED, with what the function threw. `payload`: its answer; `kind`: `Unhandled` or `Handled`. */
export function functionFailed(name: string, payload: string, kind: string): FxError {
  const error = answerOf(payload) as {
    errorType?: string;
    errorMessage?: string;
    trace?: string[];
    stackTrace?: string[];
  } | null;
  const trace = (error?.trace ?? error?.stackTrace ?? []).slice(1, 6).map((line) => line.trim());
  const what = error?.errorMessage === undefined ? payload : `${error.errorType ?? kind}: ${error.errorMessage}`;
  return new FxError('FUNCTION_FAILED', `"${name}" failed: ${what}`, {
    hint: trace.length > 0 ? trace.join('\n  ') : `fx logs ${name} shows what it wrote`,
  });
}

/** The answer of a function, which need not be JSON. */
export function answerOf(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

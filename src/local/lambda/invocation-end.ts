// How an invocation ends: with an answer, a timeout or a failure of the process, each in Lambda's words.
import type { InvokeEnd } from './platform-log.ts';
import type { Answer, Invocation } from './runtime-api.ts';

/** The outcome of an invocation. */
export interface Outcome {
  readonly payload: Buffer;
  readonly failed: boolean;
  /** How long the function's code ran. */
  readonly durationMs: number;
  /** Whether the process was started for it. */
  readonly cold: boolean;
  /** How long the initialization took that it waited for. */
  readonly initMs: number | undefined;
  /** The tail of this invocation's log; resolves when all of the log is stored, which is after the answer. */
  readonly log: () => Promise<Buffer>;
}

/** How the process or its initialization ended, if it did so before an answer. */
export interface Failure {
  readonly errorType: string;
  readonly body: Buffer;
  /** Lambda's own line about it, if the runtime did not write one. */
  readonly line?: string;
}

export interface Ended {
  readonly payload: Buffer;
  readonly failed: boolean;
  /** Whether the process can't be used again. */
  readonly kills: boolean;
  readonly status: InvokeEnd['status'];
  readonly errorType?: string;
  readonly isLambdas: boolean;
  readonly line?: string;
}

export function answerEnd(answer: Answer): Ended {
  if (answer.kind === 'response') {
    return { payload: answer.body, failed: false, kills: false, status: 'success', isLambdas: false };
  }
  if (answer.kind === 'error') {
    const { body, errorType } = answer;
    return { payload: body, failed: true, kills: false, status: 'error', errorType, isLambdas: false };
  }
  const errorType = 'Function.ResponseSizeTooLarge';
  const payload = Buffer.from(
    JSON.stringify({
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType,
    }),
  );
  return { payload, failed: true, kills: false, status: 'error', errorType, isLambdas: true };
}

export function timeoutEnd({ requestId }: Invocation, timeout: number, now: number): Ended {
  const message = `Task timed out after ${timeout.toFixed(2)} seconds`;
  return {
    payload: Buffer.from(
      JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${message}` }),
    ),
    failed: true,
    kills: true,
    line: `${new Date(now).toISOString()} ${requestId} ${message}\n\n`,
    status: 'timeout',
    isLambdas: true,
  };
}

export function failureEnd({ requestId }: Invocation, { errorType, body, line }: Failure): Ended {
  const text = line === undefined ? undefined : `RequestId: ${requestId} ${line}`;
  return {
    payload: text === undefined ? body : Buffer.from(JSON.stringify({ errorType, errorMessage: text })),
    failed: true,
    kills: true,
    ...(text === undefined ? {} : { line: `${text}\n${errorType}\n` }),
    status: 'error',
    errorType,
    isLambdas: true,
  };
}

export function initFailure(answer: Answer): Failure {
  if (answer.kind === 'error') return { errorType: answer.errorType, body: answer.body };
  return exitFailure('Error: initialization failed', 'Runtime.Unknown');
}

export function exitFailure(line: string, errorType: string): Failure {
  return { errorType, body: Buffer.alloc(0), line };
}

export function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === 0) return 'Error: Runtime exited without providing a reason';
  const reason = code === null ? `signal: ${signalTexts[signal ?? ''] ?? signal}` : `exit status ${code}`;
  return `Error: Runtime exited with error: ${reason}`;
}

// As Go, in which Lambda's supervisor is written, prints them.
const signalTexts: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
};

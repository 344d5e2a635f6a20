// Interruption by the user: work ends at once, and the error says what continues without fx.
import { FxError } from './error.ts';

export function interruption(hint?: string): FxError {
  return new FxError('INTERRUPTED', 'interrupted', hint === undefined ? {} : { hint });
}

/** Throws the signal's own error, if it was aborted with one; else INTERRUPTED. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw reasonOf(signal);
}

function reasonOf({ reason }: AbortSignal): FxError {
  return reason instanceof FxError ? reason : interruption();
}

/** The promise's result. If the signal comes first: INTERRUPTED, and the result is dropped. */
export async function unlessInterrupted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(reasonOf(signal));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, interrupted]);
  } catch (error) {
    // a failure that the same keystroke caused elsewhere, such as in a child process, is a consequence of it
    throwIfInterrupted(signal);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    // nobody waits for the promise any more, so its rejection must not count as unhandled
    promise.catch(() => {});
  }
}

/** Waits. Throws INTERRUPTED as soon as the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await unlessInterrupted(waited, signal);
  } finally {
    clearTimeout(timer);
  }
}

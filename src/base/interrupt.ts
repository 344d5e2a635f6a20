// What is under way when the user interrupts: it ends at once, and says what goes on without us.
import { FxError } from './error.ts';

export function interruption(hint?: string): FxError {
  return new FxError('INTERRUPTED', 'interrupted', hint === undefined ? {} : { hint });
}

export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interruption();
}

/** The promise's result, unless the signal comes first: then INTERRUPTED, and the result is let go. */
export async function unlessInterrupted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(interruption());
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, interrupted]);
  } catch (error) {
    // what the same keystroke ended elsewhere, such as a child process, is no failure of its own
    if (signal.aborted) throw interruption();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    // a rejection that nobody waits for any more is no bug
    promise.catch(() => {});
  }
}

/** Waits, and throws INTERRUPTED as soon as the signal says so. */
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

// The errors of states: names that Retry and Catch match.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
export class StateError extends Error {
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  /** Whether AWS says in the cause which state failed. */
  readonly isInState: boolean;

  constructor(error: string | undefined, cause?: string, isInState = false) {
    super(cause ?? error);
    this.error = error;
    this.cause = cause;
    this.isInState = isInState;
  }
}

/** An error of the definition or its data, which States.ALL does not catch. */
export function runtimeError(cause: string): StateError {
  return new StateError('States.Runtime', cause, true);
}

/** Ends the states of a run that was stopped, or of branches beside one that failed. */
export class Stopped extends Error {}

/** Whether ErrorEquals names the error. */
export function matches(names: readonly string[], error: string | undefined): boolean {
  if (error !== undefined && names.includes(error)) return true;
  // a terminal error: only by its name
  if (error === 'States.Runtime') return false;
  if (names.includes('States.ALL')) return true;
  return names.includes('States.TaskFailed') && error !== 'States.Timeout';
}

// Calls through the SDK: expected errors become results; others become fx's errors.
import type { SharedClients } from './shared.ts';

export type Config = {
  readonly region: string;
  readonly endpoint?: string;
  /** False on the local AWS, which has no rate limits. */
  readonly paced?: boolean;
  readonly profile?: string;
  /** Set if several projects call AWS in this run. */
  readonly shared?: SharedClients;
};
/** Makes a call. `known` maps expected errors to results. */
export type Ask = <T>(
  name: string,
  run: () => Promise<T>,
  known?: Readonly<Record<string, (error: Error) => T>>,
) => Promise<T>;

/** Creates a value on first use. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => {
    value ??= make();
    return value;
  };
}

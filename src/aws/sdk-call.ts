// Calls over the SDK: errors that the caller expects become answers; others become fx's errors.
export type Config = {
  readonly region: string;
  readonly endpoint?: string;
  /** False where no rate limits hold: on the local AWS. */
  readonly paced?: boolean;
};
/** Makes a call. `known` maps errors that the caller expects to answers. */
export type Ask = <T>(
  name: string,
  run: () => Promise<T>,
  known?: Readonly<Record<string, (error: Error) => T>>,
) => Promise<T>;

/** Makes something on its first use only. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

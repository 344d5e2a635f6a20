// Runs work for each project, several at once, each after those it waits for.

export interface Schedule {
  /** In the order in which they begin, if none has to wait. */
  readonly names: readonly string[];
  /** Those that end first. */
  waitsFor(name: string): ReadonlySet<string>;
  readonly limit: number;
  /** After a failure, nothing else begins. What is running comes to its end in any case. */
  readonly stopOnFailure: boolean;
}

/** `work` resolves with whether it succeeded. Returns the names that did not begin. */
export async function runScheduled(
  { names, waitsFor, limit, stopOnFailure }: Schedule,
  work: (name: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const left = new Set(names);
  const running = new Map<string, Promise<void>>();
  let stopped = false;
  const isReady = (name: string) => ![...waitsFor(name)].some((other) => left.has(other) || running.has(other));
  for (;;) {
    for (const name of stopped ? [] : [...left].filter(isReady).slice(0, limit - running.size)) {
      left.delete(name);
      running.set(
        name,
        work(name).then((succeeded) => {
          running.delete(name);
          if (!succeeded && stopOnFailure) stopped = true;
        }),
      );
    }
    if (running.size === 0) return [...left];
    await Promise.race(running.values());
  }
}

// Single keys of a terminal, while a command runs.
import type { Io } from './io.ts';

export interface Keys {
  /** False if there is no terminal to press them at. */
  readonly areHeard: boolean;
  /** Gives the terminal to a question. */
  pausedFor<T>(question: () => Promise<T>): Promise<T>;
  end(): void;
}

export function listenToKeys(io: Io, actions: Readonly<Record<string, () => void>>): Keys {
  const areHeard = io.stdinIsTerminal && io.stdoutIsTerminal;
  const press = (key: string) => {
    if (Object.hasOwn(actions, key)) actions[key]?.();
  };
  let stop = areHeard ? io.keys(press) : () => {};
  return {
    areHeard,
    async pausedFor(question) {
      stop();
      try {
        return await question();
      } finally {
        if (areHeard) stop = io.keys(press);
      }
    },
    end: () => stop(),
  };
}

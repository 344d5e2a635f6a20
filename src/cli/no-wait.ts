// The option of commands that change an environment and may have to wait for another change of it.
import type { FlagOption } from './command.ts';

export const noWaitOption = {
  kind: 'flag',
  about: 'exit with 6 instead of waiting for another change of the environment',
} as const satisfies FlagOption;

// The options of commands that run in the projects of a workspace.
import type { Options } from '../command.ts';

export const workspaceOption = {
  workspace: {
    kind: 'flag',
    about: 'in every project of the workspace, wherever in it you are; in its own folder, that is the default',
  },
} as const satisfies Options;

export const concurrencyOption = {
  concurrency: {
    kind: 'text',
    value: 'count',
    about: 'how many projects of the workspace at once, as far as their dependencies allow; 1 is one after the other',
    default: '4',
  },
} as const satisfies Options;

export const dependenciesOption = {
  withDependencies: { kind: 'flag', about: 'with --project: the projects that those depend on, too' },
} as const satisfies Options;

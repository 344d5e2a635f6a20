// The project's shell commands at moments of a deploy, as in Apex. Shows their output; a failure stops the command.
import { join } from 'node:path';
import { FxError } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import type { Project } from '../project/project.ts';
import type { Hooks } from '../runtimes/settings.ts';
import { runTool } from '../runtimes/tool.ts';

export interface HookOptions {
  readonly report?: Reporter;
  readonly signal?: AbortSignal;
  /** More variables of the commands. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs the project's hooks in its folder, then each function's in the function's folder. Throws HOOK_FAILED. */
export async function runHooks(project: Project, moment: keyof Hooks, options: HookOptions): Promise<void> {
  const { folder } = project;
  for (const command of project.hooks[moment]) await run(project, { moment, command, folder }, options);
  for (const { name, packaging } of project.functions) {
    const functionFolder = join(folder, packaging.source);
    for (const command of packaging.hooks[moment]) {
      await run(project, { moment, command, folder: functionFolder, functionName: name }, options);
    }
  }
}

interface Hook {
  readonly moment: keyof Hooks;
  readonly command: string;
  readonly folder: string;
  readonly functionName?: string;
}

async function run(project: Project, hook: Hook, { report, signal, variables = {} }: HookOptions): Promise<void> {
  const { command, functionName, moment, folder } = hook;
  const owner = functionName ?? project.name;
  const isWindows = process.platform === 'win32';
  const result = await runTool({
    program: isWindows ? (process.env['ComSpec'] ?? 'cmd.exe') : '/bin/sh',
    args: [isWindows ? '/c' : '-c', command],
    folder,
    variables: {
      FX_PROJECT: project.name,
      FX_ENVIRONMENT: project.environment.name,
      FX_REGION: project.environment.region,
      FX_PROJECT_FOLDER: project.folder,
      FX_HOOK: moment,
      ...(functionName === undefined ? {} : { FX_FUNCTION: functionName }),
      ...variables,
    },
    signal: signal ?? new AbortController().signal,
    onLine: (line) => report?.({ kind: 'hook', owner, moment, line }),
  });
  if (result.exitCode === 0) return;
  const code = result.exitCode === undefined ? `was ended by ${result.signal}` : `ended with ${result.exitCode}`;
  const at = functionName === undefined ? ['hooks', moment] : ['functions', functionName, 'hooks', moment];
  const whose = functionName === undefined ? 'the project' : `"${functionName}"`;
  throw new FxError('HOOK_FAILED', `the ${moment} hook of ${whose} ${code}`, {
    problems: [{ at: project.origin(at), message: `${command} ${code}` }],
  });
}

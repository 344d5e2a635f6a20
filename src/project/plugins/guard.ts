// Calls into a plugin's code: a failure is reported at the plugin's line of project.yml, with the line of the plugin that threw.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FxError, type Span } from '../../base/error.ts';

/** A plugin of a project: its name in project.yml, and where that is. */
export interface NamedPlugin {
  readonly name: string;
  readonly at: Span;
  /** The folder of project.yml. */
  readonly folder: string;
}

/** `what` failed: `details` says how. PLUGIN_FAILED at the plugin's line. */
export function pluginFailed({ name, at }: NamedPlugin, message: string, hint?: string, cause?: unknown): FxError {
  return new FxError('PLUGIN_FAILED', `the plugin "${name}" ${message}`, {
    problems: [{ at, message: 'the plugin is listed here' }],
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The same function; what it throws, at once or later, becomes PLUGIN_FAILED. */
export function guarded<A extends readonly unknown[], R>(
  plugin: NamedPlugin,
  what: string,
  run: (...given: A) => R,
): (...given: A) => R {
  return (...given) => {
    try {
      const result = run(...given);
      return result instanceof Promise ? (result.catch((error) => fail(plugin, what, error)) as R) : result;
    } catch (error) {
      return fail(plugin, what, error);
    }
  };
}

function fail(plugin: NamedPlugin, what: string, error: unknown): never {
  // a plugin that reads AWS gets fx's own errors
  if (error instanceof FxError) throw error;
  const message = error instanceof Error ? error.message : String(error);
  throw pluginFailed(plugin, `failed in ${what}: ${message}`, placeOf(error, plugin.folder), error);
}

/** The first line of the stack that is in the user's code. */
export function placeOf(error: unknown, folder: string): string | undefined {
  const { stack = '' } = error instanceof Error ? error : {};
  // a URL, or a path where a source map applies
  const frames = stack.matchAll(/\bat (?:.*?\()?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]+?)(?:\?[\d.]+)?:(\d+):(\d+)\)?$/gm);
  for (const [, file = '', line, column] of frames) {
    const path = relative(folder, file.startsWith('file:') ? fileURLToPath(file) : file);
    if (!path.startsWith('..')) return `at ${path}:${line}:${column}`;
  }
  return undefined;
}

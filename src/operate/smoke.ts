// Smoke events: what the new versions must answer before they get traffic.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FxError } from '../base/error.ts';
import type { Deployment } from '../project/deployment.ts';
import type { Context } from './context.ts';
import type { WatchedVersion } from './traffic-watch.ts';

export interface SmokeEvent {
  /** The function's name in project.yml. */
  readonly functionName: string;
  /** Relative to the project. */
  readonly file: string;
  readonly payload: Buffer;
}

const eventsFolder = join('tests', 'events');

/** The events of a project: those that `smoke` names, or `tests/events/<function>.json` and `tests/events/<function>.<case>.json`.
 * Throws PROJECT_INVALID if a file is missing or is not JSON. */
export async function smokeEvents(
  folder: string,
  smoke: Deployment['smoke'],
  functions: readonly string[],
): Promise<readonly SmokeEvent[]> {
  if (smoke === false) return [];
  const files =
    smoke === true
      ? await conventionalFiles(folder, functions)
      : [...smoke].flatMap(([name, all]) => all.map((file) => [name, file] as const));
  const unknown = files.find(([name]) => !functions.includes(name));
  if (unknown !== undefined) {
    throw new FxError('PROJECT_INVALID', `deployment.smoke names a function that does not exist: "${unknown[0]}"`, {
      hint: `functions are ${functions.join(', ')}`,
    });
  }
  return Promise.all(
    files.map(async ([functionName, file]) => ({
      functionName,
      file,
      payload: await readEvent(join(folder, file), file),
    })),
  );
}

async function conventionalFiles(
  folder: string,
  functions: readonly string[],
): Promise<readonly (readonly [name: string, file: string])[]> {
  const entries = await readdir(join(folder, eventsFolder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return entries.sort().flatMap((entry) => {
    const [name = ''] = entry.split('.');
    return entry.endsWith('.json') && functions.includes(name) ? [[name, join(eventsFolder, entry)] as const] : [];
  });
}

async function readEvent(path: string, shown: string): Promise<Buffer> {
  try {
    const payload = await readFile(path);
    JSON.parse(payload.toString('utf8'));
    return payload;
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'does not exist'
        : `cannot be read: ${(error as Error).message}`;
    throw new FxError('PROJECT_INVALID', `the smoke event ${shown} ${why}`, {
      hint: 'deployment.smoke names the files; `smoke: false` sends none',
    });
  }
}

/** Invokes each version with its events. Throws DEPLOY_ABORTED if one fails. */
export async function smoke(
  events: readonly SmokeEvent[],
  versions: readonly WatchedVersion[],
  { aws, report }: Context,
): Promise<void> {
  for (const { functionName, file, payload } of events) {
    const found = versions.find(({ name }) => name === functionName);
    if (found === undefined) continue;
    const { physicalName, version } = found;
    const answer = await aws.functions.invoke({
      functionName: physicalName,
      qualifier: version,
      payload,
      mode: 'wait',
    });
    if (answer.functionError !== undefined) {
      throw new FxError(
        'DEPLOY_ABORTED',
        `version ${version} of ${functionName} failed on ${file}: ${answer.payload}`,
        {
          hint: 'it got no traffic; fx logs shows what it logged',
        },
      );
    }
    report({ kind: 'smoke', functionName, file });
  }
}

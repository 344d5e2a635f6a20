// fx local start, stop, status, and the server
import { resolve } from 'node:path';
import { durationMs } from '../../base/duration.ts';
import { FxError } from '../../base/error.ts';
import { findProject } from '../../project/find.ts';
import { findNearest } from '../../project/workspace/nearest.ts';
import { buildOf, ensureLocal, installedSdk, localFolder, stateFolder } from '../../session/local.ts';
import { controlLocal } from '../../session/local-control.ts';
import { command, type Invocation } from '../command.ts';
import { configOption } from '../common-options.ts';

interface Asked extends Pick<Invocation<'folder'>, 'io' | 'common'> {
  readonly options: { readonly config: string | undefined };
}

async function folderOf({ io, common, options: { config } }: Asked): Promise<string> {
  const folder = resolve(io.workingFolder, common.folder);
  if (config !== undefined) return localFolder((await findProject(folder, resolve(io.workingFolder, config))).folder);
  const nearest = await findNearest(folder);
  return nearest.kind === 'workspace' ? stateFolder(nearest.folder) : localFolder(nearest.folder);
}

export const localStart = command({
  output: 'local start',
  needs: 'folder',
  options: configOption,
  examples: [['fx local start', 'Start it, and print its address']],
  async run(invocation) {
    const server = await ensureLocal(
      { program: invocation.io.program, report: invocation.report, signal: invocation.signal },
      await folderOf(invocation),
    );
    invocation.print(
      `The local AWS answers at ${server.endpoint} (process ${server.pid}).\nTry: aws --endpoint-url ${server.endpoint} cloudformation list-stacks`,
    );
    invocation.result({ running: true, endpoint: server.endpoint, pid: server.pid });
    return 0;
  },
});

export const localStop = command({
  output: 'local stop',
  needs: 'folder',
  options: configOption,
  examples: [['fx local stop', 'Stop it']],
  async run(invocation) {
    const { stopServer } = await import('../../local/background.ts');
    const stopped = await stopServer(await folderOf(invocation));
    invocation.print(stopped ? 'The local AWS is stopped.' : 'The local AWS was not running.');
    invocation.result({ stopped });
    return 0;
  },
});

export const localStatus = command({
  output: 'local status',
  needs: 'folder',
  options: configOption,
  examples: [['fx local status', 'Show its address']],
  async run(invocation) {
    const { findServer } = await import('../../local/background.ts');
    const server = await findServer(await folderOf(invocation));
    invocation.print(
      server === undefined
        ? 'The local AWS is not running.'
        : `The local AWS answers at ${server.endpoint} (process ${server.pid}).`,
    );
    invocation.result(
      server === undefined ? { running: false } : { running: true, endpoint: server.endpoint, pid: server.pid },
    );
    return 0;
  },
});

export const localSave = command({
  output: 'local save',
  needs: 'folder',
  options: configOption,
  examples: [['fx local save', 'After a deploy, for fx local reset between tests']],
  async run(invocation) {
    const time = await controlLocal(await folderOf(invocation), { word: 'save' });
    invocation.print('Saved: fx local reset goes back to it.');
    invocation.result({ time: time.toISOString() });
    return 0;
  },
});

export const localReset = command({
  output: 'local reset',
  needs: 'folder',
  options: configOption,
  examples: [['fx local reset', 'Before each test: empty queues, tables, buckets and logs again, in milliseconds']],
  async run(invocation) {
    const time = await controlLocal(await folderOf(invocation), { word: 'reset' });
    invocation.print('The local AWS is as it was saved last.');
    invocation.result({ time: time.toISOString() });
    return 0;
  },
});

export const localAdvance = command({
  output: 'local advance',
  needs: 'folder',
  args: { time: { about: 'such as 30s, 10m, 2h or 3d', kind: 'required' } },
  options: configOption,
  examples: [['fx local advance 1d', 'A day later: schedules, delays, timeouts and retries fall due']],
  async run(invocation) {
    const { time: written } = invocation.args;
    const ms = durationMs(written);
    if (ms === undefined) {
      throw new FxError('USAGE', `fx local advance takes a time such as 10m, 2h or 3d, not ${JSON.stringify(written)}`);
    }
    const time = await controlLocal(await folderOf(invocation), { word: 'advance', ms });
    invocation.print(`The local AWS has ${time.toISOString()}.`);
    invocation.result({ time: time.toISOString() });
    return 0;
  },
});

export const localServe = command({
  output: 'local serve',
  needs: 'folder',
  args: { folder: { about: 'where it keeps its state', kind: 'required' } },
  examples: [['fx local serve .fx/local', 'Serve in this terminal']],
  async run(invocation) {
    const { serve } = await import('../../local/background.ts');
    const folder = resolve(invocation.io.workingFolder, invocation.args.folder);
    await serve(folder, buildOf(invocation.io.program[1]), installedSdk(folder));
    return 0;
  },
});

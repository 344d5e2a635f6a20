// fx local start, stop, status, and the server
import { resolve } from 'node:path';
import { findProject } from '../../project/find.ts';
import { findNearest } from '../../project/workspace/nearest.ts';
import { buildOf, ensureLocal, installedSdk, localFolder, stateFolder } from '../../session/local.ts';
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

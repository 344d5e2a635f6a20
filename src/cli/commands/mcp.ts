// fx mcp
import { Console } from 'node:console';
import { resolve } from 'node:path';
import { command } from '../command.ts';

export const mcp = command({
  output: 'mcp',
  needs: 'folder',
  options: {
    allowWrite: {
      kind: 'flag',
      about: 'offer tools that change environments too, but for protected ones: deploy, rollback, invoke, remove …',
    },
  },
  examples: [
    ['fx mcp', 'Serve the commands that only read, as the configuration of a client has it'],
    ['fx mcp --allow-write -C shop', 'With those that change environments, for the project in shop'],
  ],
  async run(invocation) {
    const [{ readJsonSchemas }, { toolsOf }, { serveMcp }] = await Promise.all([
      import('../json-schema.ts'),
      import('../mcp/tools.ts'),
      import('../mcp/server.ts'),
    ]);
    const { io, signal, version, common, options } = invocation;
    // what a plugin prints must not be among the messages
    globalThis.console = new Console(process.stderr);
    const own = { ...io, workingFolder: resolve(io.workingFolder, common.folder) };
    const tools = await toolsOf(own, await readJsonSchemas());
    await serveMcp({ process: { io: own, signal, version }, tools, allowWrite: options.allowWrite });
    return 0;
  },
});

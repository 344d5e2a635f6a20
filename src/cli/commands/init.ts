// fx init
import { resolve } from 'node:path';
import type { Command } from '../command.ts';

export const init: Command = {
  name: 'init',
  summary: 'Make a project: a TypeScript function behind an HTTP API',
  args: [{ name: 'folder', about: 'where to; the current folder without it', kind: 'optional' }],
  options: [
    { flags: '-n, --name <name>', about: "the project's name; the folder's without it" },
    { flags: '-t, --template <name>', about: 'what to start from', default: 'http-typescript' },
  ],
  examples: [
    ['fx init shop', 'Make a project in the folder shop'],
    ['fx init --name shop', 'Make it here'],
  ],
  async run(invocation) {
    const { scaffold } = await import('../../scaffold/scaffold.ts');
    const { name, template } = invocation.own;
    const target = resolve(invocation.io.workingFolder, invocation.common.folder, invocation.args[0] ?? '.');
    const { files, project } = await scaffold({
      folder: target,
      template: String(template),
      ...(typeof name === 'string' ? { name } : {}),
    });
    const enter = invocation.args[0] === undefined ? '' : `cd ${invocation.args[0]}\n  `;
    invocation.print(
      `Made "${project}":\n${files.map((file) => `  ${file}`).join('\n')}\n\nNext:\n  ${enter}fx deploy\n  fx logs -f`,
    );
    invocation.result({ project, folder: target, files });
    return 0;
  },
};

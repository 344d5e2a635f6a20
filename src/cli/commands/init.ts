// fx init
import { resolve } from 'node:path';
import { command } from '../command.ts';

export const init = command({
  output: 'init',
  needs: 'folder',
  args: { folder: { about: 'the folder to create it in (default: the current one)', kind: 'optional' } },
  options: {
    name: { kind: 'text', short: 'n', value: 'name', about: "the project's name (default: the folder's)" },
    template: { kind: 'text', short: 't', value: 'name', about: 'what to start from', default: 'http-typescript' },
  },
  examples: [
    ['fx init shop', 'Create a project in the folder shop'],
    ['fx init --name shop', 'Create it here'],
  ],
  async run(invocation) {
    const { scaffold } = await import('../../scaffold/scaffold.ts');
    const { name, template } = invocation.options;
    const { folder } = invocation.args;
    const target = resolve(invocation.io.workingFolder, invocation.common.folder, folder ?? '.');
    const { files, project } = await scaffold({
      folder: target,
      template,
      ...(name === undefined ? {} : { name }),
    });
    const enter = folder === undefined ? '' : `cd ${folder}\n  `;
    invocation.print(
      `Created "${project}":\n${files.map((file) => `  ${file}`).join('\n')}\n\nNext:\n  ${enter}fx deploy\n  fx logs -f`,
    );
    invocation.result({ project, folder: target, files });
    return 0;
  },
});

// fx schema
import { resolve } from 'node:path';
import { command } from '../command.ts';

export const schema = command({
  needs: 'folder',
  options: {
    output: { kind: 'text', short: 'o', value: 'file', about: 'write it there, and show the line for the file' },
    workspace: { kind: 'flag', about: 'that of fx.workspace.yml, instead of project.yml' },
  },
  examples: [
    ['fx schema --output .fx/project.schema.json', 'Write it where a project from fx init expects it'],
    ['fx schema --workspace --output .fx/workspace.schema.json', 'The same for fx.workspace.yml'],
    ['fx schema', 'Print it'],
  ],
  async run(invocation) {
    const { readSchema, schemaComment, writeSchema } = await import('../../scaffold/editor-schema.ts');
    const { output, workspace } = invocation.options;
    const of = workspace ? 'fx.workspace.yml' : 'project.yml';
    if (output === undefined) {
      const text = await readSchema(of);
      invocation.print(text.trimEnd());
      invocation.result(JSON.parse(text));
      return 0;
    }
    const folder = resolve(invocation.io.workingFolder, invocation.common.folder);
    const file = resolve(invocation.io.workingFolder, output);
    await writeSchema(file, of);
    const comment = schemaComment(folder, file);
    invocation.print(`Wrote ${output}. For editors to use it, make this the first line of ${of}:\n\n${comment}`);
    invocation.result({ file, comment });
    return 0;
  },
});

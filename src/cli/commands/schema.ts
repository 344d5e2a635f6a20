// fx schema
import { resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import type { Plugins } from '../../project/plugins/plugin.ts';
import { command, type Invocation, type NoArguments, type NoOptions } from '../command.ts';
import type { Outputs } from '../outputs.ts';

type Printing = Pick<Invocation<'folder', NoArguments, NoOptions, Outputs['schema']>, 'print' | 'result'> & {
  readonly options: { readonly output: string | undefined; readonly workspace: boolean };
};

export const schema = command({
  output: 'schema',
  needs: 'folder',
  options: {
    output: { kind: 'text', short: 'o', value: 'file', about: 'write it there, and show the line for the file' },
    workspace: { kind: 'flag', about: 'that of fx.workspace.yml, instead of project.yml' },
    command: { kind: 'text', value: 'name', about: 'that of what a command prints with --json' },
  },
  examples: [
    ['fx schema --output .fx/project.schema.json', 'Write it where a project from fx init expects it'],
    ['fx schema --workspace --output .fx/workspace.schema.json', 'The same for fx.workspace.yml'],
    ['fx schema', 'Print it'],
    ["fx schema --command 'releases list'", 'What the lines of fx releases list --json have'],
  ],
  async run(invocation) {
    const { readSchema, schemaComment, writeSchema } = await import('../../scaffold/editor-schema.ts');
    const { output, workspace, command: name } = invocation.options;
    if (name !== undefined) return printCommandSchema(invocation, name);
    const of = workspace ? 'fx.workspace.yml' : 'project.yml';
    const plugins = workspace ? undefined : await pluginsOf(invocation);
    if (output === undefined) {
      const text = await readSchema(of, plugins);
      invocation.print(text.trimEnd());
      invocation.result(JSON.parse(text));
      return 0;
    }
    const folder = resolve(invocation.io.workingFolder, invocation.common.folder);
    const file = resolve(invocation.io.workingFolder, output);
    await writeSchema(file, of, plugins);
    const comment = schemaComment(folder, file);
    invocation.print(`Wrote ${output}. For editors to use it, make this the first line of ${of}:\n\n${comment}`);
    invocation.result({ file, comment });
    return 0;
  },
});

async function printCommandSchema(invocation: Printing, name: string): Promise<0> {
  const { output, workspace } = invocation.options;
  if (workspace) throw new FxError('USAGE', '--command and --workspace exclude each other');
  if (output !== undefined) {
    throw new FxError('USAGE', '--output is for the schema of a file', {
      hint: `fx schema --command ${JSON.stringify(name)} > ${output}`,
    });
  }
  const { commandSchema, readJsonSchemas } = await import('../json-schema.ts');
  const schema = commandSchema(name, await readJsonSchemas());
  invocation.print(JSON.stringify(schema, null, 2));
  invocation.result(schema);
  return 0;
}

/** The plugins of the project in this folder, if there is one. */
async function pluginsOf({ io, common }: Pick<Invocation<'folder'>, 'io' | 'common'>): Promise<Plugins | undefined> {
  const { findProject } = await import('../../project/find.ts');
  const { readPlugins } = await import('../../project/sources.ts');
  try {
    const project = await findProject(resolve(io.workingFolder, common.folder));
    return await readPlugins(project, { shownFrom: io.workingFolder, environment: 'local', variables: io.variables });
  } catch (error) {
    if (error instanceof FxError && error.code === 'PROJECT_NOT_FOUND') return undefined;
    throw error;
  }
}

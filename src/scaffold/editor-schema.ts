// Where an editor finds the JSON Schemas of project.yml and fx.workspace.yml: in the installed package, or in a copy beside the file.
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { FxError } from '../base/error.ts';
import { packagedFile, packageFolder } from '../base/packaged.ts';
import { noPlugins, type Plugins } from '../project/plugins/plugin.ts';

const name = 'project.schema.json';
const workspaceName = 'workspace.schema.json';
/** The files that have a schema. */
export type Described = 'project.yml' | 'fx.workspace.yml';
const schemaOf = (file: Described) => packagedFile(file === 'project.yml' ? name : workspaceName);

/** The copy for a new project, in a folder that git ignores. */
export const schemaCopy = `.fx/${name}`;
export const workspaceSchemaCopy = `.fx/${workspaceName}`;

/** The schema of the package; with plugins, the one that they extend. */
export async function readSchema(of: Described, plugins: Plugins = noPlugins): Promise<string> {
  if (plugins.names.length === 0) return readFile(schemaOf(of), 'utf8');
  const { projectJsonSchema } = await import('../project/json-schema.ts');
  return `${JSON.stringify(projectJsonSchema(plugins), null, 2)}\n`;
}

/** Throws USAGE if the file cannot be written. */
export async function writeSchema(file: string, of: Described = 'project.yml', plugins?: Plugins): Promise<void> {
  const text = await readSchema(of, plugins);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FxError('USAGE', `${file} cannot be written (${code})`, {
      hint: 'name a file, such as .fx/project.schema.json',
    });
  }
}

/** The first line of a file in the folder: a comment for editors that use the YAML language server. */
export function schemaComment(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll('\\', '/');
  return `# yaml-language-server: $schema=${path.startsWith('../') ? path : `./${path}`}`;
}

/** The schema of the running fx, if installed in the folder: each `npm install` restores it, in the version that
 * the project uses. */
export async function installedSchema(folder: string): Promise<string | undefined> {
  const packageRoot = await realpath(packageFolder());
  for (let above = folder; ; above = dirname(above)) {
    const installed = join(above, 'node_modules/fx-serverless');
    if ((await realpath(installed).catch(() => undefined)) === packageRoot) return join(installed, 'dist', name);
    if (dirname(above) === above) return undefined;
  }
}

// The JSON Schema of project.yml where an editor finds it: in the installed package, or in a copy beside the project.
import { copyFile, mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { FxError } from '../base/error.ts';
import { packagedFile, packageFolder } from '../base/packaged.ts';

const name = 'project.schema.json';
/** The copy for a new project, in the folder that git ignores. */
export const schemaCopy = `.fx/${name}`;

export function readSchema(): Promise<string> {
  return readFile(packagedFile(name), 'utf8');
}

/** Throws USAGE where nothing can be written there. */
export async function writeSchema(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await copyFile(packagedFile(name), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FxError('USAGE', `${file} cannot be written (${code})`, {
      hint: 'name a file, such as .fx/project.schema.json',
    });
  }
}

/** The first line of a project.yml in the folder: a comment that editors with the YAML language server read. */
export function schemaComment(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll('\\', '/');
  return `# yaml-language-server: $schema=${path.startsWith('../') ? path : `./${path}`}`;
}

/** The schema of the fx that runs, where that is installed for the folder: it is there after each `npm install`, and of the
 * version that the project has. */
export async function installedSchema(folder: string): Promise<string | undefined> {
  const own = await realpath(packageFolder());
  for (let above = folder; ; above = dirname(above)) {
    const installed = join(above, 'node_modules/fx-serverless');
    if ((await realpath(installed).catch(() => undefined)) === own) return join(installed, 'dist', name);
    if (dirname(above) === above) return undefined;
  }
}

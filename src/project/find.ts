// Finds the project file of a folder: project.yml, or one of the other forms it may have.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FxError } from '../base/error.ts';

/** YAML and JSON are read; programs are run, and what they export is read. */
const projectFileNames = [
  'project.yml',
  'project.yaml',
  'project.json',
  'project.ts',
  'project.mts',
  'project.js',
  'project.mjs',
] as const;

export interface FoundProject {
  readonly folder: string;
  /** Its absolute path. */
  readonly file: string;
  /** The names of the files beside it. */
  readonly beside: readonly string[];
}

/** The file that is named, else the one in the folder or above it. Throws PROJECT_NOT_FOUND, or USAGE where two are there. */
export async function findProject(start: string, named?: string): Promise<FoundProject> {
  if (named !== undefined) return namedProject(named);
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const beside = await names(folder);
    const [first, second] = projectFileNames.filter((name) => beside.includes(name));
    if (second !== undefined) {
      throw new FxError('USAGE', `there are two project files in ${folder}: ${first} and ${second}`, {
        hint: 'take one away, or name the one that is meant with --config FILE',
      });
    }
    if (first !== undefined) return { folder, file: join(folder, first), beside };
    if (dirname(folder) === folder) break;
  }
  throw new FxError('PROJECT_NOT_FOUND', `there is no project.yml in ${resolve(start)} or above it`, {
    hint: 'run `fx init` to make a project here, or give its folder with -C DIR',
  });
}

/** The one that is named by --config. */
async function namedProject(path: string): Promise<FoundProject> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile)
    throw new FxError('PROJECT_NOT_FOUND', `there is no file ${path}`, { hint: 'check what is given with --config' });
  return { folder: dirname(path), file: path, beside: await names(dirname(path)) };
}

/** `project` of project.yml: what overlays of it are called before `.prod.yml`. */
export function stemOf({ file }: FoundProject): string {
  return basename(file).replace(/\.[^.]+$/, '');
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new FxError('PROJECT_NOT_FOUND', `there is no folder ${folder}`, {
        hint: 'check the folder given with -C',
      });
    }
    // a folder above that may not be listed holds no project of ours
    if (code === 'EACCES' || code === 'EPERM') return [];
    throw error;
  }
}

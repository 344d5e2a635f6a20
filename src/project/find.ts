// Finds the project file of a folder: project.yml, or an alternative format.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import { apexFilesIn } from './apex-files.ts';

/** fx reads YAML and JSON, and runs programs for their default export. */
const projectFileNames = [
  'project.yml',
  'project.yaml',
  'project.json',
  'project.ts',
  'project.mts',
  'project.js',
  'project.mjs',
] as const;

export const workspaceFileName = 'fx.workspace.yml';

export interface FoundProject {
  readonly folder: string;
  /** Its absolute path. */
  readonly file: string;
  /** The names of the files beside it. */
  readonly beside: readonly string[];
  /** Whether function.json and the like are Apex's. */
  readonly hasApexFiles: boolean;
}

/** The named file, else the one in the folder or above it, but not above a workspace. Throws PROJECT_NOT_FOUND, or USAGE if there are two. */
export async function findProject(start: string, named?: string): Promise<FoundProject> {
  if (named !== undefined) return namedProject(named);
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const { beside, hasApexFiles } = await ownNames(folder);
    const [first, second] = projectFileNames.filter((name) => beside.includes(name));
    if (second !== undefined) {
      throw new FxError('USAGE', `${folder} has two project files: ${first} and ${second}`, {
        hint: 'remove one of the two, or name one with --config FILE',
      });
    }
    if (first !== undefined) return { folder, file: join(folder, first), beside, hasApexFiles };
    if (beside.includes(workspaceFileName)) {
      throw new FxError('PROJECT_NOT_FOUND', `this command works on one project, but ${folder} is a workspace`, {
        hint: 'choose it with --project NAME, or name its folder with -C DIR',
      });
    }
    if (dirname(folder) === folder) break;
  }
  throw new FxError('PROJECT_NOT_FOUND', `there is no project.yml in ${resolve(start)} or above it`, {
    hint: 'run `fx init` to create a project here, or name its folder with -C DIR',
  });
}

/** Whether the folder itself has a project file. */
export async function hasProject(folder: string): Promise<boolean> {
  const beside: readonly string[] = await readdir(folder).catch(() => []);
  return projectFileNames.some((name) => beside.includes(name));
}

/** The file that --config names. */
async function namedProject(path: string): Promise<FoundProject> {
  const isFile = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isFile)
    throw new FxError('PROJECT_NOT_FOUND', `there is no file ${path}`, { hint: 'check the path given with --config' });
  return { folder: dirname(path), file: path, ...(await ownNames(dirname(path))) };
}

/** `project` for project.yml: its overlays are named `project.prod.yml`. */
export function stemOf({ file }: FoundProject): string {
  return basename(file).replace(/\.[^.]+$/, '');
}

/** The names of the files in a folder, without those of Apex. */
async function ownNames(folder: string): Promise<Pick<FoundProject, 'beside' | 'hasApexFiles'>> {
  const all = await names(folder);
  const theirs = await apexFilesIn(folder, all);
  return { beside: all.filter((name) => !theirs.includes(name)), hasApexFiles: theirs.length > 0 };
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
    // a folder above that fx may not list is not part of the project
    if (code === 'EACCES' || code === 'EPERM') return [];
    throw error;
  }
}

// What a command works on in a folder: the project or the workspace that is nearest above it. In one folder, the project comes first.
import { dirname, resolve } from 'node:path';
import { findProject, hasProject } from '../find.ts';
import { hasWorkspace } from './workspace.ts';

export interface Nearest {
  readonly kind: 'project' | 'workspace';
  readonly folder: string;
}

/** Throws PROJECT_NOT_FOUND. */
export async function findNearest(start: string): Promise<Nearest> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (await hasProject(folder)) return { kind: 'project', folder };
    if (await hasWorkspace(folder)) return { kind: 'workspace', folder };
    if (dirname(folder) === folder) break;
  }
  // says what is missing
  return { kind: 'project', folder: (await findProject(start)).folder };
}

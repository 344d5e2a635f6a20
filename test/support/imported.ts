// An import of files, as `fx import` would make it in their folder.
import { type Imported, importProject } from '../../src/import/import.ts';
import { type Files, folderOf, schemas, today } from './project.ts';

export async function importedFrom(files: Files): Promise<Imported> {
  const folder = await folderOf(files);
  const asked = { path: folder, from: undefined, stage: undefined, variables: {} };
  return importProject({ ...asked, shownFrom: folder, schemas, today });
}

// Writes a new project from templates/. Never overwrites a file.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { FxError } from '../base/error.ts';
import { packageFolder } from '../base/packaged.ts';
import { nearest } from '../base/suggest.ts';
import { namePattern } from '../project/schema.ts';
import { installedSchema, schemaComment, schemaCopy, writeSchema } from './editor-schema.ts';

export interface ScaffoldOptions {
  readonly folder: string;
  readonly template: string;
  /** Default: a name derived from the folder's. */
  readonly name?: string;
}

export interface Scaffolded {
  readonly project: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

/** Throws USAGE for a bad name or template, and ALREADY_EXISTS, before it writes anything, if a file is in the way. */
export async function scaffold(options: ScaffoldOptions): Promise<Scaffolded> {
  const source = join(packageFolder(), 'templates', options.template);
  const templates = await readdir(join(packageFolder(), 'templates'));
  if (!templates.includes(options.template)) {
    const suggestion = nearest(options.template, templates);
    throw new FxError('USAGE', `there is no template "${options.template}"`, {
      hint: suggestion === undefined ? `templates are ${templates.join(', ')}` : `did you mean "${suggestion}"?`,
    });
  }
  const project = options.name ?? suggestedName(basename(options.folder));
  if (!namePattern.test(project)) {
    throw new FxError('USAGE', `${JSON.stringify(project)} is not a valid project name`, {
      hint: 'use at most 40 lower-case letters, digits and -, beginning with a letter; set one with --name',
    });
  }
  const templateFiles = (await readdir(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
    .sort();
  // npm does not publish files named .gitignore
  const written = templateFiles.map((file) => ({
    from: join(source, file),
    to: file.replace(/(^|[\\/])gitignore$/, '$1.gitignore'),
  }));
  await checkFree(
    options.folder,
    written.map(({ to }) => to),
  );
  const installed = await installedSchema(options.folder);
  const schema = installed ?? join(options.folder, schemaCopy);
  for (const { from, to } of written) {
    const text = (await readFile(from, 'utf8')).replaceAll('fx-project-name', project);
    const first = to === 'project.yml' ? `${schemaComment(options.folder, schema)}\n` : '';
    await mkdir(dirname(join(options.folder, to)), { recursive: true });
    await writeFile(join(options.folder, to), first + text, { flag: 'wx' });
  }
  const files = written.map(({ to }) => to);
  if (installed !== undefined) return { project, files };
  await writeSchema(schema);
  return { project, files: [schemaCopy, ...files] };
}

async function checkFree(folder: string, files: readonly string[]): Promise<void> {
  let existing: readonly string[];
  try {
    existing = (await readdir(folder, { recursive: true })).map((path) => path.replaceAll('\\', '/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const inTheWay = files.filter((file) => existing.includes(file));
  if (inTheWay.length === 0) return;
  throw new FxError('ALREADY_EXISTS', `${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'exists' : 'exist'} already`, {
    hint: 'nothing was written; name another folder: fx init FOLDER',
  });
}

function suggestedName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? 'app' : name;
}

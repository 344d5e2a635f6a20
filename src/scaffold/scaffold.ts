// Makes a new project from a template: one of fx's own, or the files of a folder, a repository or a zip.
import { basename, join } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import { FxError } from '../base/error.ts';
import { workspaceFileName } from '../project/find.ts';
import { namePattern } from '../project/schema.ts';
import {
  type Described,
  installedSchema,
  readSchema,
  schemaComment,
  schemaCopy,
  workspaceSchemaCopy,
} from './editor-schema.ts';
import type { LanguageFacts, PackageManager } from './languages.ts';
import type { TemplateFile, TemplateFiles } from './template-files.ts';
import { type TemplatePlace, templateAt } from './template-source.ts';
import { filesOfTemplate, type Template, withWords } from './templates.ts';
import { writeProject } from './write-project.ts';

export interface ScaffoldOptions {
  readonly folder: string;
  readonly template: Template | TemplatePlace;
  /** Default: a name derived from the folder's. */
  readonly name?: string | undefined;
  readonly packageManager?: PackageManager | undefined;
  /** The version of fx. */
  readonly version: string;
  readonly signal: AbortSignal;
}

export interface Scaffolded {
  readonly project: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
  /** Of a template of fx's own. */
  readonly facts?: LanguageFacts;
}

/** Throws USAGE for a bad name or template, and ALREADY_EXISTS if a file is in the way; then nothing is written. */
export async function scaffold(options: ScaffoldOptions): Promise<Scaffolded> {
  const { folder, template, version, packageManager, signal } = options;
  const project = checkedName(options.name ?? suggestedName(basename(folder)));
  const made = 'kind' in template ? undefined : await filesOfTemplate(template, { packageManager, version });
  const read = made?.files ?? (await templateAt(template as TemplatePlace, signal));
  const named = new Map<string, TemplateFile>();
  for (const [path, file] of read) {
    // npm does not publish files named .gitignore
    const target = made === undefined ? path : path.replace(/(^|\/)gitignore$/, '$1.gitignore');
    named.set(target, withWords(file, { 'fx-project-name': project }));
  }
  if (made === undefined) nameProject(named, project, template as TemplatePlace);
  else checkNames(named);
  const files = await withSchemas(folder, named);
  signal.throwIfAborted();
  await writeProject(folder, files);
  return { project, files: [...files.keys()], ...(made === undefined ? {} : { facts: made.facts }) };
}

/** Throws USAGE. */
export function checkedName(name: string): string {
  if (namePattern.test(name)) return name;
  throw new FxError('USAGE', `${JSON.stringify(name)} is not a valid project name`, {
    hint: 'use at most 40 lower-case letters, digits and -, beginning with a letter; set one with --name',
  });
}

export function suggestedName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? 'app' : name;
}

/** Projects of a workspace have longer names. Throws USAGE. */
function checkNames(files: ReadonlyMap<string, TemplateFile>): void {
  for (const [path, { bytes }] of files) {
    const [, name] = (describedBy(path) === 'project.yml' && /^name: (.*)$/m.exec(bytes.toString())) || [];
    if (name !== undefined) checkedName(name);
  }
}

/** The project of somebody else's template gets its name, unless the template says where names go. Throws USAGE if there is no project. */
function nameProject(files: Map<string, TemplateFile>, project: string, { written }: TemplatePlace): void {
  const file = files.get('project.yml');
  const others = ['project.yaml', 'project.json', 'project.ts', 'project.js', 'project.mjs', 'project.mts'];
  if (file === undefined) {
    if (files.has(workspaceFileName) || others.some((name) => files.has(name))) return;
    throw new FxError('USAGE', `the template "${written}" has no project.yml`, {
      hint: 'nothing was written; of a repository, name the folder too: owner/repo/folder',
    });
  }
  const text = file.bytes.toString();
  const document = parseDocument(text, { keepSourceTokens: true, logLevel: 'silent' });
  const name = isMap(document.contents) ? document.get('name', true) : undefined;
  if (!isScalar(name) || name.range == null) return;
  const { range } = name;
  const renamed = `${text.slice(0, range[0])}${project}${text.slice(range[1])}`;
  files.set('project.yml', { ...file, bytes: Buffer.from(renamed) });
}

/** Each project.yml says where its schema is, which is there: in the installed package, or in a copy. */
async function withSchemas(folder: string, files: TemplateFiles): Promise<TemplateFiles> {
  const installed = await installedSchema(folder);
  const result = new Map<string, TemplateFile>();
  const copies = new Map<string, TemplateFile>();
  for (const [path, file] of files) {
    const described = describedBy(path);
    const text = file.bytes.toString();
    if (described === undefined || text.startsWith('# yaml-language-server:')) {
      result.set(path, file);
      continue;
    }
    const copy = described === 'project.yml' ? schemaCopy : workspaceSchemaCopy;
    const schema = described === 'project.yml' ? installed : undefined;
    if (schema === undefined)
      copies.set(copy, { bytes: Buffer.from(await readSchema(described)), isExecutable: false });
    const comment = schemaComment(join(folder, path, '..'), schema ?? join(folder, copy));
    result.set(path, { ...file, bytes: Buffer.from(`${comment}\n${text}`) });
  }
  return new Map([...copies, ...result].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describedBy(path: string): Described | undefined {
  const name = path.split('/').at(-1);
  return name === 'project.yml' || name === workspaceFileName ? name : undefined;
}

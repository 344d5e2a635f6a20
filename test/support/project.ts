// A project in a temporary folder, deleted after the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { Recipe } from '../../src/cfn/recipe.ts';
import type { Template } from '../../src/cfn/resource.ts';
import { suiteTime } from '../../src/local/fixture.ts';
import { loadProject } from '../../src/project/load.ts';
import type { Project } from '../../src/project/project.ts';
import { loadSchemas } from '../../src/session/schemas.ts';
import { type Compiled, compile } from '../../src/template/compile.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const schemas = loadSchemas();
/** The smallest handler. */
export const handler = 'export const handler = async () => ({ ok: true });\n';
/** A handler that answers with a text. */
export const answers = (value: string): string => `export const handler = async () => ${JSON.stringify(value)};\n`;

/** The day on which the suite runs, whatever the machine's date. */
export const today = new Date(suiteTime);

/** Writes files into a new folder that is deleted after the test. */
export async function folderOf(files: Files): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fx-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await writeFiles(folder, files);
  return folder;
}

/** A folder for all tests of a file, which build on one another. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fx-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

export function load(folder: string, environment = 'local', variables: Record<string, string> = {}): Promise<Project> {
  return loadProject({ folder, environment, variables, shownFrom: folder, today });
}

export async function projectOf(text: string, options: { environment?: string; files?: Files } = {}): Promise<Project> {
  const folder = await folderOf({ 'project.yml': text, ...options.files });
  return load(folder, options.environment);
}

/** Code for every function and layer of a project, as a build would give it, with distinct keys. */
export function recipeFor(project: Project): Recipe {
  const codeOf = (name: string, handlerName: string) => ({
    key: `key-of-${name}`,
    handler: handlerName,
    variables: {},
  });
  return {
    functions: new Map(project.functions.map(({ name, handler: written }) => [name, codeOf(name, written)])),
    layers: new Map(project.layers.map(({ name }) => [name, codeOf(name, '')])),
  };
}

/** A project compiled without a toolchain, with the code of `recipeFor`. */
export async function compiled(
  text: string,
  options: { environment?: string; files?: Files } = {},
): Promise<Compiled & { readonly template: Template; readonly text: string; readonly project: Project }> {
  const project = await projectOf(text, { ...options, files: { 'a.ts': handler, 'b.ts': handler, ...options.files } });
  const result = compile({ project, recipe: recipeFor(project), schemas });
  return { ...result, ...result.stacks.root, project };
}

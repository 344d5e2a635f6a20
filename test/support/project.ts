// A project in a folder of its own, taken away after the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { buildArtifacts } from '../../src/artifact/build.ts';
import { loadSchemas } from '../../src/cli/session.ts';
import { loadProject } from '../../src/project/load.ts';
import type { Project } from '../../src/project/project.ts';
import { type Compiled, compile } from '../../src/template/compile.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const schemas = loadSchemas();
/** The smallest handler. */
export const handler = 'export const handler = async () => ({ ok: true });\n';

/** Writes files into a new folder that goes away with the test. */
export async function folderOf(files: Files): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fx-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await writeFiles(folder, files);
  return folder;
}

/** A folder for all tests of a file, which go on from one another. */
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
  return loadProject({ folder, environment, variables, shownFrom: folder });
}

export async function projectOf(text: string, options: { environment?: string; files?: Files } = {}): Promise<Project> {
  const folder = await folderOf({ 'project.yml': text, ...options.files });
  return load(folder, options.environment);
}

/** The template of a project whose functions all have the smallest handler, unless files say otherwise. */
export async function compiled(text: string, options: { environment?: string; files?: Files } = {}): Promise<Compiled> {
  const project = await projectOf(text, { ...options, files: { 'a.ts': handler, 'b.ts': handler, ...options.files } });
  return compile(project, await buildArtifacts(project), schemas);
}

// The `src` layout of Python projects: modules that an install would put at the top are packed there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactFile } from '../runtime.ts';

/** The module of a handler as a path without its ending. */
export const moduleOf = (handler: string): string => handler.slice(0, handler.lastIndexOf('.')).replaceAll('.', '/');

/** Moves what is in `src` to the top, if the handler is found only so, or if the project would be installed so. */
export function withoutSrc(handler: string, folder: string, files: readonly ArtifactFile[]): readonly ArtifactFile[] {
  const has = (path: string) => files.some((file) => file.path === path);
  const module = moduleOf(handler);
  const isThere = (prefix: string) => has(`${prefix}${module}.py`) || has(`${prefix}${module}/__init__.py`);
  const isMoved = isThere('') ? isInstalled(folder, files) : isThere('src/');
  if (!isMoved) return files;
  const moved = files.map((file) => ({ ...file, path: file.path.replace(/^src\//, '') }));
  const fromSrc = new Set(moved.flatMap(({ path }, index) => (files[index]?.path === path ? [] : [path])));
  return moved.filter(({ path }, index) => files[index]?.path !== path || !fromSrc.has(path));
}

/** Whether `src` is the root of a project's packages, and not a package that others import by this name. */
function isInstalled(folder: string, files: readonly ArtifactFile[]): boolean {
  if (!['pyproject.toml', 'setup.py'].some((name) => existsSync(join(folder, name)))) return false;
  const inSrc = files.filter(({ path }) => path.startsWith('src/'));
  return inSrc.length > 0 && !inSrc.some(({ path }) => path === 'src/__init__.py') && !files.some(importsSrc);
}

const importsSrc = ({ path, content }: ArtifactFile): boolean =>
  path.endsWith('.py') && 'file' in content && /^\s*(from|import)\s+src\b/m.test(readFileSync(content.file, 'utf8'));

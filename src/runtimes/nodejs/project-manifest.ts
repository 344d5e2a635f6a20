// The project's package.json, for packages that look for it from the working directory or from a module upward.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { slashed } from '../parts.ts';
import type { ArtifactFile } from '../runtime.ts';
import { readPackage } from './installed.ts';

/** `join(folder, 'package.json')` of a folder that comes from elsewhere, and a way to come by one. */
export const looksForManifest = (text: string): boolean =>
  text.includes('package.json') &&
  /(?:join|resolve)\)?\(\s*(?:process\.cwd\(\)|(?!__dirname)[A-Za-z_$][\w$.]*)\s*,\s*(['"])package\.json\1\s*\)/.test(
    text,
  ) &&
  /\bdirname\b|process\.cwd\(\)/.test(text);

/** Of use to those who install the project or work on it; `type` would change how Node.js reads the bundle. */
const unused = [
  ...['type', 'main', 'module', 'exports', 'imports', 'types', 'files', 'scripts', 'workspaces', 'packageManager'],
  ...['devDependencies', 'overrides', 'resolutions', 'pnpm', 'publishConfig', 'engines', 'devEngines', 'sideEffects'],
];

/** A package.json that the code opens: its `type` would change how Node.js reads the bundle beside it. */
export function openedManifest(file: ArtifactFile): ArtifactFile {
  if (!('file' in file.content) || !/(?:^|\/)package\.json$/.test(file.path)) return file;
  const { type, ...others } = JSON.parse(readFileSync(file.content.file, 'utf8')) as Readonly<Record<string, unknown>>;
  return type === undefined
    ? file
    : { ...file, content: { bytes: Buffer.from(`${JSON.stringify(others, null, 2)}\n`) } };
}

/** The one nearest to the handler, at the top of the artifact, where the function starts. */
export function projectManifest(handler: string, projectFolder: string): ArtifactFile | undefined {
  for (let folder = dirname(handler); ; folder = dirname(folder)) {
    if (readPackage(folder) !== undefined) {
      const file = join(folder, 'package.json');
      const all = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
      const kept = Object.fromEntries(Object.entries(all).filter(([key]) => !unused.includes(key)));
      const bytes = Buffer.from(`${JSON.stringify(kept, null, 2)}\n`);
      return { path: 'package.json', content: { bytes }, from: [slashed(relative(projectFolder, file))] };
    }
    if (folder === projectFolder || dirname(folder) === folder) return undefined;
  }
}

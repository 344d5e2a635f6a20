// What is wrong with prebuilt code that Lambda would find only when it is called: no handler, or a bootstrap that cannot start.
import { existsSync } from 'node:fs';
import type { Problem } from '../base/error.ts';
import { unstartable } from './bootstrap-file.ts';
import { type FileRules, findFiles } from './files.ts';
import { missingHandler } from './handler-file.ts';
import type { ArtifactFile, FunctionSource } from './runtime.ts';

export async function prebuiltProblems(
  source: FunctionSource,
  kind: 'zip' | 'folder',
  files: readonly ArtifactFile[],
): Promise<readonly Problem[]> {
  const paths = files.map(({ path }) => path);
  const shown = source.packaging.artifact ?? (source.packaging.source || "the project's folder");
  const open = (path: string) => Promise.resolve(archiveOf(files, path));
  const missing = await missingHandler(source, { kind, shown, paths, open, layerPaths: layerPathsOf(source) });
  const bootstrap = source.runtime.startsWith('provided') ? files.find(({ path }) => path === 'bootstrap') : undefined;
  const unfit = bootstrap === undefined ? undefined : unstartable(source, bootstrap.content, paths);
  return [missing, unfit].filter((found) => found !== undefined);
}

function archiveOf(files: readonly ArtifactFile[], path: string): string | Buffer {
  const content = files.find((file) => file.path === path)?.content;
  if (content === undefined) return path;
  return 'file' in content ? content.file : Buffer.from(content.bytes);
}

/** All files of a layer, which Lambda unpacks to /opt. */
export const layerRules = (folder: string): FileRules => ({
  include: undefined,
  exclude: [],
  outsideLinks: true,
  top: folder,
  installed: true,
});

function layerPathsOf({ layerFolders, hasOtherLayers }: FunctionSource): readonly string[] | undefined {
  if (hasOtherLayers) return undefined;
  return layerFolders.flatMap((folder) =>
    existsSync(folder) ? findFiles(folder, layerRules(folder)).files.map(({ path }) => path) : [],
  );
}

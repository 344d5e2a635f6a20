// Where the content of the project's layers is: in their own folders, or where fx installed their dependencies.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerSettings } from '../project/layer-schema.ts';

/** The folders of layers with dependencies, by the name of the layer. */
export type LayerFolders = ReadonlyMap<string, string>;

export const noLayerFolders: LayerFolders = new Map();

export function contentFolder(project: string, { name, path }: LayerSettings, installed: LayerFolders): string {
  return installed.get(name) ?? join(project, path);
}

/** The names of the packages in a node_modules. */
export function packagesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

// Where the content of the project's layers is: in their own folders, or where fx installed their dependencies.
import { join } from 'node:path';
import type { LayerSettings } from '../project/layer-schema.ts';

/** The folders of layers with dependencies, by the name of the layer. */
export type LayerFolders = ReadonlyMap<string, string>;

export const noLayerFolders: LayerFolders = new Map();

export function contentFolder(project: string, { name, path }: LayerSettings, installed: LayerFolders): string {
  return installed.get(name) ?? join(project, path);
}

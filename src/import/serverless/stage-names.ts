// The names of a service's stages, from where its values differ by stage.
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Located, LocatedMap } from '../../base/located.ts';
import { valueAt } from '../../base/located.ts';

/** Names that an environment of fx may have. */
const possible = /^[a-z][a-z0-9-]{0,19}$/;
/** Keys beside stages that are none. */
const noStages = new Set(['default', 'defaults', 'other', 'all', 'common', 'base', 'global', 'fallback']);

/** The stages other than the one given. */
export function otherStages(root: LocatedMap, folder: string, stage: string): readonly string[] {
  const names = new Set<string>();
  const keysOf = (value: Located | undefined) => (value?.kind === 'map' ? [...value.entries.keys()] : []);
  for (const section of ['params', 'stages']) for (const key of keysOf(valueAt(root, [section]))) names.add(key);
  const text = JSON.stringify(plainKeys(root));
  const isByStage = /\.\$\{(opt:stage|sls:stage|self:provider\.stage|self:custom\.\w*stage\w*)/i.test(text);
  if (isByStage) for (const key of mapsWith(valueAt(root, ['custom']), stage, 0)) names.add(key);
  for (const key of filesByStage(text, folder)) names.add(key);
  return [...names].filter((name) => possible.test(name) && name !== stage && !noStages.has(name)).slice(0, 8);
}

/** The keys of maps that have the stage as a key. */
function mapsWith(value: Located | undefined, stage: string, depth: number): readonly string[] {
  if (value?.kind !== 'map' || depth > 4) return [];
  const own = value.entries.has(stage) ? [...value.entries.keys()] : [];
  return [...own, ...[...value.entries.values()].flatMap((entry) => mapsWith(entry.value, stage, depth + 1))];
}

/** `${file(./config.${opt:stage}.yml)}`: the files that are there tell the stages. */
function filesByStage(text: string, folder: string): readonly string[] {
  return [
    ...text.matchAll(
      /file\(([^()]*?)\$\{(?:opt:stage|sls:stage|self:provider\.stage|self:custom\.\w*stage)[^}]*\}([^()]*)\)/gi,
    ),
  ].flatMap(([, before = '', after = '']) => {
    const where = join(folder, dirname(`${before}x`));
    const [prefix, suffix] = [basename(`${before}x`).slice(0, -1), after];
    try {
      return readdirSync(where).flatMap((file) =>
        file.startsWith(prefix) && file.endsWith(suffix) && file.length > prefix.length + suffix.length
          ? [file.slice(prefix.length, file.length - suffix.length)]
          : [],
      );
    } catch {
      return [];
    }
  });
}

/** All texts of a value. */
function plainKeys(value: Located): unknown {
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'list') return value.items.map(plainKeys);
  return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plainKeys(entry.value)]));
}

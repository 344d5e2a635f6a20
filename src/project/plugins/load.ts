// Loads the plugins that project.yml names, and joins their rows: two owners of one key are a problem.
import type { LocatedMap, LocatedScalar } from '../../base/located.ts';
import { readAll } from '../../base/schema.ts';
import { type EventSources, eventSources } from '../../events/index.ts';
import type { EventSource } from '../../events/source.ts';
import { lookupSources } from '../lookups/index.ts';
import type { LookupSource } from '../lookups/source.ts';
import { hasLookup } from '../lookups/text.ts';
import { isNull } from '../overlay.ts';
import { invalid } from '../read-file.ts';
import { guarded, type NamedPlugin, placeOf, pluginFailed } from './guard.ts';
import { importModule, moduleFile } from './import-module.ts';
import { pluginList } from './list.ts';
import {
  noPlugins,
  type Plugin,
  type PluginFactory,
  type Plugins,
  type SettingTable,
  type Transform,
} from './plugin.ts';
import { checkPlugin, lookupRow, settingRow, sourceRow, transformRow } from './rows.ts';
import { pluginTools } from './tools.ts';

const key = /^[a-z][A-Za-z0-9]*$/;

/** The plugins of a project file, none of them loaded twice. `taken` are the keys of a function that fx has. Throws PROJECT_INVALID,
 * or PLUGIN_FAILED at the line of the plugin. */
export async function loadPlugins(project: LocatedMap, folder: string, taken: readonly string[]): Promise<Plugins> {
  const plugins = namedPlugins(project, folder);
  if (plugins.length === 0) return noPlugins;
  const loaded = await Promise.all(plugins.map(async (plugin) => ({ plugin, rows: await loadPlugin(plugin) })));
  const sources: Record<string, EventSource> = { ...eventSources };
  const settings: Record<string, SettingTable[string]> = {};
  const lookups: LookupSource[] = [];
  const transforms: Transform[] = [];
  for (const [index, { plugin, rows }] of loaded.entries()) {
    for (const [kind, row] of Object.entries(rows.eventSources ?? {})) {
      checkKey(kind, 'event source', Object.keys(sources), plugin);
      sources[kind] = sourceRow(kind, row, plugin);
    }
    for (const [name, row] of Object.entries(rows.settings ?? {})) {
      checkKey(name, 'setting', [...taken, ...Object.keys(settings)], plugin);
      settings[name] = settingRow(name, row, plugin);
    }
    for (const row of (rows.lookups ?? []).map((lookup) => lookupRow(lookup, plugin))) {
      const name = row.form.replace('<name>', 'name');
      if ([...lookupSources, ...lookups].some((other) => other.matches(name) !== undefined)) {
        throw pluginFailed(plugin, `defines the lookup \${${row.form}}, which exists already`);
      }
      lookups.push(row);
    }
    transforms.push(...transformRow(rows, index, plugin));
  }
  return { names: plugins.map(({ name }) => name), sources: sources as EventSources, settings, lookups, transforms };
}

function namedPlugins(project: LocatedMap, folder: string): readonly NamedPlugin[] {
  const written = project.entries.get('plugins')?.value;
  if (written === undefined || isNull(written)) return [];
  const { problems } = readAll(pluginList, written);
  const items = (written.kind === 'list' ? written.items : []) as readonly LocatedScalar[];
  for (const { value, at } of items) {
    if (typeof value === 'string' && hasLookup(value)) {
      problems.push({
        at,
        message: 'a lookup has no place in plugins',
        hint: 'plugins are loaded before lookups; write the path',
      });
    }
  }
  const names = items.map(({ value }) => String(value));
  for (const [index, { value, at }] of items.entries()) {
    if (names.indexOf(String(value)) < index) problems.push({ at, message: `"${value}" is listed twice` });
  }
  if (problems.length > 0) throw invalid(problems, written.at.file);
  return items.map(({ value, at }) => ({ name: String(value), at, folder }));
}

async function loadPlugin(plugin: NamedPlugin): Promise<Plugin> {
  const exports = await imported(plugin);
  const factory = exports['plugin'];
  if (typeof factory !== 'function') {
    throw pluginFailed(plugin, 'exports no function "plugin"', 'export const plugin = (fx) => ({ … })');
  }
  return checkPlugin(await guarded(plugin, 'plugin(fx)', factory as PluginFactory)(pluginTools), plugin);
}

async function imported(plugin: NamedPlugin): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importModule(moduleFile(plugin.name, plugin.folder), plugin.folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || (code === 'MODULE_NOT_FOUND' && !plugin.name.startsWith('.'))) {
      const isPath = /^[./]/.test(plugin.name);
      const hint = isPath
        ? 'a path is relative to project.yml'
        : 'install the package, or write a path such as ./plugin.mjs';
      throw pluginFailed(plugin, 'does not exist', hint, error);
    }
    throw pluginFailed(plugin, `could not be loaded: ${message.split('\n')[0]}`, placeOf(error, plugin.folder), error);
  }
}

function checkKey(name: string, noun: string, taken: readonly string[], plugin: NamedPlugin): void {
  if (!key.test(name)) {
    throw pluginFailed(
      plugin,
      `defines the ${noun} "${name}"`,
      'a key has letters and digits and begins with a small letter',
    );
  }
  if (taken.includes(name))
    throw pluginFailed(plugin, `defines the ${noun} "${name}", which exists already`, 'choose another key');
}

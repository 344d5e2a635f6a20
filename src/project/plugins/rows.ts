// From what a plugin returned to rows of fx's tables, each call guarded and its result checked.

import { isMap } from '../../base/plain.ts';
import type { Schema } from '../../base/schema.ts';
import type { EventSource } from '../../events/source.ts';
import type { Setting } from '../../settings/setting.ts';
import type { LookupSource } from '../lookups/source.ts';
import { guarded, type NamedPlugin, pluginFailed } from './guard.ts';
import type { Plugin, PluginEventSource, PluginLookup, Transform } from './plugin.ts';
import {
  type Check,
  checkContribution,
  checkPart,
  checkProblems,
  checkRuleProblem,
  checkTemplate,
  checkText,
} from './results.ts';

/** The type of each member of a row, and whether it may be absent. */
type Shape = Readonly<Record<string, { readonly type: string; readonly optional?: true }>>;

const pluginShape: Shape = {
  eventSources: { type: 'map', optional: true },
  settings: { type: 'map', optional: true },
  lookups: { type: 'list', optional: true },
  transform: { type: 'function', optional: true },
};
const sourceShape: Shape = {
  about: { type: 'string' },
  schema: { type: 'schema' },
  describe: { type: 'function', optional: true },
  check: { type: 'function', optional: true },
  warn: { type: 'function', optional: true },
  compile: { type: 'function' },
  shared: { type: 'function', optional: true },
};
const settingShape: Shape = {
  schema: { type: 'schema' },
  functionOnly: { type: 'boolean', optional: true },
  elsewhere: { type: 'list', optional: true },
  fallback: { type: 'any', optional: true },
  check: { type: 'function', optional: true },
  compile: { type: 'function', optional: true },
};
const lookupShape: Shape = { prefix: { type: 'string' }, about: { type: 'string' }, find: { type: 'function' } };

/** Throws PLUGIN_FAILED if it is not of the shape of a plugin. */
export function checkPlugin(value: unknown, plugin: NamedPlugin): Plugin {
  checkShape(value, 'the plugin', pluginShape, plugin);
  return value as Plugin;
}

// biome-ignore lint/suspicious/noExplicitAny: each row has its own type of configuration
export function sourceRow(kind: string, row: PluginEventSource<any>, plugin: NamedPlugin): EventSource<string, any> {
  const what = `events.${kind}`;
  checkShape(row, what, sourceShape, plugin);
  const { describe = () => kind, check = () => [], warn, shared } = row;
  return {
    kind,
    schema: guardedSchema(row.schema, what, plugin),
    docs: { summary: row.about, example: `${kind}: …`, aws: 'https://docs.aws.amazon.com/' },
    describe: checked(plugin, `describe of ${what}`, describe, checkText),
    check: checked(plugin, `check of ${what}`, check, checkProblems),
    ...(warn === undefined ? {} : { warn: checked(plugin, `warn of ${what}`, warn, checkProblems) }),
    compile: checked(plugin, `compile of ${what}`, row.compile, checkPart),
    ...(shared === undefined ? {} : { shared: checked(plugin, `shared of ${what}`, shared, checkPart) }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: each row has its own type of value
export function settingRow(key: string, row: Setting<any>, plugin: NamedPlugin): Setting<any> {
  const what = `settings.${key}`;
  checkShape(row, what, settingShape, plugin);
  const { check, compile } = row;
  return {
    ...row,
    schema: guardedSchema(row.schema, what, plugin),
    ...(check === undefined ? {} : { check: checked(plugin, `check of ${what}`, check, checkRuleProblem) }),
    ...(compile === undefined ? {} : { compile: checked(plugin, `compile of ${what}`, compile, checkContribution) }),
  };
}

export function lookupRow(row: PluginLookup, plugin: NamedPlugin): LookupSource {
  checkShape(row, 'a lookup', lookupShape, plugin);
  const { prefix, about } = row;
  if (!/^[a-z][A-Za-z0-9-]*:$/.test(prefix)) {
    throw pluginFailed(plugin, `has a lookup with the prefix "${prefix}"`, 'a prefix is a word and a colon: "vault:"');
  }
  const find = guarded(plugin, `find of the lookup ${prefix}`, async (...given: Parameters<PluginLookup['find']>) =>
    row.find(...given),
  );
  return {
    form: `${prefix}<name>`,
    about,
    matches: (name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : undefined),
    async find([name = ''], { environment, region, folder, variables, aws }) {
      const value: unknown = await find(name, { environment, region, folder, variables, aws });
      if (value === undefined) {
        const lookup = `\${${prefix}${name}}`;
        return { message: `${lookup} does not exist`, hint: `give a default: \${${prefix}${name}, value}` };
      }
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { plain: value };
      throw pluginFailed(
        plugin,
        `returned ${JSON.stringify(value)} from \${${prefix}${name}}`,
        'expected text, a number, true or false',
      );
    },
  };
}

export function transformRow(row: Plugin, index: number, plugin: NamedPlugin): readonly Transform[] {
  const { transform } = row;
  if (transform === undefined) return [];
  return [{ plugin: plugin.name, index, transform: checked(plugin, 'transform', transform.bind(row), checkTemplate) }];
}

function checked<A extends readonly unknown[], R>(
  plugin: NamedPlugin,
  what: string,
  run: (...given: A) => R,
  check: Check,
): (...given: A) => R {
  const call = guarded(plugin, what, run);
  return (...given) => check(call(...given), what, plugin);
}

function guardedSchema<T>(schema: Schema<T>, what: string, plugin: NamedPlugin): Schema<T> {
  const read = guarded(plugin, `the schema of ${what}`, schema.read.bind(schema));
  return { ...schema, read };
}

function checkShape(value: unknown, what: string, shape: Shape, plugin: NamedPlugin): void {
  if (!isMap(value)) throw pluginFailed(plugin, `has ${what} that is not an object`);
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(shape, key)) {
      throw pluginFailed(
        plugin,
        `has an unknown key "${key}" in ${what}`,
        `its keys are ${Object.keys(shape).join(', ')}`,
      );
    }
  }
  for (const [key, { type, optional }] of Object.entries(shape)) {
    const member = value[key];
    if (member === undefined && optional === true) continue;
    if (!isOfType(member, type)) throw pluginFailed(plugin, `has no ${key} in ${what}`, `expected ${article(type)}`);
  }
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'any') return true;
  if (type === 'map') return isMap(value);
  if (type === 'list') return Array.isArray(value);
  if (type === 'schema') return isMap(value) && typeof value['read'] === 'function' && isMap(value['json']);
  return typeof value === type;
}

function article(type: string): string {
  if (type === 'schema') return 'a schema, such as fx.schema.text()';
  return `a ${type}`;
}

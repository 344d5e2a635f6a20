// The table of a function's settings, one row per key of project.yml: schema, checks, template and reference follow from it.
import { deadLetterQueue, destinations, maximumEventAge, maximumRetryAttempts } from './async-invoke.ts';
import { go, rust } from './compilers.ts';
import { provisionedConcurrency, reservedConcurrency } from './concurrency.ts';
import { condition, dependsOn } from './conditions.ts';
import { image } from './image.ts';
import { layers } from './layers.ts';
import { logging } from './logging.ts';
import { description, functionName } from './naming.ts';
import { fileSystem, vpc } from './network.ts';
import {
  artifact,
  bundle,
  exclude,
  external,
  hooks,
  include,
  minify,
  outsideLinks,
  sdk,
  source,
  sourceMap,
} from './packaging.ts';
import { recursiveLoop } from './recursive-loop.ts';
import { runtimeManagement } from './runtime-management.ts';
import { secrets } from './secrets.ts';
import type { DefaultedSetting, Setting } from './setting.ts';
import { ephemeralStorage, memory, timeout } from './size.ts';
import { snapStart } from './snap-start.ts';
import { tags } from './tags.ts';
import { tracing } from './tracing.ts';
import { traffic } from './traffic.ts';
import { url } from './url.ts';
import { kmsKeyArn, variables } from './variables.ts';
import { warm } from './warm.ts';

export const settings = {
  source,
  artifact,
  bundle,
  external,
  minify,
  sourceMap,
  sdk,
  go,
  rust,
  include,
  exclude,
  outsideLinks,
  hooks,
  description,
  functionName,
  memory,
  timeout,
  ephemeralStorage,
  variables,
  secrets,
  kmsKeyArn,
  layers,
  tags,
  reservedConcurrency,
  provisionedConcurrency,
  vpc,
  fileSystem,
  url,
  deadLetterQueue,
  maximumRetryAttempts,
  maximumEventAge,
  destinations,
  tracing,
  logging,
  snapStart,
  runtimeManagement,
  recursiveLoop,
  image,
  condition,
  dependsOn,
  traffic,
  warm,
} as const;

export type SettingKey = keyof typeof settings;
export const settingKeys = Object.keys(settings) as readonly SettingKey[];

type ValueOf<S> = S extends Setting<infer T> ? T : never;
/** A function's settings. Undefined if the project does not set one: then AWS decides. */
export type SettingValues = {
  readonly [K in SettingKey]: (typeof settings)[K] extends DefaultedSetting<infer T>
    ? T
    : ValueOf<(typeof settings)[K]> | undefined;
};

/** The row of a key, for code that iterates over the keys. */
// biome-ignore lint/suspicious/noExplicitAny: the key ties a value to its row; a loop over the rows cannot say so
export function settingOf(key: SettingKey): Setting<any> & { readonly fallback?: unknown } {
  return settings[key];
}

/** Other tools' names of the keys, from the rows. */
export const settingsElsewhere: Readonly<Record<string, string>> = Object.fromEntries(
  settingKeys.flatMap((key) => (settingOf(key).elsewhere ?? []).map((foreign) => [foreign, key])),
);

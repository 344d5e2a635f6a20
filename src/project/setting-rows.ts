// The settings of a function that have a value, in the order of the table; those of plugins come last.
import { settingKeys, settingOf } from '../settings/index.ts';
import type { SettingTable } from './plugins/plugin.ts';
import type { FunctionSettings, Project } from './project.ts';

export interface SettingRow {
  readonly key: string;
  readonly row: SettingTable[string];
  readonly value: unknown;
  readonly ofPlugin: boolean;
}

export function settingRows({ plugins }: Project, settings: FunctionSettings): readonly SettingRow[] {
  return [
    ...settingKeys.map((key) => ({ key, row: settingOf(key), value: settings[key] as unknown, ofPlugin: false })),
    ...Object.entries(plugins.settings).map(([key, row]) => ({
      key,
      row,
      value: settings.pluginSettings[key],
      ofPlugin: true,
    })),
  ].filter(({ value }) => value !== undefined);
}

// samconfig.toml: regions, stacks and parameters of each environment.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Span } from '../../base/error.ts';

export interface SamEnvironment {
  readonly name: string;
  readonly region: string | undefined;
  readonly stackName: string | undefined;
  readonly profile: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly at: Span;
  /** Other keys of its commands. */
  readonly others: readonly string[];
}

const file = 'samconfig.toml';
/** Keys of commands that say how SAM CLI works, not what is deployed. */
const notNeeded = new Set([
  'capabilities',
  'confirm_changeset',
  'resolve_s3',
  'resolve_image_repos',
  's3_bucket',
  's3_prefix',
  'image_repositories',
  'image_repository',
  'cached',
  'parallel',
  'lint',
  'warm_containers',
  'fail_on_empty_changeset',
  'disable_rollback',
  'watch',
  'use_container',
  'beta_features',
  'template_file',
  'template',
  'base_dir',
  'build_dir',
  'no_confirm_changeset',
  'debug',
  'skip_pull_image',
  'on_failure',
]);

export async function samEnvironments(
  folder: string,
  shown: (file: string) => string,
): Promise<readonly SamEnvironment[]> {
  const path = join(folder, file);
  if (!existsSync(path)) return [];
  const { parse } = await import('smol-toml');
  const text = readFileSync(path, 'utf8');
  let toml: Record<string, unknown>;
  try {
    toml = parse(text) as Record<string, unknown>;
  } catch {
    return [];
  }
  return Object.entries(toml).flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [];
    const commands = value as Record<string, { parameters?: Record<string, unknown> }>;
    const merged: Record<string, unknown> = { ...commands['global']?.parameters, ...commands['deploy']?.parameters };
    const others = Object.entries(commands)
      .flatMap(([command, settings]) => Object.keys(settings?.parameters ?? {}).map((key) => [command, key] as const))
      .filter(([command, key]) => !notNeeded.has(key) && !(['deploy', 'global'].includes(command) && known.has(key)))
      .map(([command, key]) => `${command}.parameters.${key}`);
    const line =
      Math.max(
        0,
        text.split('\n').findIndex((each) => each.trim().startsWith(`[${name}`)),
      ) + 1;
    const textOf = (key: string) => (typeof merged[key] === 'string' ? (merged[key] as string) : undefined);
    return [
      {
        name,
        region: textOf('region'),
        stackName: textOf('stack_name'),
        profile: textOf('profile'),
        parameters: overridesOf(merged['parameter_overrides']),
        at: { file: shown(path), line, column: 1, length: 1 },
        others,
      },
    ];
  });
}

const known = new Set(['region', 'stack_name', 'profile', 'parameter_overrides', 'tags']);

/** `"A=b C=\"d e\""`, or a list of such. */
function overridesOf(value: unknown): Readonly<Record<string, string>> {
  const text = Array.isArray(value) ? value.join(' ') : typeof value === 'string' ? value : '';
  return Object.fromEntries(
    [...text.matchAll(/(?:ParameterKey=)?(\w+)(?:,ParameterValue)?=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s]+)/g)].map(
      ([, key = '', written = '']) => [key, written.replace(/^["']|["']$/g, '').replace(/\\(.)/g, '$1')],
    ),
  );
}

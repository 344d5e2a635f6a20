// Reads the properties of AWS::ApiGateway types as API Gateway's own API expects them.
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { tagChanges } from './values.ts';

/** With member names in camelCase, as API Gateway's API has them. Keys of `maps` are data, so they stay. */
export function camelCase(value: unknown, maps: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => camelCase(item, maps));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [lowerFirst(name), maps.includes(name) ? item : camelCase(item, maps)]),
  );
}

export const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** The properties of these names, in camelCase. */
export function settingsOf(properties: Properties, names: readonly string[], maps: readonly string[] = []) {
  const picked = Object.fromEntries(
    names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  );
  return camelCase(picked, maps) as Record<string, unknown>;
}

/** A patch for each changed property; one that is gone is emptied. */
export function patchesOf(
  after: Properties,
  changed: ReadonlySet<string>,
  paths: Readonly<Record<string, string>>,
): PatchOperation[] {
  return Object.entries(paths)
    .filter(([name]) => changed.has(name))
    .map(([name, path]) => ({ op: 'replace' as const, path, value: patchText(after[name]) }));
}

export function patchText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Patches that add and remove the entries of a map. */
export function mapPatches(before: unknown, after: unknown, path: string): PatchOperation[] {
  const [old, next] = [before, after].map((map) => (map ?? {}) as Record<string, unknown>);
  const removed = Object.keys(old ?? {}).filter((key) => !Object.hasOwn(next ?? {}, key));
  return [
    ...removed.map((key) => ({ op: 'remove' as const, path: `${path}/${escapePointer(key)}` })),
    ...Object.entries(next ?? {})
      .filter(([key, value]) => old?.[key] !== value)
      .map(([key, value]) => ({ op: 'replace' as const, path: `${path}/${escapePointer(key)}`, value: String(value) })),
  ];
}

export function escapePointer(text: string): string {
  return text.replace(/~/g, '~0').replace(/\//g, '~1');
}

/** An id as CloudFormation makes them for parts that have none: `mysta-metho-01234b567890`. */
export function generatedId(stackName: string, logicalId: string, random: string): string {
  return `${stackName.slice(0, 5)}-${logicalId.slice(0, 5)}-${random}`;
}

export async function updateTags(cloud: Cloud, path: string, before: Properties, after: Properties): Promise<void> {
  const { set, remove } = tagChanges(before, after);
  const resourceArn = `arn:aws:apigateway:${cloud.region}::${path}`;
  if (remove.length > 0) await cloud.call('apigateway', 'UntagResource', { resourceArn, tagKeys: remove });
  if (Object.keys(set).length > 0) await cloud.call('apigateway', 'TagResource', { resourceArn, tags: set });
}

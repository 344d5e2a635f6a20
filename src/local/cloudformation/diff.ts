// Compares a resource with its definition in a template, and decides whether it must be replaced.
import { isDeepStrictEqual } from 'node:util';
import { type Path, type ResourceSchema, replacementOf } from '../../cfn/resource-schema.ts';
import { hasUnknown, unknown } from './intrinsics.ts';
import type { Provider } from './resources/provider.ts';
import type { Properties, Resource } from './stack.ts';

/** The top-level properties that differ. CloudFormation converts scalars, so `"1"` is `1`. */
export function changedProperties(before: Properties, after: Properties): Set<string> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return new Set([...names].filter((name) => !sameValue(before[name], after[name])));
}

/** A failed update leaves a resource between its old and its attempted state, so both are compared. */
export function differences(
  { properties, attempted = properties }: Resource,
  after: Properties,
): { before: Properties; changed: ReadonlySet<string> } {
  const fromAttempted = changedProperties(attempted, after);
  const changed = new Set([...changedProperties(properties, after), ...fromAttempted]);
  return { before: fromAttempted.size > 0 ? attempted : properties, changed };
}

export function sameValue(before: unknown, after: unknown): boolean {
  if (hasUnknown(after)) return false;
  return isDeepStrictEqual(asText(before), asText(after));
}

function asText(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asText(item)]));
}

/** Whether a changed property requires replacement; nested properties are compared one by one. */
export function recreationOf(
  name: string,
  before: Properties,
  after: Properties,
  schema: ResourceSchema,
): 'Never' | 'Conditionally' | 'Always' {
  const answers = changedPaths([name], before[name], after[name]).map((path) => replacementOf(schema, path));
  if (answers.includes('yes')) return 'Always';
  return answers.includes('maybe') ? 'Conditionally' : 'Never';
}

function changedPaths(path: Path, before: unknown, after: unknown): Path[] {
  if (sameValue(before, after)) return [];
  const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const entry = (container: object, key: string) => (container as Record<string, unknown>)[key];
  return [...keys].flatMap((key) => changedPaths([...path, key], entry(before, key), entry(after, key)));
}

/** Whether these changes replace the resource; every value is known. */
export function needsReplacement(
  before: Properties,
  after: Properties,
  changed: ReadonlySet<string>,
  schema: ResourceSchema,
  provider: Provider,
): boolean {
  if (provider.update === undefined) return true;
  const answers = [...changed].map((name) => recreationOf(name, before, after, schema));
  if (answers.includes('Always')) return true;
  return answers.includes('Conditionally') && (provider.replaces?.(before, after, changed) ?? false);
}

/** For change sets: replaces unknown values with AWS's placeholder. */
export function shownValue(value: unknown): unknown {
  if (value === unknown) return '{{changeSet:KNOWN_AFTER_APPLY}}';
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item)]));
}

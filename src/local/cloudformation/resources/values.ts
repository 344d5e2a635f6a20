// Reads resolved properties, for several providers.
import type { Properties } from '../stack.ts';
import { HandlerError } from './provider.ts';

/** Without the members that are undefined: an absent property is not the same as an empty one. */
export function defined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

/** The properties of these names, as they are: for types whose API takes the same members. */
export function pick(properties: Properties, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(properties, name)).map((name) => [name, properties[name]]),
  );
}

export function text(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return value === undefined ? undefined : String(value);
}

export function textList(properties: Properties, name: string): readonly string[] {
  return (properties[name] as readonly string[] | undefined) ?? [];
}

/** A policy document as the APIs expect it. */
export function json(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export function tagList(properties: Properties): Tag[] {
  return [...((properties['Tags'] as readonly Tag[] | undefined) ?? [])];
}

export function tagMap(properties: Properties): Record<string, string> {
  const tags = properties['Tags'];
  if (!Array.isArray(tags)) return { ...(tags as Record<string, string> | undefined) };
  return Object.fromEntries((tags as Tag[]).map(({ Key, Value }) => [Key, Value]));
}

/** The tags to set and the keys to remove. */
export function tagChanges(before: Properties, after: Properties): { set: Record<string, string>; remove: string[] } {
  const [old, set] = [tagMap(before), tagMap(after)];
  return { set, remove: Object.keys(old).filter((key) => !Object.hasOwn(set, key)) };
}

/** Pauses between two checks of a resource's state; rejects when the local AWS ends. */
export async function pause(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
  if (signal.aborted)
    throw new HandlerError('InternalFailure', 'The fx local AWS was stopped while this was under way.');
}

// What a rule for an event of the Serverless Framework gets, and helpers that several rules need.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { type Path, placeOf } from '../../draft.ts';
import { idIn, type Service, withOurIds } from '../service.ts';

export interface EventContext {
  readonly service: Service;
  /** The function in project.yml. */
  readonly name: string;
  /** Where its events are. */
  readonly path: Path;
  readonly config: Cursor;
  /** The event is its kind alone. */
  readonly bare: boolean;
}

export type EventRule = (context: EventContext) => void;

/** Adds an event of fx. Values that are undefined are left out. */
export function add({ service, path, config }: EventContext, kind: string, value: Plain | Settings): Path {
  const plain = isMap(value as Plain) ? clean(value as Settings) : (value as Plain);
  return service.draft.push(path, { [kind]: plain }, placeOf(config));
}

export type Settings = Readonly<Record<string, Plain | undefined>>;

export function clean(settings: Settings): Plain {
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, Plain] => entry[1] !== undefined),
  );
}

/** A resource of this service by its logical id, else the value with fx's ids. */
export function reference(service: Service, value: Plain | undefined): Plain | undefined {
  if (value === undefined) return undefined;
  const id = idIn(value);
  return id !== undefined && service.resources.has(id) ? id : withOurIds(service, value);
}

/** The keys of a cursor that have the same meaning, under fx's names. */
export function taken(config: Cursor, names: Readonly<Record<string, string>>): Record<string, Plain> {
  const result: Record<string, Plain> = {};
  for (const [theirs, ours] of Object.entries(names)) {
    const value = config.child(theirs);
    if (value !== undefined) result[ours] = value.plain();
  }
  return result;
}

/** `enabled: false`; true is the default of both. */
export function enabledOf(config: Cursor): { enabled?: boolean } {
  const enabled = config.child('enabled');
  if (enabled === undefined) return {};
  const flag = enabled.flag();
  return flag === false ? { enabled: false } : flag === undefined ? { enabled: enabled.plain() as boolean } : {};
}

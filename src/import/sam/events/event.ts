// What the events of SAM share: where they go in the draft, and the settings that many of them have.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { type Path, placeOf } from '../../draft.ts';
import { reference, type SamTemplate, withOurIds } from '../template.ts';

export interface Event {
  readonly sam: SamTemplate;
  /** The name of the event in the template. */
  readonly name: string;
  readonly properties: Cursor;
  readonly path: Path;
}
export type Rule = (event: Event) => void;
export type Settings = Readonly<Record<string, Plain | undefined>>;

export const clean = (settings: Settings): Record<string, Plain> =>
  Object.fromEntries(Object.entries(settings).filter((entry): entry is [string, Plain] => entry[1] !== undefined));

export function add({ sam, path, properties }: Event, kind: string, value: Plain | Settings): Path {
  return sam.draft.push(
    path,
    { [kind]: isMap(value as Plain) ? clean(value as Settings) : (value as Plain) },
    placeOf(properties),
  );
}

/** Keys with the same meaning, under fx's names. */
export function taken(
  sam: SamTemplate,
  cursor: Cursor,
  names: Readonly<Record<string, string>>,
): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([theirs, ours]) => {
      const value = cursor.child(theirs);
      return value === undefined ? [] : [[ours, withOurIds(sam, value.plain())] as const];
    }),
  );
}

/** `Enabled: false` or `State: DISABLED`. */
export function enabled(properties: Cursor): Settings {
  const flag = properties.child('Enabled')?.flag();
  const state = properties.child('State')?.text();
  return flag === false || state === 'DISABLED' ? { enabled: false } : {};
}

export function parsedFilters(sam: SamTemplate, properties: Cursor): Settings {
  const filters = properties.child('FilterCriteria')?.child('Filters')?.plain();
  if (!Array.isArray(filters)) return {};
  const patterns = filters.map((filter: Plain) => {
    const pattern = isMap(filter) ? filter['Pattern'] : filter;
    return typeof pattern === 'string' ? parsed(pattern) : withOurIds(sam, (pattern ?? null) as Plain);
  });
  return { filters: patterns };
}

export function parsed(text: string): Plain {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return text;
  }
}

export const batches = {
  BatchSize: 'batchSize',
  MaximumBatchingWindowInSeconds: 'batchWindow',
  KmsKeyArn: 'filterKey',
} as const;

export const reports = (properties: Cursor): Settings =>
  properties.child('FunctionResponseTypes')?.plain() === undefined ? {} : { reportFailures: true };

export function onFailure(sam: SamTemplate, properties: Cursor): Settings {
  const target = properties.child('DestinationConfig')?.child('OnFailure');
  target?.child('Type')?.plain();
  return { onFailure: reference(sam, target?.child('Destination')?.plain()) };
}

export function streamSettings(sam: SamTemplate, properties: Cursor): Settings {
  const position = properties.child('StartingPosition')?.plain();
  const seconds = properties.child('StartingPositionTimestamp')?.number();
  const limit = (theirs: string, ours: string): Settings => {
    const value = properties.child(theirs)?.plain();
    return value === undefined || value === -1 ? {} : { [ours]: withOurIds(sam, value) };
  };
  return {
    ...(position === undefined || position === 'TRIM_HORIZON' ? {} : { startingPosition: withOurIds(sam, position) }),
    ...(seconds === undefined ? {} : { startingTimestamp: new Date(seconds * 1000).toISOString() }),
    ...taken(sam, properties, {
      ...batches,
      ParallelizationFactor: 'parallelization',
      BisectBatchOnFunctionError: 'bisect',
      TumblingWindowInSeconds: 'tumblingWindow',
    }),
    ...limit('MaximumRetryAttempts', 'maximumRetryAttempts'),
    ...limit('MaximumRecordAgeInSeconds', 'maximumRecordAge'),
    ...onFailure(sam, properties),
    ...enabled(properties),
    ...reports(properties),
    ...parsedFilters(sam, properties),
  };
}

// EventBridge's archives of a bus's events, and their operations.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { compilePatternText } from './pattern-text.ts';
import { busName, type EventsContext, eventsArn, invalid, notFound } from './state.ts';
import type { BusEvent } from './target-input.ts';

export interface Archive {
  readonly name: string;
  /** The bus's name. */
  readonly bus: string;
  readonly created: number;
  readonly description?: string;
  readonly pattern?: string;
  /** 0 keeps events for ever. */
  readonly retentionDays: number;
  readonly events: readonly ArchivedEvent[];
}

export interface ArchivedEvent {
  readonly at: number;
  readonly event: BusEvent;
}

export interface Replay {
  readonly name: string;
  readonly archive: string;
  readonly description?: string;
  readonly bus: string;
  /** The ARNs of the rules that receive the events; all rules without it. */
  readonly rules?: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly state: 'STARTING' | 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  readonly started: number;
  readonly ended?: number;
  readonly lastReplayed?: number;
}

const nameRule = { pattern: '[\\.\\-_A-Za-z0-9]+', min: 1, max: 48 };
const dayMs = 86_400_000;
/** Memory is bounded: the oldest events of an archive leave first. */
const mostEvents = 10_000;

export function archiveOperations(context: EventsContext): Operations<'events'> {
  const { cloud, archives } = context;
  const onArchive = {
    resource: ({ ArchiveName }: { ArchiveName: string | undefined }) =>
      eventsArn(context, 'archive', ArchiveName ?? ''),
  };
  const find = (name: string | undefined): Archive => {
    const archive = archives.get(name ?? '');
    if (archive === undefined) throw notFound(`Archive ${name} does not exist.`);
    return archive;
  };
  return {
    CreateArchive: {
      members: ['ArchiveName', 'EventSourceArn', 'Description', 'EventPattern', 'RetentionDays'],
      authorize: onArchive,
      run(input) {
        const name = input.ArchiveName ?? '';
        checkArchive(input);
        if (archives.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
        const bus = archivedBus(context, input.EventSourceArn);
        archives.set(name, {
          ...{ name, bus, created: cloud.now(), retentionDays: input.RetentionDays ?? 0, events: [] },
          ...(input.Description === undefined ? {} : { description: input.Description }),
          ...(input.EventPattern ? { pattern: input.EventPattern } : {}),
        });
        return made(context, find(name));
      },
    },
    UpdateArchive: {
      members: ['ArchiveName', 'Description', 'EventPattern', 'RetentionDays'],
      authorize: onArchive,
      run(input) {
        const archive = find(input.ArchiveName);
        checkArchive(input);
        archives.set(archive.name, {
          ...archive,
          ...(input.Description === undefined ? {} : { description: input.Description }),
          ...(input.EventPattern === undefined ? {} : { pattern: input.EventPattern }),
          ...(input.RetentionDays === undefined ? {} : { retentionDays: input.RetentionDays }),
        });
        return made(context, find(archive.name));
      },
    },
    DescribeArchive: {
      members: ['ArchiveName'],
      authorize: onArchive,
      run({ ArchiveName }) {
        const archive = find(ArchiveName);
        return {
          ArchiveArn: eventsArn(context, 'archive', archive.name),
          ...listed(context, archive),
          ...(archive.description ? { Description: archive.description } : {}),
          ...(archive.pattern ? { EventPattern: archive.pattern } : {}),
        };
      },
    },
    ListArchives: {
      members: ['NamePrefix', 'EventSourceArn', 'State', 'NextToken', 'Limit'],
      run({ NamePrefix: prefix, EventSourceArn: source, State, NextToken: token, Limit: most = 50 }) {
        if ([prefix, source, State].filter((filter) => filter !== undefined).length > 1) {
          throw invalid(
            'At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.',
          );
        }
        const found = archives
          .filter(({ name }) => name.startsWith(prefix ?? ''))
          .filter(({ bus }) => source === undefined || source === eventsArn(context, 'event-bus', bus))
          .filter(() => State === undefined || State === 'ENABLED')
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(found, ({ name }) => name, { token, most });
        return {
          Archives: items.map((archive) => listed(context, archive)),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    DeleteArchive: {
      members: ['ArchiveName'],
      authorize: onArchive,
      run({ ArchiveName }) {
        archives.delete(find(ArchiveName).name);
        return {};
      },
    },
  };
}

function checkArchive(input: {
  readonly ArchiveName: string | undefined;
  readonly Description?: string | undefined;
  readonly EventPattern?: string | undefined;
  readonly RetentionDays?: number | undefined;
}): void {
  checkConstraints('ValidationException', [
    ['archiveName', input.ArchiveName, nameRule],
    ['description', input.Description, { max: 512 }],
    ['eventPattern', input.EventPattern, { max: 4096 }],
    ['retentionDays', input.RetentionDays, { min: 0 }],
  ]);
  if (input.EventPattern) compilePatternText(input.EventPattern);
}

function archivedBus(context: EventsContext, arn: string | undefined): string {
  const name = busName(context, arn) ?? '';
  if (name !== 'default' && !context.buses.has(name)) throw notFound(`Event bus ${name || arn} does not exist.`);
  return name;
}

function made(context: EventsContext, archive: Archive) {
  return {
    ArchiveArn: eventsArn(context, 'archive', archive.name),
    CreationTime: new Date(archive.created),
    State: 'ENABLED' as const,
  };
}

function listed(context: EventsContext, archive: Archive) {
  const events = kept(archive, context.cloud.now());
  return {
    ArchiveName: archive.name,
    CreationTime: new Date(archive.created),
    EventCount: events.length,
    EventSourceArn: eventsArn(context, 'event-bus', archive.bus),
    RetentionDays: archive.retentionDays,
    SizeBytes: events.reduce((sum, { event }) => sum + Buffer.byteLength(JSON.stringify(event)), 0),
    State: 'ENABLED' as const,
  };
}

/** The events that have not expired. */
export function kept({ events, retentionDays }: Archive, now: number): readonly ArchivedEvent[] {
  return retentionDays === 0 ? events : events.filter(({ at }) => now - at < retentionDays * dayMs);
}

/** Adds an event to the archives of a bus whose pattern it matches. Replayed events are not archived again. */
export function archiveEvent({ cloud, archives }: EventsContext, bus: string, event: BusEvent): void {
  if (event['replay-name'] !== undefined) return;
  for (const archive of archives.filter((one) => one.bus === bus)) {
    if (archive.pattern && !compilePatternText(archive.pattern)(event)) continue;
    const events = [...kept(archive, cloud.now()), { at: cloud.now(), event }].slice(-mostEvents);
    archives.set(archive.name, { ...archive, events });
  }
}

// EventBridge's operations PutEvents and TestEventPattern.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
import { randomUUID } from 'node:crypto';
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { Operations, Principal } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { type Dispatcher, secondsTime } from './dispatch.ts';
import { compilePatternText } from './pattern-text.ts';
import { busName, defaultBus, type EventsContext, eventsArn, invalid } from './state.ts';
import type { BusEvent } from './target-input.ts';

const mostEntries = 10;
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
const mostBytes = 1024 * 1024;
const timeBytes = 14;

export function putEventsOperations(context: EventsContext, dispatcher: Dispatcher): Operations<'events'> {
  return {
    PutEvents: {
      members: ['Entries'],
      authorize: {
        resource: ({ Entries = [] }) =>
          eventsArn(context, 'event-bus', busName(context, Entries[0]?.EventBusName) ?? defaultBus),
      },
      run({ Entries = [] }, { principal }) {
        checkConstraints('ValidationException', [['entries', Entries, { min: 1, max: mostEntries }]]);
        const size = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
        if (size > mostBytes) throw invalid('Total size of the entries in the request is over the limit.');
        const results = Entries.map((entry): PutEventsResultEntry => {
          const problem = problemOf(entry, principal);
          if (problem !== undefined) return problem;
          const event = eventOf(context, entry);
          const bus = busName(context, entry.EventBusName);
          // events for a bus that does not exist are accepted and lost
          if (bus !== undefined) dispatcher.dispatch(bus, event);
          return { EventId: event.id };
        });
        return {
          FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
          Entries: results,
        };
      },
    },
    TestEventPattern: {
      members: ['Event', 'EventPattern'],
      run({ Event = '', EventPattern = '' }) {
        const event = objectIn(Event);
        if (event === undefined) throw invalid('Parameter Event is not valid.');
        const missing = required.find((key) => event[key] === undefined);
        if (missing !== undefined) {
          throw invalid(`Parameter Event is not valid. Reason: JSON must contain member ${missing}.`);
        }
        return { Result: compilePatternText(EventPattern)(event) };
      },
    },
  };
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return (Time === undefined ? 0 : timeBytes) + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function problemOf(entry: PutEventsRequestEntry, principal: Principal): PutEventsResultEntry | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (entry[name]) continue;
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    };
  }
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
  if (/^aws\./.test(entry.Source ?? '') && principal.kind !== 'service') {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (objectIn(entry.Detail ?? '') === undefined) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  return undefined;
}

function eventOf({ cloud }: EventsContext, entry: PutEventsRequestEntry): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType ?? '',
    source: entry.Source ?? '',
    account: cloud.accountId,
    time: secondsTime(entry.Time === undefined ? cloud.now() : entry.Time.getTime()),
    region: cloud.region,
    resources: entry.Resources ?? [],
    detail: JSON.parse(entry.Detail ?? '{}') as unknown,
  };
}

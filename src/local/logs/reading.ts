// CloudWatch Logs: puts, gets and filters events.
import { AwsError, type Input, type Operations, type Output } from '../cloud.ts';
import { type Checked, checkConstraints } from '../constraint.ts';
import { eventId, type LogEvent } from './events.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import {
  existingGroup,
  invalidToken,
  type LogGroup,
  type LogState,
  type LogStream,
  requireGroup,
  streamKey,
  streamsOf,
} from './state.ts';
import { deliverToSubscriptions } from './subscriptions.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const eventOverheadBytes = 26;
const batchBytes = 1_048_576;
const pageBytes = 1_048_576;
const firstFromTail = Date.UTC(2024, 0, 1);

const check = (...checks: Checked[]) => checkConstraints('InvalidParameterException', checks);

export function eventOperations(state: LogState): Operations<'logs'> {
  return {
    PutLogEvents: {
      members: ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken'],
      run: (input) => putLogEvents(state, input),
    },
    GetLogEvents: {
      members: [
        'logStreamName',
        'logGroupName',
        'logGroupIdentifier',
        'startTime',
        'endTime',
        'nextToken',
        'limit',
        'startFromHead',
      ],
      run: (input) => getLogEvents(state, input),
    },
    FilterLogEvents: {
      members: [
        'logGroupName',
        'logGroupIdentifier',
        'logStreamNames',
        'logStreamNamePrefix',
        'startTime',
        'endTime',
        'filterPattern',
        'nextToken',
        'limit',
        'interleaved',
        'startFromHead',
      ],
      run: (input) => filterLogEvents(state, input),
    },
  };
}

function existingStream(state: LogState, group: string, name: string | undefined): LogStream {
  const stream = state.streams.get(streamKey(group, name ?? ''));
  if (stream === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  return stream;
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
function putLogEvents(state: LogState, input: Input<'logs', 'PutLogEvents'>): Output<'logs', 'PutLogEvents'> {
  const group = existingGroup(state, input.logGroupName ?? '');
  const stream = existingStream(state, group.name, input.logStreamName);
  const events = (input.logEvents ?? []).map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
  // functions write many events, so build the member's name only for an invalid one
  const empty = events.flatMap(({ message }, i) => (message === '' ? [i + 1] : []));
  check(
    ['logEvents', events, { min: 1, max: 10_000 }],
    ...empty.map((place): Checked => [`logEvents.${place}.member.message`, '', { min: 1 }]),
  );
  const size = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverheadBytes, 0);
  if (size > batchBytes) {
    throw invalid(`Upload too large: ${size} bytes exceeds limit of ${batchBytes}`);
  }
  if (events.some(({ timestamp }, i) => timestamp < (events[i - 1]?.timestamp ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  const now = state.cloud.now();
  const tooOld = now - 14 * dayMs;
  const expired = now - (group.retentionInDays ?? Number.POSITIVE_INFINITY) * dayMs;
  const outcome = { nextSequenceToken: String(now).padStart(56, '0'), ...rejected(events, { now, tooOld, expired }) };
  const accepted = events.filter(({ timestamp: at }) => at <= now + 2 * hourMs && at >= tooOld && at >= expired);
  const first = accepted[0]?.timestamp;
  const last = accepted.at(-1)?.timestamp;
  if (first === undefined || last === undefined) return outcome;
  if (last - first > dayMs) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  const added = state.events.append(group.name, stream.name, now, accepted);
  state.streams.set(streamKey(group.name, stream.name), {
    ...stream,
    firstEventTimestamp: Math.min(stream.firstEventTimestamp ?? first, first),
    lastEventTimestamp: Math.max(stream.lastEventTimestamp ?? last, last),
    lastIngestionTime: now,
  });
  const place = { group: group.name, stream: stream.name };
  deliverToSubscriptions(state, place, added);
  for (const tail of state.tails) tail.take(place, added);
  return outcome;
}

function rejected(
  events: readonly { timestamp: number }[],
  { now, tooOld, expired }: { now: number; tooOld: number; expired: number },
): Pick<Output<'logs', 'PutLogEvents'>, 'rejectedLogEventsInfo'> {
  const tooNewLogEventStartIndex = events.findIndex(({ timestamp }) => timestamp > now + 2 * hourMs);
  // the index of the last expired event: events are in order, so all events before it are rejected too
  const lastBefore = (limit: number) => events.findLastIndex(({ timestamp }) => timestamp < limit);
  const info = {
    ...(tooNewLogEventStartIndex < 0 ? {} : { tooNewLogEventStartIndex }),
    ...(lastBefore(tooOld) < 0 ? {} : { tooOldLogEventEndIndex: lastBefore(tooOld) }),
    ...(lastBefore(expired) < 0 ? {} : { expiredLogEventEndIndex: lastBefore(expired) }),
  };
  return Object.keys(info).length === 0 ? {} : { rejectedLogEventsInfo: info };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** The events within the retention period. */
export function eventsOf(state: LogState, group: LogGroup, stream: string): readonly LogEvent[] {
  const events = state.events.read(group.name, stream);
  if (group.retentionInDays === undefined) return events;
  const oldest = state.cloud.now() - group.retentionInDays * dayMs;
  return events.filter(({ timestamp }) => timestamp >= oldest);
}

// A token is a position between events: `f/<id>` continues after the event with that id, `b/<id>` goes back before it. At either
// end, the response is empty and repeats the token, which tells the client that it has reached the end:
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
function getLogEvents(state: LogState, input: Input<'logs', 'GetLogEvents'>): Output<'logs', 'GetLogEvents'> {
  check(['limit', input.limit, { min: 1, max: 10_000 }]);
  const group = requireGroup(state, input);
  const stream = existingStream(state, group.name, input.logStreamName);
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = input;
  const within = eventsOf(state, group, stream.name).filter(
    ({ timestamp }) => timestamp >= startTime && timestamp < endTime,
  );
  const { forward, place } = readPlace(input.nextToken, input.startFromHead ?? false);
  const beyond = within.filter(({ id }) => (forward ? id > place : id < place));
  const events = fitPage(beyond, input.limit ?? 10_000, forward);
  const first = events[0]?.id;
  const last = events.at(-1)?.id;
  const edge = forward ? place : idBefore(place);
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${last ?? edge}/s`,
    nextBackwardToken: `b/${first ?? (forward ? idAfter(place) : place)}/s`,
  };
}

const lastPlace = '9'.repeat(56);
const firstPlace = eventId(0, 0);

function readPlace(token: string | undefined, startFromHead: boolean): { forward: boolean; place: string } {
  if (token === undefined)
    return startFromHead ? { forward: true, place: firstPlace } : { forward: false, place: lastPlace };
  const [, direction, place] = /^([fb])\/(\d{56})\/s$/.exec(token) ?? [];
  if (place === undefined) throw invalidToken();
  return { forward: direction === 'f', place };
}

// A forward token at an empty end must find later events, so use the first position instead of the unreachable last one.
function idBefore(place: string): string {
  return place === lastPlace || place === firstPlace ? firstPlace : String(BigInt(place) - 1n).padStart(56, '0');
}

function idAfter(place: string): string {
  return String(BigInt(place) + 1n).padStart(56, '0');
}

/** At most `limit` events and 1 MB: the first or the last ones, in either case in order. */
function fitPage(events: readonly LogEvent[], limit: number, fromFront: boolean): LogEvent[] {
  const page: LogEvent[] = [];
  let size = 0;
  for (let i = 0; i < Math.min(limit, events.length); i++) {
    const event = events.at(fromFront ? i : -1 - i);
    if (event === undefined) break;
    size += Buffer.byteLength(event.message) + eventOverheadBytes;
    if (size > pageBytes && page.length > 0) break;
    page.push(event);
  }
  return fromFront ? page : page.reverse();
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
function filterLogEvents(state: LogState, input: Input<'logs', 'FilterLogEvents'>): Output<'logs', 'FilterLogEvents'> {
  check(
    ['limit', input.limit, { min: 1, max: 10_000 }],
    ['logStreamNames', input.logStreamNames, { min: 1, max: 100 }],
  );
  if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined) {
    throw invalid('logStreamNames and logStreamNamePrefix are mutually exclusive.');
  }
  const group = requireGroup(state, input);
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = input;
  if (startTime > endTime) throw invalid('startTime must be before endTime.');
  const matches = compileFilterPattern(input.filterPattern ?? '');
  const { fromHead, place } =
    input.nextToken === undefined
      ? { fromHead: input.startFromHead ?? true, place: undefined }
      : readFilterToken(input.nextToken);
  if (!fromHead && startTime < firstFromTail) {
    throw invalid('startFromHead can be false only if startTime is on or after Jan 1, 2024 00:00:00 UTC.');
  }
  const isBeyond = (id: string) => place === undefined || (fromHead ? id > place : id < place);
  const streams =
    input.logStreamNames?.map((name) => existingStream(state, group.name, name)) ?? streamsOf(state, group.name);
  const matching = streams
    .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ''))
    .flatMap(({ name }) => eventsOf(state, group, name).map((event) => ({ ...event, stream: name })))
    .filter(({ id, timestamp }) => isBeyond(id) && timestamp >= startTime && timestamp <= endTime)
    .filter(({ message }) => matches(message))
    .sort((left, right) => (left.id < right.id === fromHead ? -1 : 1));
  const events = fitPage(matching, input.limit ?? 10_000, true) as typeof matching;
  const last = events.at(-1);
  return {
    events: events.map(({ id, stream, timestamp, message, ingestionTime }) => ({
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime,
      eventId: id,
    })),
    searchedLogStreams: [],
    ...(last !== undefined && events.length < matching.length ? { nextToken: filterToken(fromHead, last.id) } : {}),
  };
}

// A token keeps the direction of the first request.
function filterToken(fromHead: boolean, id: string): string {
  return Buffer.from(`filter/${fromHead ? 'head' : 'tail'}/${id}`).toString('base64url');
}

function readFilterToken(token: string): { fromHead: boolean; place: string } {
  const [, end, place] = /^filter\/(head|tail)\/(\d{56})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (place === undefined) throw invalidToken();
  return { fromHead: end === 'head', place };
}

// Live Tail: a stream of what is ingested into log groups, an update a second.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
import { randomUUID } from 'node:crypto';
import type { LiveTailSessionLogEvent, StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { existingGroup, groupArn, type LogState } from './state.ts';

const updateMs = 1_000;
const sessionMs = 3 * 3_600_000;
/** Of an update; what is more is sampled. */
const mostEvents = 500;
/** Of a client that reads too slowly; the oldest are dropped. */
const mostBuffered = 5_000;

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function liveTailOperations(state: LogState, stopping: AbortSignal): Operations<'logs'> {
  return {
    StartLiveTail: {
      members: ['logGroupIdentifiers', 'logStreamNames', 'logStreamNamePrefixes', 'logEventFilterPattern'],
      run(input, { signal }) {
        const { logGroupIdentifiers = [], logStreamNames, logStreamNamePrefixes, logEventFilterPattern = '' } = input;
        checkConstraints('InvalidParameterException', [
          ['logGroupIdentifiers', logGroupIdentifiers, { min: 1, max: 10 }],
          ['logStreamNames', logStreamNames, { min: 1, max: 100 }],
          ['logStreamNamePrefixes', logStreamNamePrefixes, { min: 1, max: 100 }],
          ['logEventFilterPattern', logEventFilterPattern, { max: 1024 }],
        ]);
        const prefix = groupArn(state, '');
        const groups = new Map(
          logGroupIdentifiers.map((arn) => {
            if (!arn.startsWith(prefix) || arn.endsWith('*')) {
              throw invalid(`The log group identifier must be the ARN of a log group, without an asterisk: ${arn}`);
            }
            const group = existingGroup(state, arn.slice(prefix.length));
            if (group.class !== 'STANDARD') {
              throw invalid(`Live Tail is not supported for log groups of the class ${group.class}.`);
            }
            return [group.name, arn];
          }),
        );
        if (logStreamNames !== undefined && logStreamNamePrefixes !== undefined) {
          throw invalid('logStreamNames and logStreamNamePrefixes are mutually exclusive.');
        }
        if (groups.size > 1 && (logStreamNames ?? logStreamNamePrefixes) !== undefined) {
          throw invalid('Log streams can be named only with a single log group.');
        }
        const matches = compileFilterPattern(logEventFilterPattern);
        const isTailed = (stream: string) =>
          logStreamNames?.includes(stream) ?? logStreamNamePrefixes?.some((start) => stream.startsWith(start)) ?? true;
        const waiting: LiveTailSessionLogEvent[] = [];
        const tail: Parameters<LogState['tails']['add']>[0] = {
          take({ group, stream }, events) {
            const logGroupIdentifier = groups.get(group);
            if (logGroupIdentifier === undefined || !isTailed(stream)) return;
            for (const { message, timestamp, ingestionTime } of events) {
              if (!matches(message)) continue;
              waiting.push({ logGroupIdentifier, logStreamName: stream, message, timestamp, ingestionTime });
            }
            if (waiting.length > mostBuffered) waiting.splice(0, waiting.length - mostBuffered);
          },
        };
        // from now on, not from the first read
        state.tails.add(tail);
        const sessionStart = {
          requestId: randomUUID(),
          sessionId: randomUUID(),
          logGroupIdentifiers: [...groups.values()],
          logStreamNames: logStreamNames ?? [],
          logStreamNamePrefixes: logStreamNamePrefixes ?? [],
          logEventFilterPattern,
        };
        const over = AbortSignal.any([signal, stopping]);
        const forget = () => void state.tails.delete(tail);
        over.addEventListener('abort', forget, { once: true });
        return { responseStream: session(state, { sessionStart, waiting, over, forget }) };
      },
    },
  };
}

interface Session {
  readonly sessionStart: StartLiveTailResponseStream.SessionStartMember['sessionStart'];
  /** Filled as events are ingested, emptied with each update. */
  readonly waiting: LiveTailSessionLogEvent[];
  readonly over: AbortSignal;
  forget(): void;
}

async function* session(
  { cloud }: LogState,
  { sessionStart, waiting, over, forget }: Session,
): AsyncGenerator<StartLiveTailResponseStream> {
  const end = cloud.now() + sessionMs;
  try {
    yield { sessionStart };
    while (!over.aborted) {
      await new Promise<void>((done) => {
        const finish = () => {
          cancel();
          over.removeEventListener('abort', finish);
          done();
        };
        const cancel = cloud.after(updateMs, finish);
        over.addEventListener('abort', finish);
      });
      if (over.aborted) return;
      const all = waiting.splice(0);
      const step = Math.max(1, all.length / mostEvents);
      const sessionResults = all.filter(
        (_, index) => index === 0 || Math.floor(index / step) > Math.floor((index - 1) / step),
      );
      yield { sessionUpdate: { sessionMetadata: { sampled: all.length > mostEvents }, sessionResults } };
      if (cloud.now() < end) continue;
      const message = 'The session was open for three hours.';
      // the stream carries the error as data, without what makes it an Error
      yield { SessionTimeoutException: { message } } as unknown as StartLiveTailResponseStream;
      return;
    }
  } finally {
    forget();
  }
}

// Subscription filters: events of a log group that match a pattern go to a function or a Kinesis stream.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/SubscriptionFilters.html
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { AwsError, type Input, type Operations, type Principal } from '../cloud.ts';
import { type Checked, checkConstraints } from '../constraint.ts';
import { trusts } from '../role-trust.ts';
import type { LogEvent } from './events.ts';
import { compileFilterPattern, type Matches } from './filter-pattern.ts';
import { existingGroup, groupArn, type LogGroup, type LogState, page, type SubscriptionFilter } from './state.ts';

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
const mostFilters = 2;
const named = { pattern: '[^:*]*', min: 1, max: 512 };

const check = (...checks: Checked[]) => checkConstraints('InvalidParameterException', checks);
const keyOf = ({ group, name }: Pick<SubscriptionFilter, 'group' | 'name'>) => `${group}:${name}`;

export function subscriptionOperations(state: LogState): Operations<'logs'> {
  const { cloud, subscriptions } = state;
  return {
    PutSubscriptionFilter: {
      members: ['logGroupName', 'filterName', 'filterPattern', 'destinationArn', 'roleArn', 'distribution'],
      async run(input) {
        const { logGroupName = '', filterName = '', filterPattern = '', destinationArn = '', roleArn } = input;
        const distribution = input.distribution ?? 'ByLogStream';
        check(
          ['logGroupName', logGroupName, { pattern: '[\\.\\-_/#A-Za-z0-9]+', min: 1, max: 512 }],
          ['filterName', filterName, named],
          ['filterPattern', filterPattern, { max: 1024 }],
          ['destinationArn', destinationArn, { min: 1 }],
          ['distribution', distribution, { oneOf: ['Random', 'ByLogStream'] }],
        );
        checkDestination(state, input);
        checkGroup(existingGroup(state, logGroupName), destinationArn);
        compileFilterPattern(filterPattern);
        const key = keyOf({ group: logGroupName, name: filterName });
        if (!subscriptions.has(key) && filtersOf(state, logGroupName).length >= mostFilters) {
          throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
        }
        const filter: SubscriptionFilter = {
          group: logGroupName,
          name: filterName,
          pattern: filterPattern,
          destinationArn,
          ...(roleArn === undefined ? {} : { roleArn }),
          distribution,
          creationTime: subscriptions.get(key)?.creationTime ?? cloud.now(),
        };
        await reach(state, filter);
        subscriptions.set(key, filter);
        return {};
      },
    },
    DescribeSubscriptionFilters: {
      members: ['logGroupName', 'filterNamePrefix', 'nextToken', 'limit'],
      run(input) {
        check(['limit', input.limit, { min: 1, max: 50 }]);
        existingGroup(state, input.logGroupName ?? '');
        const filters = filtersOf(state, input.logGroupName ?? '')
          .filter(({ name }) => name.startsWith(input.filterNamePrefix ?? ''))
          .sort((one, other) => (one.name < other.name ? -1 : 1));
        const { items, nextToken } = page(filters, ({ name }) => name, input);
        return { subscriptionFilters: items.map(shown), ...(nextToken ? { nextToken } : {}) };
      },
    },
    DeleteSubscriptionFilter: {
      members: ['logGroupName', 'filterName'],
      run({ logGroupName = '', filterName = '' }) {
        existingGroup(state, logGroupName);
        const key = keyOf({ group: logGroupName, name: filterName });
        if (!subscriptions.has(key)) {
          throw new AwsError('ResourceNotFoundException', 'The specified subscription filter does not exist.');
        }
        subscriptions.delete(key);
        return {};
      },
    },
  };
}

function shown({ group, name, pattern, ...filter }: SubscriptionFilter) {
  return { filterName: name, logGroupName: group, filterPattern: pattern, ...filter, applyOnTransformedLogs: false };
}

function filtersOf(state: LogState, group: string): SubscriptionFilter[] {
  return state.subscriptions.filter((filter) => filter.group === group);
}

export function deleteFilters(state: LogState, group: string): void {
  for (const filter of filtersOf(state, group)) state.subscriptions.delete(keyOf(filter));
}

function checkDestination({ cloud }: LogState, input: Input<'logs', 'PutSubscriptionFilter'>): void {
  const { destinationArn = '', roleArn } = input;
  const [, , vendor, region, account] = destinationArn.split(':');
  if (vendor === 'lambda' && account !== cloud.accountId) {
    throw new AwsError(
      'AccessDeniedException',
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
    );
  }
  if (vendor === 'lambda' && roleArn !== undefined) {
    throw invalid('destinationArn for vendor lambda cannot be used with roleArn');
  }
  if (vendor === 'kinesis' && roleArn === undefined) {
    throw invalid('destinationArn for vendor kinesis cannot be used without roleArn');
  }
  if ((vendor !== 'lambda' && vendor !== 'kinesis') || region !== cloud.region) {
    throw new AwsError('NotImplemented', `the fx local AWS does not deliver logs to ${destinationArn}`, 501);
  }
}

/** The words are AWS's, as others reported them: https://github.com/amplify-education/serverless-log-forwarding/issues/13 */
function checkGroup(group: LogGroup, destinationArn: string): void {
  if (group.name === `/aws/lambda/${destinationArn.split(':')[6]}`) {
    throw invalid('The log group provided is reserved for the function logs of the destination function.');
  }
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
  if (group.class !== 'STANDARD') {
    throw new AwsError('InvalidOperationException', 'The operation is not valid on the specified resource.');
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** Refuses a destination that CloudWatch Logs cannot reach: it calls the function without running it, and sends the stream a message. */
async function reach(state: LogState, filter: SubscriptionFilter): Promise<void> {
  const { cloud } = state;
  const { destinationArn, roleArn } = filter;
  try {
    if (roleArn === undefined) await callFunction(state, filter, { InvocationType: 'DryRun' });
    else {
      if (!(await trusts(cloud, roleArn, 'logs.amazonaws.com', `${groupArn(state, filter.group)}:*`))) {
        throw new AwsError('AccessDeniedException', 'the role does not trust CloudWatch Logs');
      }
      const message = 'CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.';
      await putRecord(state, filter, {
        messageType: 'CONTROL_MESSAGE',
        owner: 'CloudwatchLogs',
        logGroup: '',
        logStream: '',
        subscriptionFilters: [],
        logEvents: [{ id: '', timestamp: cloud.now(), message }],
      });
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid(
      destinationArn.includes(':lambda:')
        ? 'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.'
        : 'Could not deliver test message to specified Kinesis stream. Check if the given kinesis stream is in ACTIVE state.',
    );
  }
}

const patterns = new Map<string, Matches>();

function compiled(pattern: string): Matches {
  let matches = patterns.get(pattern);
  if (matches === undefined) {
    if (patterns.size > 1000) patterns.clear();
    matches = compileFilterPattern(pattern);
    patterns.set(pattern, matches);
  }
  return matches;
}

/** Sends new events of a stream to the destinations of their group, in the background. What cannot be delivered is dropped with a warning. */
export function deliverToSubscriptions(
  state: LogState,
  { group, stream }: { readonly group: string; readonly stream: string },
  events: readonly LogEvent[],
): void {
  for (const filter of filtersOf(state, group)) {
    const matching = events.filter(({ message }) => compiled(filter.pattern)(message));
    if (matching.length === 0) continue;
    const message = {
      messageType: 'DATA_MESSAGE',
      owner: state.cloud.accountId,
      logGroup: group,
      logStream: stream,
      subscriptionFilters: [filter.name],
      logEvents: matching.map(({ id, timestamp, message: text }) => ({ id, timestamp, message: text })),
    };
    void send(state, filter, message);
  }
}

interface Message {
  readonly logStream: string;
  readonly [name: string]: unknown;
}

async function send(state: LogState, filter: SubscriptionFilter, message: Message): Promise<void> {
  try {
    if (filter.roleArn !== undefined) await putRecord(state, filter, message);
    else {
      const data = packed(message).toString('base64');
      const Payload = Buffer.from(JSON.stringify({ awslogs: { data } }));
      await callFunction(state, filter, { InvocationType: 'Event', Payload });
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    process.emitWarning(`logs of ${filter.group} for ${filter.destinationArn} were dropped: ${error.message}`);
  }
}

function packed(message: Message): Buffer {
  return gzipSync(JSON.stringify(message));
}

/** A function may allow the service in all regions or in this one. */
async function callFunction(
  state: LogState,
  { group, destinationArn: FunctionName }: SubscriptionFilter,
  call: Pick<Input<'lambda', 'Invoke'>, 'InvocationType' | 'Payload'>,
): Promise<void> {
  const { cloud } = state;
  const as = (service: `${string}.amazonaws.com`): Principal => ({
    kind: 'service',
    service,
    sourceArn: `${groupArn(state, group)}:*`,
  });
  try {
    await cloud.call('lambda', 'Invoke', { FunctionName, ...call }, as('logs.amazonaws.com'));
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'AccessDeniedException') throw error;
    await cloud.call('lambda', 'Invoke', { FunctionName, ...call }, as(`logs.${cloud.region}.amazonaws.com`));
  }
}

async function putRecord(
  { cloud }: LogState,
  { destinationArn, roleArn = '', distribution }: SubscriptionFilter,
  message: Message,
): Promise<void> {
  const PartitionKey = distribution === 'Random' || message.logStream === '' ? randomUUID() : message.logStream;
  const record = { StreamARN: destinationArn, Data: packed(message), PartitionKey };
  await cloud.call('kinesis', 'PutRecord', record, { kind: 'role', arn: roleArn, session: 'CloudWatchLogs' });
}

// CloudWatch Logs: groups, streams, retention and tags. logs/reading.ts reads and writes events.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
import { join } from 'node:path';
import { AwsError, type Cloud, type Operations, type Service } from './cloud.ts';
import { type Checked, checkConstraints, notImplemented } from './constraint.ts';
import { EventLog } from './logs/events.ts';
import { liveTailOperations } from './logs/live-tail.ts';
import { queryOperations } from './logs/queries.ts';
import { eventOperations } from './logs/reading.ts';
import { resourcePolicyOperations } from './logs/resource-policies.ts';
import {
  deleteStream,
  existingGroup,
  groupArn,
  type LogGroup,
  type LogState,
  page,
  requireGroup,
  streamKey,
  streamsOf,
} from './logs/state.ts';
import { deleteFilters, subscriptionOperations } from './logs/subscriptions.ts';
import { withoutKeys } from './without-keys.ts';

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const groupName = { pattern: '[\\.\\-_/#A-Za-z0-9]+', min: 1 };
const streamName = { pattern: '[^:*]*', min: 1 };
const groupClasses = ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'];

const nameLimit = 512;

const check = (...checks: Checked[]) => checkConstraints('InvalidParameterException', checks);

/** CloudWatch Logs has its own message for this limit. */
function checkLengths(...names: readonly string[]): void {
  if (names.every(({ length }) => length <= nameLimit)) return;
  throw new AwsError(
    'InvalidParameterException',
    `Invalid LogGroup or LogStream, both must have length less than or equal to ${nameLimit}.`,
  );
}

export function createLogs(cloud: Cloud): Service<'logs'> {
  const state: LogState = {
    cloud,
    groups: cloud.collection('logs.groups'),
    streams: cloud.collection('logs.streams'),
    subscriptions: cloud.collection('logs.subscription-filters'),
    events: new EventLog(join(cloud.directory, 'logs')),
    tails: new Set(),
  };
  const stopping = new AbortController();
  return {
    name: 'logs',
    operations: {
      ...groupOperations(state),
      ...streamOperations(state),
      ...tagOperations(state),
      ...eventOperations(state),
      ...resourcePolicyOperations(cloud),
      ...subscriptionOperations(state),
      ...liveTailOperations(state, stopping.signal),
      ...queryOperations(state, stopping.signal),
    },
    async stop() {
      stopping.abort();
    },
  };
}

function groupOperations(state: LogState): Operations<'logs'> {
  const { cloud, groups } = state;
  return {
    CreateLogGroup: {
      members: ['logGroupName', 'tags', 'logGroupClass', 'deletionProtectionEnabled'],
      run: ({ logGroupName: name = '', tags, logGroupClass, deletionProtectionEnabled }) => {
        checkLengths(name);
        check(['logGroupName', name, groupName], ['logGroupClass', logGroupClass, { oneOf: groupClasses }]);
        if (groups.has(name))
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
        groups.set(name, {
          name,
          creationTime: cloud.now(),
          class: logGroupClass ?? 'STANDARD',
          ...(deletionProtectionEnabled ? { deletionProtection: true } : {}),
          tags: { ...tags },
        });
        return {};
      },
    },
    DeleteLogGroup: {
      members: ['logGroupName'],
      run: ({ logGroupName: name = '' }) => {
        const group = existingGroup(state, name);
        if (group.deletionProtection) {
          throw new AwsError('ValidationException', 'The specified log group has deletion protection enabled.');
        }
        for (const stream of streamsOf(state, name)) deleteStream(state, stream);
        deleteFilters(state, name);
        groups.delete(name);
        return {};
      },
    },
    PutLogGroupDeletionProtection: {
      members: ['logGroupIdentifier', 'deletionProtectionEnabled'],
      run: ({ logGroupIdentifier, deletionProtectionEnabled }) => {
        const { deletionProtection: _, ...group } = requireGroup(state, { logGroupIdentifier });
        groups.set(group.name, { ...group, ...(deletionProtectionEnabled ? { deletionProtection: true } : {}) });
        return {};
      },
    },
    DescribeLogGroups: {
      members: [
        'accountIdentifiers',
        'logGroupNamePrefix',
        'logGroupNamePattern',
        'nextToken',
        'limit',
        'includeLinkedAccounts',
        'logGroupClass',
        'logGroupIdentifiers',
      ],
      run: (input) => {
        const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
        check(['limit', input.limit, { min: 1, max: 50 }]);
        if (input.includeLinkedAccounts || input.accountIdentifiers?.length) {
          throw notImplemented('logs:DescribeLogGroups across accounts');
        }
        if (prefix !== undefined && pattern !== undefined) {
          throw new AwsError(
            'InvalidParameterException',
            'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
          );
        }
        const named = input.logGroupIdentifiers?.map((logGroupIdentifier) =>
          requireGroup(state, { logGroupIdentifier }),
        );
        const matching = (named ?? [...groups.values()])
          .filter(({ name }) => name.startsWith(prefix ?? ''))
          .filter(({ name }) => name.toLowerCase().includes((pattern ?? '').toLowerCase()))
          .filter((group) => input.logGroupClass === undefined || group.class === input.logGroupClass)
          .sort((left, right) => (left.name < right.name ? -1 : 1));
        const { items, nextToken } = page(matching, ({ name }) => name, input);
        const logGroups = items.map((group) => describeGroup(state, group));
        return {
          // AWS omits the size and the protection of groups found by pattern
          logGroups:
            pattern === undefined
              ? logGroups
              : logGroups.map(({ storedBytes: _, deletionProtectionEnabled: __, ...group }) => group),
          ...(nextToken ? { nextToken } : {}),
        };
      },
    },
    PutRetentionPolicy: {
      members: ['logGroupName', 'retentionInDays'],
      run: ({ logGroupName: name = '', retentionInDays }) => {
        checkLengths(name);
        check(['logGroupName', name, groupName], ['retentionInDays', retentionInDays, { oneOf: retentionDays }]);
        const group = existingGroup(state, name);
        if (retentionInDays !== undefined) groups.set(name, { ...group, retentionInDays });
        return {};
      },
    },
    DeleteRetentionPolicy: {
      members: ['logGroupName'],
      run: ({ logGroupName: name = '' }) => {
        const { retentionInDays: _, ...group } = existingGroup(state, name);
        groups.set(name, group);
        return {};
      },
    },
  };
}

function describeGroup(state: LogState, group: LogGroup) {
  const arn = groupArn(state, group.name);
  return {
    logGroupName: group.name,
    creationTime: group.creationTime,
    ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: 0,
    logGroupClass: group.class,
    logGroupArn: arn,
    deletionProtectionEnabled: group.deletionProtection ?? false,
  };
}

function streamOperations(state: LogState): Operations<'logs'> {
  const { cloud, streams } = state;
  return {
    CreateLogStream: {
      members: ['logGroupName', 'logStreamName'],
      run: ({ logGroupName: group = '', logStreamName: name = '' }) => {
        checkLengths(group, name);
        check(['logGroupName', group, groupName], ['logStreamName', name, streamName]);
        existingGroup(state, group);
        if (streams.has(streamKey(group, name))) {
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
        }
        streams.set(streamKey(group, name), { group, name, creationTime: cloud.now() });
        return {};
      },
    },
    DeleteLogStream: {
      members: ['logGroupName', 'logStreamName'],
      run: ({ logGroupName: group = '', logStreamName: name = '' }) => {
        existingGroup(state, group);
        const stream = streams.get(streamKey(group, name));
        if (stream === undefined) {
          throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
        }
        deleteStream(state, stream);
        return {};
      },
    },
    DescribeLogStreams: {
      members: [
        'logGroupName',
        'logGroupIdentifier',
        'logStreamNamePrefix',
        'orderBy',
        'descending',
        'nextToken',
        'limit',
      ],
      run: (input) => {
        const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false } = input;
        check(
          ['limit', input.limit, { min: 1, max: 50 }],
          ['orderBy', orderBy, { oneOf: ['LogStreamName', 'LastEventTime'] }],
        );
        if (prefix !== undefined && orderBy === 'LastEventTime') {
          throw new AwsError('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');
        }
        const group = requireGroup(state, input);
        const keyOf = (stream: { name: string; lastEventTimestamp?: number; creationTime: number }) =>
          orderBy === 'LogStreamName'
            ? stream.name
            : `${String(stream.lastEventTimestamp ?? stream.creationTime).padStart(20, '0')}:${stream.name}`;
        const matching = streamsOf(state, group.name)
          .filter(({ name }) => name.startsWith(prefix ?? ''))
          .sort((left, right) => (keyOf(left) < keyOf(right) === descending ? 1 : -1));
        const { items, nextToken } = page(matching, keyOf, input);
        return {
          logStreams: items.map(({ group: _, name, ...times }) => ({
            logStreamName: name,
            ...times,
            arn: `${groupArn(state, group.name)}:log-stream:${name}`,
            // always 0 since 17 June 2019: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html
            storedBytes: 0,
          })),
          ...(nextToken ? { nextToken } : {}),
        };
      },
    },
  };
}

function tagOperations(state: LogState): Operations<'logs'> {
  const tagged = (arn: string | undefined) => {
    const name = /^arn:aws:logs:[^:]+:\d{12}:log-group:([^:]+)(:\*)?$/.exec(arn ?? '')?.[1];
    if (name === undefined) throw notImplemented(`tagging ${JSON.stringify(arn)}`);
    const group = state.groups.get(name);
    if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified resource does not exist.');
    return group;
  };
  return {
    TagResource: {
      members: ['resourceArn', 'tags'],
      run: ({ resourceArn, tags }) => {
        const group = tagged(resourceArn);
        const merged = { ...group.tags, ...tags };
        if (Object.keys(merged).length > 50) {
          throw new AwsError('TooManyTagsException', 'A resource can have no more than 50 tags.');
        }
        state.groups.set(group.name, { ...group, tags: merged });
        return {};
      },
    },
    UntagResource: {
      members: ['resourceArn', 'tagKeys'],
      run: ({ resourceArn, tagKeys }) => {
        const group = tagged(resourceArn);
        state.groups.set(group.name, { ...group, tags: withoutKeys(group.tags, tagKeys) });
        return {};
      },
    },
    ListTagsForResource: { members: ['resourceArn'], run: ({ resourceArn }) => ({ tags: tagged(resourceArn).tags }) },
  };
}

// Kinesis Data Streams: streams with shards, records, consumers with enhanced fan-out, tags and policies.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/Welcome.html
import type { Cloud, Operations, Service } from '../cloud.ts';
import { withoutKeys } from '../without-keys.ts';
import { consumerOperations } from './consumers.ts';
import { recordOperations } from './records.ts';
import { KinesisState } from './state.ts';
import { naming, onStream, streamOperations } from './streams.ts';

export function createKinesis(cloud: Cloud): Service<'kinesis'> {
  const state = new KinesisState(cloud);
  const stopping = new AbortController();
  return {
    name: 'kinesis',
    operations: {
      ...streamOperations(state),
      ...recordOperations(state),
      ...consumerOperations(state, stopping.signal),
      ...settingOperations(state),
    },
    async stop() {
      stopping.abort();
    },
  };
}

function settingOperations(state: KinesisState): Operations<'kinesis'> {
  const authorize = onStream(state);
  const byArn = { resource: ({ ResourceARN }: { ResourceARN?: string | undefined }) => ResourceARN };
  const listed = (tags: Readonly<Record<string, string>>) =>
    Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    AddTagsToStream: {
      members: [...naming, 'Tags'],
      authorize,
      run(input) {
        const stream = state.existing(input);
        state.save({ ...stream, tags: { ...stream.tags, ...input.Tags } });
        return {};
      },
    },
    RemoveTagsFromStream: {
      members: [...naming, 'TagKeys'],
      authorize,
      run(input) {
        const stream = state.existing(input);
        state.save({ ...stream, tags: withoutKeys(stream.tags, input.TagKeys ?? []) });
        return {};
      },
    },
    ListTagsForStream: {
      members: [...naming, 'ExclusiveStartTagKey', 'Limit'],
      authorize,
      run: (input) => ({ Tags: listed(state.existing(input).tags), HasMoreTags: false }),
    },
    TagResource: {
      members: ['ResourceARN', 'Tags', 'StreamId'],
      authorize: byArn,
      run({ ResourceARN = '', Tags }) {
        const consumer = state.consumers.get(ResourceARN);
        if (consumer !== undefined) {
          state.consumers.set(ResourceARN, { ...consumer, tags: { ...consumer.tags, ...Tags } });
          return {};
        }
        const stream = state.existing({ StreamARN: ResourceARN });
        state.save({ ...stream, tags: { ...stream.tags, ...Tags } });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceARN', 'TagKeys', 'StreamId'],
      authorize: byArn,
      run({ ResourceARN = '', TagKeys = [] }) {
        const consumer = state.consumers.get(ResourceARN);
        if (consumer !== undefined) {
          state.consumers.set(ResourceARN, { ...consumer, tags: withoutKeys(consumer.tags, TagKeys) });
          return {};
        }
        const stream = state.existing({ StreamARN: ResourceARN });
        state.save({ ...stream, tags: withoutKeys(stream.tags, TagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceARN', 'StreamId'],
      authorize: byArn,
      run({ ResourceARN = '' }) {
        const { tags } = state.consumers.get(ResourceARN) ?? state.existing({ StreamARN: ResourceARN });
        return { Tags: listed(tags) };
      },
    },
    EnableEnhancedMonitoring: {
      members: [...naming, 'ShardLevelMetrics'],
      authorize,
      run: (input) => setMetrics(state, input, (now, asked) => [...new Set([...now, ...asked])]),
    },
    DisableEnhancedMonitoring: {
      members: [...naming, 'ShardLevelMetrics'],
      authorize,
      run: (input) => setMetrics(state, input, (now, asked) => now.filter((metric) => !asked.includes(metric))),
    },
    PutResourcePolicy: {
      members: ['ResourceARN', 'Policy', 'StreamId'],
      authorize: byArn,
      run({ ResourceARN, Policy }) {
        state.save({ ...state.existing({ StreamARN: ResourceARN }), policy: Policy });
        return {};
      },
    },
    GetResourcePolicy: {
      members: ['ResourceARN', 'StreamId'],
      authorize: byArn,
      run: ({ ResourceARN }) => ({ Policy: state.existing({ StreamARN: ResourceARN }).policy ?? '{}' }),
    },
    DeleteResourcePolicy: {
      members: ['ResourceARN', 'StreamId'],
      authorize: byArn,
      run({ ResourceARN }) {
        state.save({ ...state.existing({ StreamARN: ResourceARN }), policy: undefined });
        return {};
      },
    },
  };
}

function setMetrics(
  state: KinesisState,
  input: Parameters<KinesisState['existing']>[0] & { readonly ShardLevelMetrics?: readonly string[] | undefined },
  change: (now: readonly string[], asked: readonly string[]) => readonly string[],
) {
  const stream = state.existing(input);
  const all = [
    'IncomingBytes',
    'IncomingRecords',
    'OutgoingBytes',
    'OutgoingRecords',
    'WriteProvisionedThroughputExceeded',
    'ReadProvisionedThroughputExceeded',
    'IteratorAgeMilliseconds',
  ];
  const asked = input.ShardLevelMetrics?.includes('ALL') === true ? all : (input.ShardLevelMetrics ?? []);
  const metrics = change(stream.metrics, asked);
  state.save({ ...stream, metrics });
  const shown = (values: readonly string[]) => [...values] as 'ALL'[];
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    CurrentShardLevelMetrics: shown(stream.metrics),
    DesiredShardLevelMetrics: shown(metrics),
  };
}

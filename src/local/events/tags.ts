// Tags of EventBridge's rules and event buses.
import type { Tag } from '@aws-sdk/client-eventbridge';
import type { Operations } from '../cloud.ts';
import { withoutKeys } from '../without-keys.ts';
import { type EventsContext, findBus, findRule, invalid, type Tags } from './state.ts';

export function tagsOf(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

export function tagOperations(context: EventsContext): Operations<'events'> {
  const resource = ({ ResourceARN }: { ResourceARN: string | undefined }) => ResourceARN;
  const change = (arn: string | undefined, changed: (tags: Tags) => Tags) => {
    const found = tagged(context, arn);
    if ('bus' in found) context.buses.set(found.bus.name, { ...found.bus, tags: changed(found.bus.tags) });
    else context.retag({ ...found.rule, tags: changed(found.rule.tags) });
    return {};
  };
  return {
    TagResource: {
      members: ['ResourceARN', 'Tags'],
      authorize: { resource },
      run: ({ ResourceARN, Tags }) => change(ResourceARN, (tags) => ({ ...tags, ...tagsOf(Tags) })),
    },
    UntagResource: {
      members: ['ResourceARN', 'TagKeys'],
      authorize: { resource },
      run: ({ ResourceARN, TagKeys = [] }) => change(ResourceARN, (tags) => withoutKeys(tags, TagKeys)),
    },
    ListTagsForResource: {
      members: ['ResourceARN'],
      authorize: { resource },
      run({ ResourceARN }) {
        const found = tagged(context, ResourceARN);
        const { tags } = 'bus' in found ? found.bus : found.rule;
        return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    },
  };
}

function tagged(context: EventsContext, arn = '') {
  const [, kind, path = ''] = /^arn:aws:events:[^:]+:\d+:(rule|event-bus)\/(.+)$/.exec(arn) ?? [];
  if (kind === 'event-bus') return { bus: findBus(context, path) };
  if (kind !== 'rule') throw invalid(`Provided Arn is not in correct format. ${arn}`);
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { rule: findRule(context, name, path === name ? undefined : path.slice(0, path.lastIndexOf('/'))) };
}

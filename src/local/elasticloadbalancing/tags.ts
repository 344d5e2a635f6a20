// Tags of load balancers and what belongs to them.
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operations } from '../cloud.ts';
import { withoutKeys } from '../without-keys.ts';
import { type BalancerContext, existing } from './state.ts';

/** Keeps the tags of a new resource. */
export function tagged({ tags }: BalancerContext, arn: string, added: readonly Tag[] | undefined): void {
  if (added === undefined || added.length === 0) return;
  const keys = added.map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) {
    throw new AwsError('DuplicateTagKeysException', 'A tag key was specified more than once');
  }
  tags.set(arn, { ...tags.get(arn), ...Object.fromEntries(added.map(({ Key = '', Value = '' }) => [Key, Value])) });
}

export function tagOperations(context: BalancerContext): Operations<'elasticloadbalancing'> {
  const { tags } = context;
  const check = (arns: readonly string[]) => {
    for (const arn of arns) {
      const [, kind] = /:(loadbalancer|listener-rule|listener|targetgroup)\//.exec(arn) ?? [];
      if (kind === 'listener') existing(context, 'listeners', arn);
      else if (kind === 'listener-rule') existing(context, 'rules', arn);
      else if (kind === 'targetgroup') existing(context, 'groups', arn);
      else existing(context, 'balancers', arn);
    }
  };
  return {
    AddTags: {
      members: ['ResourceArns', 'Tags'],
      run({ ResourceArns = [], Tags }) {
        check(ResourceArns);
        for (const arn of ResourceArns) tagged(context, arn, Tags);
        return {};
      },
    },

    RemoveTags: {
      members: ['ResourceArns', 'TagKeys'],
      run({ ResourceArns = [], TagKeys = [] }) {
        check(ResourceArns);
        for (const arn of ResourceArns) {
          tags.set(arn, withoutKeys(tags.get(arn) ?? {}, TagKeys));
        }
        return {};
      },
    },

    DescribeTags: {
      members: ['ResourceArns'],
      run({ ResourceArns = [] }) {
        check(ResourceArns);
        const TagDescriptions = ResourceArns.map((ResourceArn) => ({
          ResourceArn,
          Tags: Object.entries(tags.get(ResourceArn) ?? {}).map(([Key, Value]) => ({ Key, Value })),
        }));
        return { TagDescriptions };
      },
    },
  };
}

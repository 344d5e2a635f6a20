// AWS::IoT: topic rules.
import type { TopicRulePayload } from '@aws-sdk/client-iot';
import type { Cloud } from '../../cloud.ts';
import { ruleArn } from '../../iot/rules.ts';
import type { Properties } from '../stack.ts';
import type { Providers, Provisioned } from './provider.ts';
import { tagChanges, tagList, tagMap } from './values.ts';

export const iotProviders: Providers = {
  'AWS::IoT::TopicRule': {
    service: 'IoT',
    properties: ['RuleName', 'Tags', 'TopicRulePayload'],
    name: { property: 'RuleName', limit: 128, alphanumeric: true },
    async create({ cloud, name: ruleName, properties }) {
      const tags = new URLSearchParams(tagMap(properties)).toString();
      const topicRulePayload = payloadOf(properties);
      await cloud.call('iot', 'CreateTopicRule', { ruleName, topicRulePayload, ...(tags === '' ? {} : { tags }) });
      return described(cloud, ruleName);
    },
    async update({ cloud, physicalId: ruleName, before, after, changed }) {
      if (changed.has('TopicRulePayload')) {
        await cloud.call('iot', 'ReplaceTopicRule', { ruleName, topicRulePayload: payloadOf(after) });
      }
      const { remove } = tagChanges(before, after);
      const resourceArn = ruleArn(cloud, ruleName);
      if (remove.length > 0) await cloud.call('iot', 'UntagResource', { resourceArn, tagKeys: remove });
      if (changed.has('Tags')) await cloud.call('iot', 'TagResource', { resourceArn, tags: tagList(after) });
      return described(cloud, ruleName);
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('iot', 'DeleteTopicRule', { ruleName: physicalId });
    },
  },
};

function described(cloud: Cloud, name: string): Provisioned {
  return { physicalId: name, attributes: { Arn: ruleArn(cloud, name) } };
}

function payloadOf(properties: Properties): TopicRulePayload {
  return asInApi(properties['TopicRulePayload']) as TopicRulePayload;
}

/** The API has the same members, which begin with a small letter. */
function asInApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asInApi);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), asInApi(inner)]),
  );
}

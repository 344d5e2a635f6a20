// AWS::SSM::Parameter.
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers } from './provider.ts';
import { pick, tagChanges, tagMap, text } from './values.ts';

const settings = ['AllowedPattern', 'DataType', 'Description', 'Policies', 'Tier', 'Type', 'Value'];

export const ssmProviders: Providers = {
  'AWS::SSM::Parameter': {
    service: 'Ssm',
    properties: [...settings, 'Name', 'Tags'],
    // Generated names begin with CFN: a stack's name may begin with `ssm` or `aws`, which Parameter Store rejects.
    name: { property: 'Name', limit: 900, front: 'CFN' },
    async create({ cloud, name, properties }) {
      const Tags = tagsOf(tagMap(properties));
      await cloud.call('ssm', 'PutParameter', {
        ...defined(properties),
        Name: name,
        ...(Tags.length > 0 ? { Tags } : {}),
      });
      return described(cloud, name);
    },
    async update({ cloud, physicalId: Name, before, after, changed }) {
      if (settings.some((name) => changed.has(name))) {
        // Overwriting keeps what the request omits, but the resource must have only what the template has.
        const whole = { Description: '', AllowedPattern: '', ...defined(after) };
        await cloud.call('ssm', 'PutParameter', { ...whole, Name, Overwrite: true });
      }
      if (changed.has('Tags')) {
        const { set, remove } = tagChanges(before, after);
        const tagged = { ResourceType: 'Parameter', ResourceId: Name } as const;
        if (remove.length > 0) await cloud.call('ssm', 'RemoveTagsFromResource', { ...tagged, TagKeys: remove });
        if (Object.keys(set).length > 0) await cloud.call('ssm', 'AddTagsToResource', { ...tagged, Tags: tagsOf(set) });
      }
      return described(cloud, Name);
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('ssm', 'DeleteParameter', { Name: physicalId });
    },
  },
};

function defined(properties: Properties) {
  return { ...pick(properties, settings), Value: text(properties, 'Value') };
}

function tagsOf(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

async function described(cloud: Cloud, Name: string) {
  const { Parameter } = await cloud.call('ssm', 'GetParameter', { Name });
  return { physicalId: Name, attributes: { Type: Parameter?.Type, Value: Parameter?.Value, Arn: Parameter?.ARN } };
}

// AWS::ECR::Repository.
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers } from './provider.ts';
import { json, tagChanges, tagMap } from './values.ts';

export const ecrProviders: Providers = {
  'AWS::ECR::Repository': {
    service: 'Ecr',
    properties: [
      'EmptyOnDelete',
      'ImageScanningConfiguration',
      'ImageTagMutability',
      'RepositoryName',
      'RepositoryPolicyText',
      'Tags',
    ],
    name: { property: 'RepositoryName', limit: 256, lowerCase: true },
    async create({ cloud, name, properties }) {
      await cloud.call('ecr', 'CreateRepository', {
        repositoryName: name,
        imageTagMutability: mutabilityOf(properties),
        imageScanningConfiguration: { scanOnPush: scans(properties) },
        tags: tagsOf(tagMap(properties)),
      });
      await updatePolicy(cloud, name, properties);
      return described(cloud, name);
    },
    async update({ cloud, physicalId: name, before, after, changed }) {
      const repositoryName = name;
      if (changed.has('ImageTagMutability')) {
        await cloud.call('ecr', 'PutImageTagMutability', { repositoryName, imageTagMutability: mutabilityOf(after) });
      }
      if (changed.has('ImageScanningConfiguration')) {
        const imageScanningConfiguration = { scanOnPush: scans(after) };
        await cloud.call('ecr', 'PutImageScanningConfiguration', { repositoryName, imageScanningConfiguration });
      }
      if (changed.has('RepositoryPolicyText')) await updatePolicy(cloud, name, after);
      const provisioned = await described(cloud, name);
      if (changed.has('Tags')) {
        const { set, remove } = tagChanges(before, after);
        const resourceArn = String(provisioned.attributes['Arn']);
        if (remove.length > 0) await cloud.call('ecr', 'UntagResource', { resourceArn, tagKeys: remove });
        if (Object.keys(set).length > 0) await cloud.call('ecr', 'TagResource', { resourceArn, tags: tagsOf(set) });
      }
      return provisioned;
    },
    async delete({ cloud, physicalId, properties }) {
      const force = properties['EmptyOnDelete'] === true;
      await cloud.call('ecr', 'DeleteRepository', { repositoryName: physicalId, force });
    },
  },
};

const mutabilityOf = (properties: Properties) => (properties['ImageTagMutability'] ?? 'MUTABLE') as 'MUTABLE';

function scans(properties: Properties): boolean {
  const { ScanOnPush } = (properties['ImageScanningConfiguration'] ?? {}) as { readonly ScanOnPush?: boolean };
  return ScanOnPush === true;
}

async function updatePolicy(cloud: Cloud, repositoryName: string, properties: Properties): Promise<void> {
  const policy = properties['RepositoryPolicyText'];
  if (policy !== undefined)
    await cloud.call('ecr', 'SetRepositoryPolicy', { repositoryName, policyText: json(policy) });
  else await cloud.call('ecr', 'DeleteRepositoryPolicy', { repositoryName }).catch(() => {});
}

function tagsOf(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

async function described(cloud: Cloud, name: string) {
  const { repositories: [repository] = [] } = await cloud.call('ecr', 'DescribeRepositories', {
    repositoryNames: [name],
  });
  const attributes = { Arn: repository?.repositoryArn, RepositoryUri: repository?.repositoryUri };
  return { physicalId: name, attributes };
}

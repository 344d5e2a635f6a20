// CodeDeploy's operations on applications, and on the tags of applications and deployment groups.
import { randomUUID } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-codedeploy';
import { AwsError, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { withoutKeys } from '../without-keys.ts';
import { arnOf, type CodeDeployContext, checkName, findApplication, findGroup, groupKey, type Tags } from './state.ts';

export function applicationOperations(context: CodeDeployContext): Operations<'codedeploy'> {
  const { cloud, applications, groups, deployments } = context;
  const onApplication = {
    resource: ({ applicationName = '' }: { readonly applicationName: string | undefined }) =>
      arnOf(cloud, 'application', applicationName),
  };
  return {
    CreateApplication: {
      members: ['applicationName', 'computePlatform', 'tags'],
      authorize: onApplication,
      run({ applicationName, computePlatform = 'Server', tags = [] }) {
        const name = checkName(applicationName, 'InvalidApplicationNameException');
        if (computePlatform !== 'Lambda') {
          throw notImplemented(`codedeploy:CreateApplication with the compute platform ${computePlatform}`);
        }
        if (applications.has(name)) {
          throw new AwsError('ApplicationAlreadyExistsException', `The application ${name} already exists`);
        }
        const id = randomUUID();
        applications.set(name, { id, name, created: cloud.now(), tags: tagMap(tags) });
        return { applicationId: id };
      },
    },
    GetApplication: {
      members: ['applicationName'],
      authorize: onApplication,
      run({ applicationName }) {
        const { id, name, created } = findApplication(context, applicationName);
        return {
          application: {
            applicationId: id,
            applicationName: name,
            createTime: new Date(created),
            linkedToGitHub: false,
            computePlatform: 'Lambda',
          },
        };
      },
    },
    ListApplications: {
      members: [],
      run: () => ({ applications: [...applications.keys()].sort() }),
    },
    DeleteApplication: {
      members: ['applicationName'],
      authorize: onApplication,
      // Its groups and the record of its deployments go with it; deleting one that does not exist succeeds.
      run({ applicationName = '' }) {
        applications.delete(applicationName);
        for (const { name } of groups.filter((group) => group.application === applicationName)) {
          groups.delete(groupKey(applicationName, name));
        }
        for (const { id } of deployments.filter(({ application }) => application === applicationName)) {
          deployments.delete(id);
        }
        return {};
      },
    },
  };
}

export function tagOperations(context: CodeDeployContext): Operations<'codedeploy'> {
  const { applications, groups } = context;
  const tagged = (arn = ''): { readonly tags: Tags; save(tags: Tags): void } => {
    const [, , , , , kind, name = ''] = arn.split(':');
    if (kind === 'application') {
      const application = findApplication(context, name);
      return { tags: application.tags, save: (tags) => applications.set(name, { ...application, tags }) };
    }
    if (kind === 'deploymentgroup') {
      const [of = '', groupName] = name.split('/');
      const group = findGroup(context, of, groupName);
      return { tags: group.tags, save: (tags) => groups.set(groupKey(of, group.name), { ...group, tags }) };
    }
    throw new AwsError('ArnNotSupportedException', `The ARN ${arn} is not supported`);
  };
  const onResource = { resource: ({ ResourceArn }: { readonly ResourceArn: string | undefined }) => ResourceArn };
  return {
    TagResource: {
      members: ['ResourceArn', 'Tags'],
      authorize: onResource,
      run({ ResourceArn, Tags = [] }) {
        const { tags, save } = tagged(ResourceArn);
        save({ ...tags, ...tagMap(Tags) });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceArn', 'TagKeys'],
      authorize: onResource,
      run({ ResourceArn, TagKeys = [] }) {
        const { tags, save } = tagged(ResourceArn);
        save(withoutKeys(tags, TagKeys));
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceArn'],
      authorize: onResource,
      run: ({ ResourceArn }) => ({
        Tags: Object.entries(tagged(ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

export function tagMap(tags: readonly Tag[]): Tags {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

// ECR: repositories with policies, and the images that its registry received. Scans, lifecycle policies and replication are not
// implemented.
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import { imageOperations } from './images.ts';
import { type EcrContext, ecrContext, findRepository, type Repository } from './state.ts';
import { newToken, tokenHours } from './token.ts';

export function createEcr(cloud: Cloud): Service<'ecr'> {
  const context = ecrContext(cloud);
  const operations = {
    ...repositoryOperations(context),
    ...policyOperations(context),
    ...tagOperations(context),
    ...imageOperations(context),
  };
  return { name: 'ecr', operations };
}

const namePattern = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*';

function describe({ cloud }: EcrContext, { name, arn, created, mutability, scanOnPush }: Repository) {
  return {
    repositoryArn: arn,
    registryId: cloud.accountId,
    repositoryName: name,
    repositoryUri: `${cloud.endpoint.replace('http://', '')}/${name}`,
    createdAt: new Date(created),
    imageTagMutability: mutability,
    imageScanningConfiguration: { scanOnPush },
    encryptionConfiguration: { encryptionType: 'AES256' as const },
  };
}

function repositoryOperations(context: EcrContext): Operations<'ecr'> {
  const { cloud, repositories } = context;
  return {
    CreateRepository: {
      members: ['registryId', 'repositoryName', 'tags', 'imageTagMutability', 'imageScanningConfiguration'],
      run({ repositoryName: name = '', tags = [], imageTagMutability, imageScanningConfiguration }) {
        checkConstraints('InvalidParameterException', [
          ['repositoryName', name, { min: 2, max: 256, pattern: namePattern }],
          ['imageTagMutability', imageTagMutability, { oneOf: ['MUTABLE', 'IMMUTABLE'] }],
        ]);
        if (repositories.has(name)) {
          throw new AwsError(
            'RepositoryAlreadyExistsException',
            `The repository with name '${name}' already exists in the registry with id '${cloud.accountId}'`,
          );
        }
        const repository: Repository = {
          name,
          arn: `arn:aws:ecr:${cloud.region}:${cloud.accountId}:repository/${name}`,
          created: cloud.now(),
          mutability: imageTagMutability === 'IMMUTABLE' ? 'IMMUTABLE' : 'MUTABLE',
          scanOnPush: imageScanningConfiguration?.scanOnPush ?? false,
          tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
          images: {},
        };
        repositories.set(name, repository);
        return { repository: describe(context, repository) };
      },
    },
    DescribeRepositories: {
      members: ['registryId', 'repositoryNames', 'nextToken', 'maxResults'],
      run({ repositoryNames = [], nextToken: token, maxResults }) {
        const all =
          repositoryNames.length > 0
            ? repositoryNames.map((name) => findRepository(context, name))
            : [...repositories.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
        const { items, nextToken } = pageByName(all, ({ name }) => name, { token, most: maxResults ?? 100 });
        return {
          repositories: items.map((repository) => describe(context, repository)),
          ...(nextToken === undefined ? {} : { nextToken }),
        };
      },
    },
    DeleteRepository: {
      members: ['registryId', 'repositoryName', 'force'],
      run({ repositoryName, force = false }) {
        const repository = findRepository(context, repositoryName);
        if (!force && Object.keys(repository.images).length > 0) {
          throw new AwsError(
            'RepositoryNotEmptyException',
            `The repository with name '${repository.name}' in registry with id '${cloud.accountId}' cannot be deleted because it still contains images`,
          );
        }
        repositories.delete(repository.name);
        return { repository: describe(context, repository) };
      },
    },
    PutImageTagMutability: {
      members: ['registryId', 'repositoryName', 'imageTagMutability'],
      run({ repositoryName, imageTagMutability }) {
        const repository = findRepository(context, repositoryName);
        const mutability = imageTagMutability === 'IMMUTABLE' ? 'IMMUTABLE' : 'MUTABLE';
        repositories.set(repository.name, { ...repository, mutability });
        return { registryId: cloud.accountId, repositoryName: repository.name, imageTagMutability: mutability };
      },
    },
    PutImageScanningConfiguration: {
      members: ['registryId', 'repositoryName', 'imageScanningConfiguration'],
      run({ repositoryName, imageScanningConfiguration }) {
        const repository = findRepository(context, repositoryName);
        const scanOnPush = imageScanningConfiguration?.scanOnPush ?? false;
        repositories.set(repository.name, { ...repository, scanOnPush });
        return {
          registryId: cloud.accountId,
          repositoryName: repository.name,
          imageScanningConfiguration: { scanOnPush },
        };
      },
    },
    GetAuthorizationToken: {
      members: ['registryIds'],
      run: () => ({
        authorizationData: [
          {
            authorizationToken: Buffer.from(`AWS:${newToken(cloud)}`).toString('base64'),
            expiresAt: new Date(cloud.now() + tokenHours * 3_600_000),
            proxyEndpoint: cloud.endpoint,
          },
        ],
      }),
    },
  };
}

function policyOperations(context: EcrContext): Operations<'ecr'> {
  const { cloud, repositories } = context;
  const answer = ({ name }: Repository, policyText: string) => ({
    registryId: cloud.accountId,
    repositoryName: name,
    policyText,
  });
  const policyOf = ({ name, policy }: Repository): string => {
    if (policy !== undefined) return policy;
    throw new AwsError(
      'RepositoryPolicyNotFoundException',
      `Repository policy does not exist for the repository with name '${name}' in the registry with id '${cloud.accountId}'`,
    );
  };
  return {
    SetRepositoryPolicy: {
      members: ['registryId', 'repositoryName', 'policyText', 'force'],
      run({ repositoryName, policyText = '' }) {
        const repository = findRepository(context, repositoryName);
        if (!isDocument(policyText)) {
          throw new AwsError(
            'InvalidParameterException',
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
          );
        }
        repositories.set(repository.name, { ...repository, policy: policyText });
        return answer(repository, policyText);
      },
    },
    GetRepositoryPolicy: {
      members: ['registryId', 'repositoryName'],
      run({ repositoryName }) {
        const repository = findRepository(context, repositoryName);
        return answer(repository, policyOf(repository));
      },
    },
    DeleteRepositoryPolicy: {
      members: ['registryId', 'repositoryName'],
      run({ repositoryName }) {
        const { policy, ...repository } = findRepository(context, repositoryName);
        const text = policyOf({ ...repository, ...(policy === undefined ? {} : { policy }) });
        repositories.set(repository.name, repository);
        return answer(repository, text);
      },
    },
  };
}

function isDocument(text: string): boolean {
  try {
    return Array.isArray((JSON.parse(text) as { Statement?: unknown }).Statement);
  } catch {
    return false;
  }
}

function tagOperations(context: EcrContext): Operations<'ecr'> {
  const { repositories } = context;
  const named = (arn: string | undefined) => findRepository(context, arn?.split(':repository/')[1]);
  return {
    TagResource: {
      members: ['resourceArn', 'tags'],
      run({ resourceArn, tags = [] }) {
        const repository = named(resourceArn);
        const added = Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        repositories.set(repository.name, { ...repository, tags: { ...repository.tags, ...added } });
        return {};
      },
    },
    UntagResource: {
      members: ['resourceArn', 'tagKeys'],
      run({ resourceArn, tagKeys = [] }) {
        const repository = named(resourceArn);
        repositories.set(repository.name, { ...repository, tags: withoutKeys(repository.tags, tagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['resourceArn'],
      run: ({ resourceArn }) => ({
        tags: Object.entries(named(resourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

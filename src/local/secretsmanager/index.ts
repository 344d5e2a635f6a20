// Secrets Manager: secrets with versions and labels. Rotation, replication and policies are not implemented.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
import type { SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { AwsError, type Cloud, type Input, type Operations, type Service } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import {
  findSecret,
  findVersion,
  liveSecret,
  newArn,
  onSecret,
  type Secret,
  type SecretsContext,
  stagesById,
} from './state.ts';
import { invalid, readValue, withVersion } from './values.ts';

const dayMs = 86_400_000;
const tagLimit = 50;

export function createSecretsManager(cloud: Cloud): Service<'secretsmanager'> {
  const context: SecretsContext = { cloud, secrets: cloud.collection('secretsmanager.secrets') };
  const operations = { ...secretOperations(context), ...valueOperations(context), ...tagOperations(context) };
  return { name: 'secretsmanager', operations };
}

function secretOperations(context: SecretsContext): Operations<'secretsmanager'> {
  const { cloud, secrets } = context;
  return {
    CreateSecret: {
      members: ['Name', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString', 'Tags'],
      run: (input) => createSecret(context, input),
    },
    DescribeSecret: {
      members: ['SecretId'],
      authorize: onSecret(context),
      run: ({ SecretId }) => {
        const secret = findSecret(context, SecretId);
        return { ...listed(secret), VersionIdsToStages: stagesById(secret) };
      },
    },
    ListSecrets: {
      members: ['IncludePlannedDeletion', 'MaxResults', 'NextToken'],
      run(input) {
        checkConstraints('ValidationException', [['maxResults', input.MaxResults, { min: 1, max: 100 }]]);
        const all = secrets
          .filter(({ deletion }) => input.IncludePlannedDeletion || deletion === undefined)
          .sort((left, right) => (left.name < right.name ? -1 : 1));
        const page = { token: input.NextToken, most: input.MaxResults ?? 100 };
        const { items, nextToken } = pageByName(all, ({ name }) => name, page);
        return {
          SecretList: items.map((secret) => ({ ...listed(secret), SecretVersionsToStages: stagesById(secret) })),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    UpdateSecret: {
      members: ['SecretId', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString'],
      authorize: onSecret(context),
      run(input) {
        const secret = liveSecret(context, input.SecretId);
        const version = readValue(input, cloud.now());
        const changed: Secret = {
          ...(version === undefined ? secret : withVersion(secret, version, ['AWSCURRENT'])),
          description: input.Description ?? secret.description,
          ...(input.KmsKeyId === undefined ? {} : { keyId: input.KmsKeyId }),
          changed: cloud.now(),
        };
        secrets.set(secret.name, changed);
        return { ARN: secret.arn, Name: secret.name, ...(version === undefined ? {} : { VersionId: version.id }) };
      },
    },
    DeleteSecret: {
      members: ['SecretId', 'RecoveryWindowInDays', 'ForceDeleteWithoutRecovery'],
      authorize: onSecret(context),
      run({ SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false }) {
        if (force && days !== undefined) {
          throw invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
        }
        if (days !== undefined && (days < 7 || days > 30)) {
          throw invalid('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
        }
        const secret = liveSecret(context, SecretId);
        const now = cloud.now();
        const due = force ? now : now + (days ?? 30) * dayMs;
        if (force) secrets.delete(secret.name);
        else secrets.set(secret.name, { ...secret, deletion: { asked: now, due } });
        return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(due) };
      },
    },
    RestoreSecret: {
      members: ['SecretId'],
      authorize: onSecret(context),
      run({ SecretId }) {
        const { deletion: _, ...secret } = findSecret(context, SecretId);
        secrets.set(secret.name, secret);
        return { ARN: secret.arn, Name: secret.name };
      },
    },
  };
}

function createSecret(context: SecretsContext, input: Input<'secretsmanager', 'CreateSecret'>) {
  const { cloud, secrets } = context;
  const name = input.Name ?? '';
  checkConstraints('ValidationException', [
    ['name', name, { min: 1, max: 512 }],
    ['description', input.Description, { max: 2048 }],
  ]);
  if (!/^[\w/+=.@!-]+$/.test(name)) {
    // recorded: not one of the errors of its model
    const message =
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';
    throw new AwsError('ValidationException', message);
  }
  const now = cloud.now();
  const version = readValue(input, now);
  const existing = secrets.get(name);
  if (existing !== undefined && (existing.deletion?.due ?? Number.POSITIVE_INFINITY) > now) refuseExisting(existing);
  const secret: Secret = {
    name,
    arn: newArn(cloud, name),
    description: input.Description ?? '',
    ...(input.KmsKeyId === undefined ? {} : { keyId: input.KmsKeyId }),
    tags: readTags(input.Tags),
    versions: [],
    created: now,
    changed: now,
  };
  secrets.set(name, version === undefined ? secret : withVersion(secret, version, ['AWSCURRENT']));
  return { ARN: secret.arn, Name: name, ...(version === undefined ? {} : { VersionId: version.id }) };
}

function refuseExisting({ name, deletion }: Secret): never {
  if (deletion !== undefined) {
    throw new AwsError(
      'InvalidRequestException',
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
}

function valueOperations(context: SecretsContext): Operations<'secretsmanager'> {
  const { cloud, secrets } = context;
  return {
    PutSecretValue: {
      members: ['SecretId', 'ClientRequestToken', 'SecretBinary', 'SecretString', 'VersionStages'],
      authorize: onSecret(context),
      run(input) {
        const stages = input.VersionStages ?? ['AWSCURRENT'];
        checkConstraints('ValidationException', [['versionStages', stages, { min: 1, max: 20 }]]);
        const secret = liveSecret(context, input.SecretId);
        const version = readValue(input, cloud.now());
        if (version === undefined) throw invalid('You must provide either SecretString or SecretBinary.');
        // the first version becomes current, whatever its labels
        const labels = secret.versions.length === 0 ? [...new Set([...stages, 'AWSCURRENT'])] : stages;
        const changed = withVersion(secret, version, labels);
        secrets.set(secret.name, changed);
        const stored = findVersion(changed, version.id, undefined);
        return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...stored.stages] };
      },
    },
    GetSecretValue: {
      members: ['SecretId', 'VersionId', 'VersionStage'],
      authorize: onSecret(context),
      run({ SecretId, VersionId, VersionStage }) {
        const secret = liveSecret(context, SecretId);
        const version = findVersion(secret, VersionId, VersionStage);
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.id,
          ...(version.text === undefined ? {} : { SecretString: version.text }),
          ...(version.binary === undefined ? {} : { SecretBinary: Buffer.from(version.binary, 'base64') }),
          VersionStages: [...version.stages],
          CreatedDate: new Date(version.created),
        };
      },
    },
  };
}

function tagOperations(context: SecretsContext): Operations<'secretsmanager'> {
  const { secrets } = context;
  return {
    TagResource: {
      members: ['SecretId', 'Tags'],
      authorize: onSecret(context),
      run({ SecretId, Tags }) {
        const secret = liveSecret(context, SecretId);
        secrets.set(secret.name, { ...secret, tags: readTags(Tags, secret.tags) });
        return {};
      },
    },
    UntagResource: {
      members: ['SecretId', 'TagKeys'],
      authorize: onSecret(context),
      run({ SecretId, TagKeys }) {
        const secret = liveSecret(context, SecretId);
        secrets.set(secret.name, { ...secret, tags: withoutKeys(secret.tags, TagKeys) });
        return {};
      },
    },
  };
}

function readTags(added: Input<'secretsmanager', 'CreateSecret'>['Tags'], before: Secret['tags'] = {}): Secret['tags'] {
  const tags = { ...before, ...Object.fromEntries((added ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])) };
  if (Object.keys(tags).length > tagLimit) throw invalid(`A secret can have at most ${tagLimit} tags.`);
  return tags;
}

function listed(secret: Secret): SecretListEntry {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === '' ? {} : { Description: secret.description }),
    ...(secret.keyId === undefined ? {} : { KmsKeyId: secret.keyId }),
    LastChangedDate: new Date(secret.changed),
    ...(secret.deletion === undefined ? {} : { DeletedDate: new Date(secret.deletion.asked) }),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    CreatedDate: new Date(secret.created),
  };
}

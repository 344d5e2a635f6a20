// The records of Secrets Manager, and the lookup of a secret and its versions.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html

import { AwsError, type Cloud } from '../cloud.ts';
import { lettersAndDigits, randomLetters } from '../random.ts';
import type { Collection } from '../store.ts';

export interface SecretVersion {
  readonly id: string;
  readonly text?: string;
  /** Base64. */
  readonly binary?: string;
  readonly stages: readonly string[];
  readonly created: number;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly keyId?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly versions: readonly SecretVersion[];
  readonly created: number;
  readonly changed: number;
  /** When it is deleted for good; until then it can be restored. */
  readonly deletion?: { readonly asked: number; readonly due: number };
}

export interface SecretsContext {
  readonly cloud: Cloud;
  /** By name. */
  readonly secrets: Collection<Secret>;
}

/** An ARN ends in six random letters, so that a new secret of the same name gets another ARN. */
export function newArn({ region, accountId }: Cloud, name: string): string {
  const suffix = randomLetters(6, lettersAndDigits);
  return `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix}`;
}

/** The secret by its name, its ARN, or its ARN without the six letters. Throws if it does not exist or its recovery window is over. */
export function findSecret({ cloud, secrets }: SecretsContext, id = ''): Secret {
  const front = `arn:aws:secretsmanager:${cloud.region}:${cloud.accountId}:secret:`;
  const name = id.startsWith(front) ? id.slice(front.length) : id;
  const secret =
    secrets.find(({ arn }) => arn === id) ?? secrets.get(name) ?? secrets.get(name.replace(/-[^-]{6}$/, ''));
  // a name that merely looks as if it ended in the six letters matches nothing
  const isMeant = secret !== undefined && (secret.arn === id || secret.name === name);
  if (isMeant && (secret.deletion?.due ?? Number.POSITIVE_INFINITY) <= cloud.now()) {
    secrets.delete(secret.name);
  } else if (isMeant) return secret;
  throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

/** The secret's ARN, which the role's policy must allow. For operations on one secret. */
export function onSecret(context: SecretsContext) {
  return {
    resource: ({ SecretId }: { readonly SecretId: string | undefined }): string => findSecret(context, SecretId).arn,
  };
}

/** Throws if the secret is scheduled for deletion. */
export function liveSecret(context: SecretsContext, id: string | undefined): Secret {
  const secret = findSecret(context, id);
  if (secret.deletion === undefined) return secret;
  throw new AwsError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

export function findVersion({ versions }: Secret, id: string | undefined, stage: string | undefined): SecretVersion {
  const label = stage ?? 'AWSCURRENT';
  if (id === undefined) {
    const version = versions.find(({ stages }) => stages.includes(label));
    if (version !== undefined) return version;
    throw noValue(`staging label: ${label}`);
  }
  const version = versions.find((candidate) => candidate.id === id);
  if (version === undefined) throw noValue(`VersionId: ${id}`);
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw new AwsError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  return version;
}

function noValue(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${what}`);
}

/** Versions without a label are deprecated and not listed. */
export function stagesById({ versions }: Secret): Record<string, string[]> {
  return Object.fromEntries(
    versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, [...stages]]),
  );
}

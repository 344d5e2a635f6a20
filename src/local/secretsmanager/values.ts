// The values of secrets: each value is a version, and labels mark the current one.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
import { randomUUID } from 'node:crypto';
import { AwsError } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import type { Secret, SecretVersion } from './state.ts';

const valueBytes = 65_536;
const versionLimit = 100;

export interface GivenValue {
  readonly ClientRequestToken?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

/** Undefined if the request has no value. */
export function readValue(input: GivenValue, now: number): SecretVersion | undefined {
  const { ClientRequestToken: token, SecretString: text, SecretBinary: binary } = input;
  checkConstraints('ValidationException', [['clientRequestToken', token, { min: 32, max: 64 }]]);
  if (text !== undefined && binary !== undefined) {
    throw invalid("You can't specify both a binary secret value and a string secret value in the same secret.");
  }
  const size = text === undefined ? binary?.length : Buffer.byteLength(text);
  if (size === undefined) return undefined;
  if (size < 1 || size > valueBytes) {
    throw new AwsError('ValidationException', `The secret value must have between 1 and ${valueBytes} bytes.`);
  }
  return {
    id: token ?? randomUUID(),
    ...(text === undefined ? {} : { text }),
    ...(binary === undefined ? {} : { binary: Buffer.from(binary).toString('base64') }),
    stages: [],
    created: now,
  };
}

/** The secret with one more version. Its labels move from the versions that had them. */
export function withVersion(secret: Secret, version: SecretVersion, stages: readonly string[]): Secret {
  const existing = secret.versions.find(({ id }) => id === version.id);
  if (existing !== undefined) {
    // repeating the same request changes nothing
    if (existing.text === version.text && existing.binary === version.binary) return secret;
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${version.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const wasCurrent = secret.versions.find((version) => version.stages.includes('AWSCURRENT'));
  // the version that loses AWSCURRENT becomes AWSPREVIOUS
  const moved = stages.includes('AWSCURRENT') && wasCurrent !== undefined ? [...stages, 'AWSPREVIOUS'] : stages;
  const before = secret.versions.map((version) => {
    const kept = version.stages.filter((stage) => !moved.includes(stage));
    return { ...version, stages: version === wasCurrent && moved !== stages ? [...kept, 'AWSPREVIOUS'] : kept };
  });
  return { ...secret, versions: [...before, { ...version, stages }].slice(-versionLimit), changed: version.created };
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

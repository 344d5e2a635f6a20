// The records of Parameter Store, and how a request names one of them.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
import type { Parameter } from '@aws-sdk/client-ssm';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type Tier = 'Standard' | 'Advanced';

export interface ParameterVersion {
  readonly version: number;
  readonly type: ParameterType;
  readonly value: string;
  /** What a SecureString shows to those who don't ask for its decryption: nothing can be read out of it. */
  readonly sealed?: string;
  readonly keyId?: string;
  readonly tier: Tier;
  readonly description: string;
  readonly allowedPattern: string;
  readonly modifiedAt: number;
}

export interface StoredParameter {
  readonly name: string;
  /** Oldest first, never empty. */
  readonly versions: readonly ParameterVersion[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface SsmContext {
  readonly cloud: Cloud;
  readonly parameters: Collection<StoredParameter>;
}

/** The name of a parameter without its slash at the front is the end of its ARN. */
export function parameterArn({ region, accountId }: Cloud, name: string): string {
  return `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;
}

/** For operations on one parameter: the ARN that a role must be allowed. */
export function onParameter(cloud: Cloud) {
  return {
    resource: ({ Name = '' }: { readonly Name: string | undefined }): string =>
      parameterArn(cloud, withoutArn(cloud, Name).replace(/:.*/, '')),
  };
}

export function newest({ versions }: StoredParameter): ParameterVersion {
  const last = versions.at(-1);
  if (last === undefined) throw new Error('a parameter without a version');
  return last;
}

/** AWS's answer has no text. */
export function parameterNotFound(): AwsError {
  return new AwsError('ParameterNotFound', '');
}

export interface Found {
  readonly parameter: StoredParameter;
  readonly version: ParameterVersion;
  /** `:3` where the request asked for that version. */
  readonly selector: string;
}

/** The parameter of `name`, `name:version` or either as part of an ARN; throws if it does not exist. */
export function findParameter({ cloud, parameters }: SsmContext, text: string): Found {
  const [, path, wanted] = /^([^:]*)(?::([^:]*))?$/.exec(withoutArn(cloud, text)) ?? [];
  const parameter = byName(parameters, path ?? '', text.startsWith('arn:'));
  if (parameter === undefined) throw parameterNotFound();
  if (wanted === undefined) return { parameter, version: newest(parameter), selector: '' };
  const version = parameter.versions.find((candidate) => String(candidate.version) === wanted);
  // Labels can't be set here, so a selector that is not a version matches nothing.
  if (version === undefined) {
    throw new AwsError(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${wanted} of ${parameter.name}. Verify the version and try again.`,
    );
  }
  return { parameter, version, selector: `:${wanted}` };
}

function withoutArn(cloud: Cloud, text: string): string {
  const front = parameterArn(cloud, '');
  if (!text.startsWith('arn:')) return text;
  if (!text.startsWith(front)) throw parameterNotFound();
  return text.slice(front.length);
}

// An ARN does not show whether the name begins with a slash; only one of the two names can exist.
function byName(parameters: Collection<StoredParameter>, name: string, isArn: boolean): StoredParameter | undefined {
  return parameters.get(name) ?? (isArn ? parameters.get(`/${name}`) : undefined);
}

export function describeParameter(cloud: Cloud, { parameter, version, selector }: Found, decrypts: boolean): Parameter {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: decrypts ? version.value : (version.sealed ?? version.value),
    Version: version.version,
    ...(selector === '' ? {} : { Selector: selector }),
    LastModifiedDate: new Date(version.modifiedAt),
    ARN: parameterArn(cloud, parameter.name),
    DataType: 'text',
  };
}

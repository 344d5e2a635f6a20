// The records of Parameter Store, and their lookup by name, version or ARN.
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
  /** The opaque value of a SecureString, for requests without decryption. */
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

/** The ARN ends with the parameter's name, without its leading slash. */
export function parameterArn({ region, accountId }: Cloud, name: string): string {
  return `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;
}

/** The parameter's ARN, which the role's policy must allow. For operations on one parameter. */
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

/** AWS's error has no message. */
export function parameterNotFound(): AwsError {
  return new AwsError('ParameterNotFound', '');
}

/** A version of a parameter, as a request named it. */
export interface SelectedParameter {
  readonly parameter: StoredParameter;
  readonly version: ParameterVersion;
  /** `:3` if the request named that version. */
  readonly selector: string;
}

/** The parameter for `name` or `name:version`, either of them possibly in an ARN. Throws if it does not exist. */
export function findParameter({ cloud, parameters }: SsmContext, text: string): SelectedParameter {
  const [, path, number] = /^([^:]*)(?::([^:]*))?$/.exec(withoutArn(cloud, text)) ?? [];
  const parameter = byName(parameters, path ?? '', text.startsWith('arn:'));
  if (parameter === undefined) throw parameterNotFound();
  if (number === undefined) return { parameter, version: newest(parameter), selector: '' };
  const version = parameter.versions.find((candidate) => String(candidate.version) === number);
  // labels cannot be set here, so a selector that is not a version number matches nothing
  if (version === undefined) {
    throw new AwsError(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${number} of ${parameter.name}. Verify the version and try again.`,
    );
  }
  return { parameter, version, selector: `:${number}` };
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

export function describeParameter(
  cloud: Cloud,
  { parameter, version, selector }: SelectedParameter,
  decrypts: boolean,
): Parameter {
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

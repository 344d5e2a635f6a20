// PutParameter: checks the name and the value, and creates the version.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
import { randomBytes } from 'node:crypto';
import { AwsError, type Cloud, type Input, type Output } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import {
  newest,
  type ParameterType,
  type ParameterVersion,
  parameterArn,
  type SsmContext,
  type StoredParameter,
  type Tier,
} from './state.ts';

type PutInput = Input<'ssm', 'PutParameter'>;

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
const levelLimit = 15;
const qualifiedNameLimit = 1011;
// https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm
const valueBytes = { Standard: 4096, Advanced: 8192 } as const;
const versionLimit = 100;
export const tagLimit = 50;
/** The default key for SecureStrings. */
const defaultKey = 'alias/aws/ssm';

export function putParameter({ cloud, parameters }: SsmContext, input: PutInput): Output<'ssm', 'PutParameter'> {
  const name = input.Name ?? '';
  checkInput(input);
  checkName(cloud, name);
  const before = parameters.get(name);
  refuseExisting({ cloud, parameters }, input, before);
  const version = readVersion(cloud, input, before);
  const versions = [...(before?.versions ?? []), version].slice(-versionLimit);
  const tags = before?.tags ?? readTags(input.Tags);
  parameters.set(name, { name, versions, tags });
  return { Version: version.version, Tier: version.tier };
}

function checkInput(input: PutInput): void {
  checkConstraints('ValidationException', [
    ['name', input.Name, { min: 1, max: 2048 }],
    ['value', input.Value, { min: 1 }],
    ['description', input.Description, { max: 1024 }],
    ['type', input.Type, { oneOf: ['String', 'StringList', 'SecureString'] }],
    ['keyId', input.KeyId, { pattern: '([a-zA-Z0-9:/_-]+)', min: 1, max: 256 }],
    ['allowedPattern', input.AllowedPattern, { max: 1024 }],
    ['tier', input.Tier, { oneOf: ['Standard', 'Advanced', 'Intelligent-Tiering'] }],
  ]);
  if (input.DataType !== undefined && input.DataType !== 'text') {
    throw notImplemented(`a parameter of the data type ${input.DataType}`);
  }
  if (input.Overwrite && (input.Tags ?? []).length > 0) {
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
}

function checkName(cloud: Cloud, name: string): void {
  const lower = name.toLowerCase();
  const isPath = name.indexOf('/', 1) > 0;
  const parts =
    'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';
  if (isPath && /^\/?aws/.test(lower)) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (isPath && /^\/?ssm/.test(lower)) {
    throw invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${parts}`);
  }
  if (/^\/?(aws|ssm)/.test(lower)) {
    throw invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (!/^\/?[\w.-]+(\/[\w.-]+)*$/.test(name)) {
    throw invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). ${parts}`);
  }
  if (isPath && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  if (name.replace(/^\//, '').split('/').length > levelLimit) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${levelLimit} levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.`,
    );
  }
  if (parameterArn(cloud, name).length > qualifiedNameLimit) {
    throw invalid(`The parameter name is longer than ${qualifiedNameLimit} characters, its ARN included.`);
  }
}

// `/a` and `a` are the same name: they have the same ARN.
function refuseExisting({ parameters }: SsmContext, input: PutInput, before: StoredParameter | undefined): void {
  const name = input.Name ?? '';
  const twin = name.startsWith('/') ? name.slice(1) : `/${name}`;
  if ((before !== undefined && !input.Overwrite) || parameters.has(twin)) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
}

function readVersion(cloud: Cloud, input: PutInput, stored: StoredParameter | undefined): ParameterVersion {
  const before = stored && newest(stored);
  const value = input.Value ?? '';
  const type = readType(input.Type, before);
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern ?? '';
  checkPattern(value, allowedPattern);
  if (input.KeyId !== undefined && type !== 'SecureString') {
    throw new AwsError('InvalidKeyId', `KeyId is for parameters of the type SecureString, not ${type}.`);
  }
  return {
    version: (before?.version ?? 0) + 1,
    type,
    value,
    ...(type === 'SecureString' ? { sealed: sealed(value), keyId: input.KeyId ?? before?.keyId ?? defaultKey } : {}),
    tier: readTier(input.Tier, value, before?.tier),
    description: input.Description ?? before?.description ?? '',
    allowedPattern,
    modifiedAt: cloud.now(),
  };
}

function readType(requested: PutInput['Type'], before: ParameterVersion | undefined): ParameterType {
  const type = requested ?? before?.type;
  if (type === undefined) throw invalid('A parameter type is required when you create a parameter.');
  if (before !== undefined && before.type !== type) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `Parameter Store doesn't support changing a parameter type in a hierarchy. This one is a ${before.type} and can't become a ${type}. You must create a new, unique parameter.`,
    );
  }
  return type;
}

function checkPattern(value: string, allowed: string): void {
  if (allowed === '') return;
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${allowed})$`);
  } catch {
    throw new AwsError('InvalidAllowedPatternException', `The pattern ${allowed} is not a valid regular expression.`);
  }
  if (pattern.test(value)) return;
  throw new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${allowed}`,
  );
}

function readTier(requested: PutInput['Tier'], value: string, before: Tier | undefined): Tier {
  const size = Buffer.byteLength(value);
  if (requested === 'Standard' && before === 'Advanced') {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  }
  const smallest = size > valueBytes.Standard ? 'Advanced' : (before ?? 'Standard');
  const tier = requested === 'Intelligent-Tiering' ? smallest : (requested ?? before ?? 'Standard');
  if (size <= valueBytes[tier]) return tier;
  const limit = `${tier} tier parameters support a maximum parameter value of ${valueBytes[tier]} characters.`;
  const advice =
    ' To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';
  throw invalid(tier === 'Standard' ? limit + advice : limit);
}

// On AWS this is the ciphertext from KMS: opaque, longer than the value, constant for a version.
function sealed(value: string): string {
  return randomBytes(Buffer.byteLength(value) + 128).toString('base64');
}

export function readTags(tags: PutInput['Tags'], before: StoredParameter['tags'] = {}): StoredParameter['tags'] {
  const all = { ...before, ...Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])) };
  if (Object.keys(all).length > tagLimit) {
    throw new AwsError('TooManyTagsError', `A parameter can have a maximum of ${tagLimit} tags.`);
  }
  return all;
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

// The ways to name a function: name, name:qualifier, account:function:name, or its ARN.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
import { AwsError, type Cloud } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import type { Functions, FunctionVersion, LambdaFunction } from './state.ts';

export interface FunctionReference {
  readonly name: string;
  /** Empty: the function itself. */
  readonly qualifier: string;
}

interface NameRule {
  readonly pattern: string;
  readonly max: number;
}

// As in Lambda's service model, where the shapes are FunctionName and NamespacedFunctionName.
const front =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?';
/** For operations that create or change a function, its versions and aliases. */
export const plainName: NameRule = { pattern: `${front}([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`, max: 140 };
/** For all other operations. */
const namespacedName: NameRule = {
  pattern: `${front}([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`,
  max: 256,
};
const qualifierRule = { pattern: '\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+', min: 1, max: 128 };
const parts =
  /^(?:arn:aws:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([\w.-]+)(?::(\$LATEST|[\w-]+))?$/;

const parsedNames = new Map<string, readonly string[]>();
const parsedNamesLimit = 1000;

function readParts(text: string, rule: NameRule): readonly string[] {
  const key = `${rule.max} ${text}`;
  const cached = parsedNames.get(key);
  if (cached !== undefined) return cached;
  checkConstraints('ValidationException', [['functionName', text, rule]]);
  const read = parts.exec(text) ?? [];
  // every invocation by an event source names the same few functions
  if (parsedNames.size === parsedNamesLimit) parsedNames.clear();
  parsedNames.set(key, read);
  return read;
}

/** Reads any of the forms; the request's `qualifier` must not contradict the name. */
export function readReference(
  cloud: Cloud,
  text: string | undefined,
  qualifier?: string,
  rule = namespacedName,
): FunctionReference {
  const [, region = cloud.region, account = cloud.accountId, name = '', derived] = readParts(text ?? '', rule);
  checkConstraints('ValidationException', [['qualifier', qualifier, qualifierRule]]);
  if (region !== cloud.region) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Functions from '${region}' are not reachable in this region ('${cloud.region}')`,
      404,
      { Type: 'User' },
    );
  }
  if (account !== cloud.accountId) {
    // AWS's error has no message
    throw new AwsError('AccessDeniedException', `the local AWS has no account but ${cloud.accountId}`, 403);
  }
  if (derived !== undefined && qualifier !== undefined && derived !== qualifier) {
    throw new AwsError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
      400,
      { Type: 'User' },
    );
  }
  return { name, qualifier: qualifier ?? derived ?? '' };
}

export function functionArn(cloud: Cloud, { name, qualifier }: FunctionReference): string {
  return `arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:${name}${qualifier === '' ? '' : `:${qualifier}`}`;
}

export function functionNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404, { Type: 'User' });
}

export function existingFunction(cloud: Cloud, functions: Functions, reference: FunctionReference): LambdaFunction {
  const fn = functions.get(reference.name);
  if (fn === undefined) throw functionNotFound(functionArn(cloud, reference));
  return fn;
}

/** The version that a qualifier refers to, if any. For an alias, its main version. */
export function versionOf(fn: LambdaFunction, qualifier: string): FunctionVersion | undefined {
  if (qualifier === '' || qualifier === '$LATEST') return fn.latest;
  return fn.versions[fn.aliases[qualifier]?.version ?? qualifier] ?? (fn.aliases[qualifier] && fn.latest);
}

export function existingVersion(cloud: Cloud, functions: Functions, reference: FunctionReference): FunctionVersion {
  const version = versionOf(existingFunction(cloud, functions, reference), reference.qualifier);
  if (version === undefined) throw functionNotFound(functionArn(cloud, reference));
  return version;
}

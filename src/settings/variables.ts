// A function's environment variables, and the key that encrypts them.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, mapOf, verbatim } from '../base/schema.ts';
import { allow } from '../cfn/part.ts';
import { intrinsic, kmsKey } from '../cfn/value-schema.ts';
import type { DefaultedSetting, Setting } from './setting.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime, and cfn-lint's list
const reservedVariables = [
  ...['ACCESS_KEY', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN', 'REGION', 'DEFAULT_REGION', 'EXECUTION_ENV'],
  ...['FUNCTION_MEMORY_SIZE', 'FUNCTION_NAME', 'FUNCTION_VERSION', 'INITIALIZATION_TYPE', 'LOG_GROUP_NAME'].map(
    (name) => `LAMBDA_${name}`,
  ),
  ...['LAMBDA_LOG_STREAM_NAME', 'LAMBDA_RUNTIME_API'],
].map((name) => `AWS_${name}`);

export const variableName = {
  pattern: new RegExp(
    `^(?!(${[...reservedVariables, 'LAMBDA_RUNTIME_DIR', 'LAMBDA_TASK_ROOT'].join('|')})$)[a-zA-Z][a-zA-Z0-9_]+$`,
  ),
  expected:
    'a variable name (a letter, then letters, digits and _; two characters or more; none that Lambda sets itself, such as AWS_REGION)',
};

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: the total for all variables of a function. */
export const variablesLimit = 4096;

const expected = 'text, a number, or an intrinsic such as !Ref Orders';
export const variables: DefaultedSetting<ReadonlyMap<string, Plain>> = {
  fallback: new Map(),
  schema: described(
    'Environment variables: text, numbers, or an intrinsic such as !Ref Orders.',
    mapOf(
      byKind<Plain>({
        scalar: converted(verbatim, (value) =>
          value === null
            ? { wrong: 'a variable needs a value' }
            : { value: typeof value === 'string' ? value : String(value) },
        ),
        map: intrinsic(expected),
        expected,
      }),
      variableName,
    ),
    {
      examples: [{ LOG_LEVEL: 'info' }],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html',
    },
  ),
  elsewhere: ['environment', 'env', 'environmentVariables'],
  check(values) {
    const size = Buffer.byteLength(JSON.stringify(Object.fromEntries(values)));
    return size <= variablesLimit
      ? undefined
      : {
          message: `the variables have ${size} bytes; Lambda allows ${variablesLimit} in all`,
          hint: 'move large values to a file in the artifact, or to a parameter that the function reads',
        };
  },
};

export const kmsKeyArn: Setting<Plain> = {
  schema: described('The KMS key that encrypts the environment variables, instead of the AWS managed key.', kmsKey, {
    examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html',
  }),
  elsewhere: ['kmsKey', 'kmsArn', 'awsKmsKeyArn'],
  // Lambda decrypts with the function's role at a cold start
  compile: (KmsKeyArn) => ({
    properties: { KmsKeyArn },
    statements: [allow('kms:Decrypt', KmsKeyArn)],
  }),
};

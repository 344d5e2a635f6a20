// Code signing configs, and which functions have one. Nothing is signed here, so Enforce refuses every package.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html

import type { CodeSigningConfig as ConfigShape } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { lowerCaseAndDigits, randomLetters } from '../random.ts';
import { timestamp } from './changes.ts';
import { type LambdaContext, page } from './context.ts';
import { existingFunction, functionArn, readReference } from './names.ts';
import type { CodeSigningConfig } from './state.ts';

export function codeSigningOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, functions, codeSigningConfigs } = context;
  const existing = (arn: string | undefined): CodeSigningConfig => {
    checkArn(arn);
    const config = codeSigningConfigs.get(arn ?? '');
    if (config !== undefined) return config;
    const message = `The Lambda code signing configuration ${arn} can not be found.`;
    throw new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
  };
  const functionOf = (input: { FunctionName: string | undefined }) =>
    existingFunction(cloud, functions, readReference(cloud, input.FunctionName));
  const keep = (config: CodeSigningConfig) => {
    codeSigningConfigs.set(config.arn, config);
    return { CodeSigningConfig: describe(config) };
  };
  const usersOf = (arn: string) => functions.filter(({ codeSigningConfigArn }) => codeSigningConfigArn === arn);
  return {
    CreateCodeSigningConfig: {
      members: ['Description', 'AllowedPublishers', 'CodeSigningPolicies'],
      run(input) {
        checkInput(input);
        const id = `csc-${randomLetters(17, lowerCaseAndDigits)}`;
        const arn = `arn:aws:lambda:${cloud.region}:${cloud.accountId}:code-signing-config:${id}`;
        const bare = { id, arn, description: '', publishers: [], policy: 'Warn', lastModified: '' } as const;
        return keep(changed(cloud, bare, input));
      },
    },
    UpdateCodeSigningConfig: {
      members: ['CodeSigningConfigArn', 'Description', 'AllowedPublishers', 'CodeSigningPolicies'],
      run(input) {
        checkInput(input);
        return keep(changed(cloud, existing(input.CodeSigningConfigArn), input));
      },
    },
    GetCodeSigningConfig: {
      members: ['CodeSigningConfigArn'],
      run: (input) => ({ CodeSigningConfig: describe(existing(input.CodeSigningConfigArn)) }),
    },
    ListCodeSigningConfigs: {
      members: ['Marker', 'MaxItems'],
      run(input) {
        const { items, next } = page([...codeSigningConfigs.values()], ({ arn }) => arn, input);
        return { CodeSigningConfigs: items.map(describe), ...next };
      },
    },
    DeleteCodeSigningConfig: {
      members: ['CodeSigningConfigArn'],
      run(input) {
        const { arn } = existing(input.CodeSigningConfigArn);
        // https://docs.aws.amazon.com/lambda/latest/api/API_DeleteCodeSigningConfig.html
        if (usersOf(arn).length > 0) {
          const message = `The code signing configuration ${arn} is used by a function.`;
          throw new AwsError('ResourceConflictException', message, 409, { Type: 'User' });
        }
        codeSigningConfigs.delete(arn);
        return {};
      },
    },
    ListFunctionsByCodeSigningConfig: {
      members: ['CodeSigningConfigArn', 'Marker', 'MaxItems'],
      run(input) {
        const users = usersOf(existing(input.CodeSigningConfigArn).arn);
        const { items, next } = page(users, ({ name }) => name, input);
        return { FunctionArns: items.map(({ name }) => functionArn(cloud, { name, qualifier: '' })), ...next };
      },
    },
    PutFunctionCodeSigningConfig: {
      members: ['CodeSigningConfigArn', 'FunctionName'],
      run(input) {
        const arn = findCodeSigningConfig(context, input.CodeSigningConfigArn)?.arn ?? '';
        const fn = functionOf(input);
        functions.set(fn.name, { ...fn, codeSigningConfigArn: arn });
        return { CodeSigningConfigArn: arn, FunctionName: fn.name };
      },
    },
    GetFunctionCodeSigningConfig: {
      members: ['FunctionName'],
      run(input) {
        const { name, codeSigningConfigArn } = functionOf(input);
        return { CodeSigningConfigArn: codeSigningConfigArn, FunctionName: name };
      },
    },
    DeleteFunctionCodeSigningConfig: {
      members: ['FunctionName'],
      run(input) {
        const { codeSigningConfigArn: _, ...fn } = functionOf(input);
        functions.set(fn.name, fn);
        return {};
      },
    },
  };
}

/** The config that a request names for a function, if it names one. */
export function findCodeSigningConfig(
  { codeSigningConfigs }: LambdaContext,
  arn: string | undefined,
): CodeSigningConfig | undefined {
  if (arn === undefined) return undefined;
  checkArn(arn);
  const config = codeSigningConfigs.get(arn);
  if (config !== undefined) return config;
  // The words of LocalStack's provider, whose tests are validated against AWS.
  const message = `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`;
  throw new AwsError('CodeSigningConfigNotFoundException', message, 404, { Type: 'User' });
}

/** Throws if a function's config requires signed code, in the words that AWS::Lambda::Function reports for an unsigned package. */
export function refuseUnsigned(cloud: Cloud, name: string, config: CodeSigningConfig | undefined): void {
  if (config?.policy !== 'Enforce') return;
  const arn = functionArn(cloud, { name, qualifier: '' });
  const message = `Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not configured to accept. Check the provided signature for ${arn}.`;
  throw new AwsError('CodeVerificationFailedException', message, 400, { Type: 'User' });
}

type ConfigInput = Partial<Input<'lambda', 'CreateCodeSigningConfig'>>;

// As in Lambda's service model.
function checkInput(input: ConfigInput): void {
  checkConstraints('ValidationException', [
    ['description', input.Description, { max: 256 }],
    [
      'allowedPublishers.signingProfileVersionArns',
      input.AllowedPublishers?.SigningProfileVersionArns,
      { min: 1, max: 20 },
    ],
    [
      'codeSigningPolicies.untrustedArtifactOnDeployment',
      input.CodeSigningPolicies?.UntrustedArtifactOnDeployment,
      { oneOf: ['Warn', 'Enforce'] },
    ],
  ]);
}

function checkArn(arn: string | undefined): void {
  const pattern =
    'arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:code-signing-config:csc-[a-z0-9]{17}';
  checkConstraints('ValidationException', [['codeSigningConfigArn', arn, { pattern, max: 200 }]]);
}

function changed(cloud: Cloud, before: CodeSigningConfig, input: ConfigInput): CodeSigningConfig {
  return {
    ...before,
    description: input.Description ?? before.description,
    publishers: input.AllowedPublishers?.SigningProfileVersionArns ?? before.publishers,
    policy: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? before.policy,
    lastModified: timestamp(cloud.now()),
  };
}

function describe({ id, arn, description, publishers, policy, lastModified }: CodeSigningConfig): ConfigShape {
  return {
    CodeSigningConfigId: id,
    CodeSigningConfigArn: arn,
    Description: description,
    AllowedPublishers: { SigningProfileVersionArns: [...publishers] },
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: policy },
    LastModified: lastModified,
  };
}

// Provisioned concurrency: execution environments of an alias or version, started before their first invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
import type { GetProvisionedConcurrencyConfigResponse } from '@aws-sdk/client-lambda';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { timestamp } from './changes.ts';
import { type LambdaContext, page } from './context.ts';
import { accountConcurrency, unreservedMinimum } from './limits.ts';
import { existingFunction, functionArn, functionNotFound, readReference } from './names.ts';
import type { WarmVersion } from './pool.ts';
import type { LambdaFunction, Provisioned } from './state.ts';

export function provisionedOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, functions } = context;
  const find = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }) => {
    const reference = readReference(cloud, input.FunctionName, input.Qualifier);
    return { fn: existingFunction(cloud, functions, reference), qualifier: reference.qualifier };
  };
  const existing = (input: { FunctionName: string | undefined; Qualifier: string | undefined }) => {
    const { fn, qualifier } = find(input);
    const config = fn.provisioned?.[qualifier];
    if (config !== undefined) return { fn, qualifier, config };
    throw new AwsError(
      'ProvisionedConcurrencyConfigNotFoundException',
      'No Provisioned Concurrency Config found for this function',
      404,
      { Type: 'User' },
    );
  };
  return {
    PutProvisionedConcurrencyConfig: {
      members: ['FunctionName', 'Qualifier', 'ProvisionedConcurrentExecutions'],
      run(input) {
        const { fn, qualifier } = find(input);
        const count = input.ProvisionedConcurrentExecutions ?? 0;
        checkRequest(context, fn, qualifier, input);
        const config = { count, lastModified: timestamp(cloud.now()) };
        const changed = { ...fn, provisioned: { ...fn.provisioned, [qualifier]: config } };
        functions.set(fn.name, changed);
        provision(context, fn.name);
        return describe(context, changed, qualifier, config);
      },
    },
    GetProvisionedConcurrencyConfig: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const { fn, qualifier, config } = existing(input);
        return describe(context, fn, qualifier, config);
      },
    },
    ListProvisionedConcurrencyConfigs: {
      members: ['FunctionName', 'Marker', 'MaxItems'],
      run(input) {
        const { fn } = find(input);
        const { items, next } = page(Object.entries(fn.provisioned ?? {}), ([qualifier]) => qualifier, input);
        return {
          ProvisionedConcurrencyConfigs: items.map(([qualifier, config]) => ({
            FunctionArn: functionArn(cloud, { name: fn.name, qualifier }),
            ...describe(context, fn, qualifier, config),
          })),
          ...next,
        };
      },
    },
    DeleteProvisionedConcurrencyConfig: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const { fn, qualifier } = existing(input);
        const { [qualifier]: _, ...provisioned } = fn.provisioned ?? {};
        functions.set(fn.name, { ...fn, provisioned });
        provision(context, fn.name);
        return {};
      },
    },
  };
}

/** Starts the environments that a function's aliases and versions need; call it after every change of them. */
export function provision({ functions, pool }: LambdaContext, name: string): void {
  const fn = functions.get(name);
  const versions = new Map<string, WarmVersion>();
  for (const [qualifier, { count }] of Object.entries(fn?.provisioned ?? {})) {
    const version = fn?.versions[fn.aliases[qualifier]?.version ?? qualifier];
    if (version === undefined) continue;
    versions.set(version.version, { version, count: count + (versions.get(version.version)?.count ?? 0) });
  }
  pool.keepWarm(name, [...versions.values()]);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

function checkRequest(
  { cloud, functions }: LambdaContext,
  fn: LambdaFunction,
  qualifier: string,
  input: Input<'lambda', 'PutProvisionedConcurrencyConfig'>,
): void {
  const count = input.ProvisionedConcurrentExecutions ?? 0;
  checkConstraints('ValidationException', [['provisionedConcurrentExecutions', count, { min: 1 }]]);
  const alias = fn.aliases[qualifier];
  if (['', '$LATEST'].includes(qualifier) || alias?.version === '$LATEST') {
    throw invalid('Provisioned Concurrency Configs cannot be applied to unpublished function versions.');
  }
  if (alias === undefined && fn.versions[qualifier] === undefined) {
    throw functionNotFound(functionArn(cloud, { name: fn.name, qualifier }));
  }
  // https://github.com/hashicorp/terraform-provider-aws/pull/48116
  if (alias?.weights !== undefined) throw invalid('Alias with weights can not be used with Provisioned Concurrency');
  refuseSecondConfig(fn, qualifier);
  const others = Object.entries(fn.provisioned ?? {}).filter(([other]) => other !== qualifier);
  const total = others.reduce((sum, [, other]) => sum + other.count, count);
  if (fn.reservedConcurrency !== undefined) {
    if (total <= fn.reservedConcurrency) return;
    throw invalid(
      'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
    );
  }
  const reserved = [...functions.values()].reduce((sum, other) => sum + (other.reservedConcurrency ?? 0), 0);
  const unreserved = accountConcurrency - reserved;
  if (total > unreserved) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${unreserved}].`,
    );
  }
  if (unreserved - total < unreservedMinimum) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreservedMinimum}].`,
    );
  }
}

/** A version can have it directly or through an alias, not both. */
function refuseSecondConfig({ aliases, provisioned = {} }: LambdaFunction, qualifier: string): void {
  const conflict = (message: string) => new AwsError('ResourceConflictException', message, 409, { Type: 'User' });
  const alias = aliases[qualifier];
  if (alias !== undefined && provisioned[alias.version] !== undefined) {
    throw conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
  }
  const pointing = Object.values(aliases).filter(({ version }) => version === qualifier);
  if (pointing.some(({ name }) => provisioned[name] !== undefined)) {
    throw conflict('Version is pointed by a Provisioned Concurrency alias');
  }
}

function describe(
  { pool }: LambdaContext,
  fn: LambdaFunction,
  qualifier: string,
  { count, lastModified }: Provisioned,
): GetProvisionedConcurrencyConfigResponse {
  const state = pool.warmth(fn.name, fn.aliases[qualifier]?.version ?? qualifier);
  const available = state === 'READY' ? count : 0;
  return {
    RequestedProvisionedConcurrentExecutions: count,
    AvailableProvisionedConcurrentExecutions: available,
    AllocatedProvisionedConcurrentExecutions: available,
    Status: state,
    ...(state === 'FAILED' ? { StatusReason: 'FUNCTION_ERROR_INIT_FAILURE' } : {}),
    LastModified: lastModified,
  };
}

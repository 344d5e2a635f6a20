// Lambda's aliases: names for versions, which may send a share of their invocations to a second version.
// https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
import { randomInt, randomUUID } from 'node:crypto';
import type { AliasConfiguration, AliasRoutingConfiguration } from '@aws-sdk/client-lambda';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { startInspected } from './ahead.ts';
import { checkRevision } from './changes.ts';
import { type LambdaContext, page } from './context.ts';
import { existingFunction, functionArn, functionNotFound, plainName, readReference } from './names.ts';
import { provision } from './provisioned.ts';
import type { Alias, LambdaFunction } from './state.ts';

export function aliasOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, functions } = context;
  const existing = (input: { FunctionName: string | undefined }) =>
    existingFunction(cloud, functions, readReference(cloud, input.FunctionName, undefined, plainName));
  const existingAlias = (fn: LambdaFunction, name: string | undefined, missing = 'Cannot find alias arn'): Alias => {
    const alias = fn.aliases[name ?? ''];
    if (alias === undefined) {
      const arn = functionArn(cloud, { name: fn.name, qualifier: name ?? '' });
      throw new AwsError('ResourceNotFoundException', `${missing}: ${arn}`, 404, { Type: 'User' });
    }
    return alias;
  };
  const describe = (
    fn: LambdaFunction,
    { name, version, description, weights, revisionId }: Alias,
  ): AliasConfiguration => ({
    AliasArn: functionArn(cloud, { name: fn.name, qualifier: name }),
    Name: name,
    FunctionVersion: version,
    Description: description,
    ...(weights === undefined ? {} : { RoutingConfig: { AdditionalVersionWeights: { ...weights } } }),
    RevisionId: revisionId,
  });
  const keep = (fn: LambdaFunction, alias: Alias) => {
    if (alias.version !== '$LATEST' && fn.versions[alias.version] === undefined) {
      throw functionNotFound(functionArn(cloud, { name: fn.name, qualifier: alias.version }));
    }
    checkTargets(fn, alias, (qualifier) => functionArn(cloud, { name: fn.name, qualifier }));
    const isUnfit = alias.version === '$LATEST' || alias.weights !== undefined;
    if (isUnfit && fn.provisioned?.[alias.name] !== undefined) {
      throw invalid('Invalid alias configuration for Provisioned Concurrency');
    }
    functions.set(fn.name, { ...fn, aliases: { ...fn.aliases, [alias.name]: alias } });
    provision(context, fn.name);
    startInspected(context, fn.name);
    return describe(fn, alias);
  };

  return {
    CreateAlias: {
      members: ['FunctionName', 'Name', 'FunctionVersion', 'Description', 'RoutingConfig'],
      run(input) {
        const fn = existing(input);
        const name = input.Name ?? '';
        checkInput(input);
        if (fn.aliases[name] !== undefined) {
          const arn = functionArn(cloud, { name: fn.name, qualifier: name });
          throw new AwsError('ResourceConflictException', `Alias already exists: ${arn}`, 409, { Type: 'User' });
        }
        return keep(fn, {
          name,
          version: input.FunctionVersion ?? '',
          description: input.Description ?? '',
          revisionId: randomUUID(),
          ...readWeights(input.RoutingConfig),
        });
      },
    },
    GetAlias: {
      members: ['FunctionName', 'Name'],
      run(input) {
        const fn = existing(input);
        return describe(fn, existingAlias(fn, input.Name));
      },
    },
    UpdateAlias: {
      members: ['FunctionName', 'Name', 'FunctionVersion', 'Description', 'RoutingConfig', 'RevisionId'],
      run(input) {
        const fn = existing(input);
        checkInput(input);
        const { weights, ...alias } = existingAlias(fn, input.Name, 'Alias not found');
        checkRevision(input.RevisionId, alias.revisionId);
        return keep(fn, {
          ...alias,
          version: input.FunctionVersion ?? alias.version,
          description: input.Description ?? alias.description,
          revisionId: randomUUID(),
          ...(input.RoutingConfig === undefined ? weights && { weights } : readWeights(input.RoutingConfig)),
        });
      },
    },
    DeleteAlias: {
      members: ['FunctionName', 'Name'],
      async run(input) {
        const fn = existing(input);
        const name = input.Name ?? '';
        const { [name]: _, ...aliases } = fn.aliases;
        const { [name]: __, ...policies } = fn.policies;
        const { [name]: ___, ...eventInvokeConfigs } = fn.eventInvokeConfigs ?? {};
        const { [name]: ____, ...provisioned } = fn.provisioned ?? {};
        const { [name]: _____, ...urls } = fn.urls ?? {};
        functions.set(fn.name, { ...fn, aliases, policies, eventInvokeConfigs, provisioned, urls });
        provision(context, fn.name);
        await context.closeUrls(fn, name);
        return {};
      },
    },
    ListAliases: {
      members: ['FunctionName', 'FunctionVersion', 'Marker', 'MaxItems'],
      run(input) {
        const fn = existing(input);
        const all = Object.values(fn.aliases)
          .filter(({ version }) => input.FunctionVersion === undefined || version === input.FunctionVersion)
          .sort((left, right) => (left.name < right.name ? -1 : 1));
        const { items, next } = page(all, ({ name }) => name, input);
        return { Aliases: items.map((alias) => describe(fn, alias)), ...next };
      },
    },
  };
}

// As in Lambda's service model, where the shapes are Alias, VersionWithLatestPublished and AdditionalVersionWeights.
function checkInput(input: Partial<Input<'lambda', 'CreateAlias'>>): void {
  checkConstraints('ValidationException', [
    ['name', input.Name, { pattern: '(?!^[0-9]+$)([a-zA-Z0-9-_]+)', min: 1, max: 128 }],
    ['functionVersion', input.FunctionVersion, { pattern: '(\\$LATEST(\\.PUBLISHED)?|[0-9]+)', min: 1, max: 1024 }],
    ['description', input.Description, { max: 256 }],
  ]);
  checkWeights(input.RoutingConfig?.AdditionalVersionWeights ?? {});
}

// The words are those of LocalStack's provider, whose tests are validated against AWS.
// https://github.com/localstack/localstack/blob/main/localstack-core/localstack/services/lambda_/provider.py
function checkWeights(weights: Readonly<Record<string, number>>): void {
  const problems = [
    ...(Object.values(weights).every((weight) => weight >= 0 && weight <= 1)
      ? []
      : [
          'Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]',
        ]),
    ...(Object.keys(weights).every((version) => /^[0-9]{1,1024}$/.test(version))
      ? []
      : [
          'Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]',
        ]),
  ];
  if (problems.length === 0) return;
  const entries = Object.entries(weights).map(([version, weight]) => `${version}=${javaDouble(weight)}`);
  const words = problems.map(
    (problem) =>
      `Value '{${entries.join(', ')}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: ${problem}`,
  );
  const count = words.length === 1 ? '1 validation error' : `${words.length} validation errors`;
  throw new AwsError('ValidationException', `${count} detected: ${words.join('; ')}`);
}

/** As Java, in which Lambda is written, prints a double. */
function javaDouble(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function readWeights(routing: AliasRoutingConfiguration | undefined): { weights?: Record<string, number> } {
  const weights = routing?.AdditionalVersionWeights ?? {};
  return Object.keys(weights).length === 0 ? {} : { weights: { ...weights } };
}

function checkTargets(fn: LambdaFunction, { version, weights }: Alias, arnOf: (version: string) => string): void {
  if (weights === undefined) return;
  const [[other = ''] = [], ...more] = Object.entries(weights);
  if (more.length > 0) throw invalid('Number of items in AdditionalVersionWeights cannot be greater than 1');
  if (other === version) {
    throw invalid(
      `Invalid function version ${other}. Function version ${other} is already included in routing configuration.`,
    );
  }
  if (version === '$LATEST') throw invalid('$LATEST is not supported for an alias pointing to more than 1 version');
  if (fn.versions[other] === undefined) throw functionNotFound(arnOf(other));
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

/** The version that an invocation of an alias goes to; `draw` is at random from 0 up to 1. */
export function drawVersion({ version, weights = {} }: Alias, draw = randomInt(2 ** 32) / 2 ** 32): string {
  let sum = 0;
  for (const [other, weight] of Object.entries(weights)) {
    sum += weight;
    if (draw < sum) return other;
  }
  return version;
}

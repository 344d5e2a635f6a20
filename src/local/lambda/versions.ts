// Lambda's versions and aliases.
import { randomInt, randomUUID } from 'node:crypto';
import type { AliasConfiguration, AliasRoutingConfiguration } from '@aws-sdk/client-lambda';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { checkRevision, refuseBusy, timestamp } from './changes.ts';
import { type LambdaContext, page } from './context.ts';
import { existingFunction, functionArn, functionNotFound, plainName, readReference } from './names.ts';
import { fingerprint } from './pool.ts';
import { provision } from './provisioned.ts';
import { describeVersion, listVersion } from './settings.ts';
import type { Alias, FunctionVersion, LambdaFunction, PublishedVersion } from './state.ts';

interface PublishRequest {
  readonly description?: string | undefined;
  readonly codeSha256?: string | undefined;
}

/** Freezes `$LATEST`. Where it does not differ from the last version published, that version is the answer. */
export function publish(
  { cloud, functions }: LambdaContext,
  fn: LambdaFunction,
  request: PublishRequest,
): FunctionVersion {
  const { latest } = fn;
  const sha256 = Buffer.from(latest.code.sha256, 'hex').toString('base64');
  if (request.codeSha256 !== undefined && request.codeSha256 !== sha256) {
    throw new AwsError(
      'InvalidParameterValueException',
      `CodeSHA256 (${request.codeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      400,
      { Type: 'User' },
    );
  }
  const newest = fn.versions[String(Math.max(0, ...Object.keys(fn.versions).map(Number)))];
  if (newest !== undefined && newest.source === fingerprint(latest)) return newest;
  const version: PublishedVersion = {
    ...latest,
    version: String(fn.nextVersion),
    settings: { ...latest.settings, description: request.description ?? latest.settings.description },
    lastModified: timestamp(cloud.now()),
    revisionId: randomUUID(),
    // while the change that it is made from settles, so does the version
    progress: latest.progress === 'ready' ? 'ready' : 'creating',
    source: fingerprint(latest),
  };
  functions.set(fn.name, {
    ...fn,
    versions: { ...fn.versions, [version.version]: version },
    nextVersion: fn.nextVersion + 1,
  });
  return version;
}

export function versionOperations(context: LambdaContext): Operations<'lambda'> {
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
    checkWeights(fn, alias, (qualifier) => functionArn(cloud, { name: fn.name, qualifier }));
    if (fn.provisioned?.[alias.name] !== undefined && alias.version === '$LATEST') {
      throw new AwsError(
        'InvalidParameterValueException',
        'Invalid alias configuration for Provisioned Concurrency',
        400,
        {
          Type: 'User',
        },
      );
    }
    functions.set(fn.name, { ...fn, aliases: { ...fn.aliases, [alias.name]: alias } });
    provision(context, fn.name);
    return describe(fn, alias);
  };

  return {
    PublishVersion: {
      members: ['FunctionName', 'CodeSha256', 'Description', 'RevisionId'],
      run(input) {
        checkConstraints('ValidationException', [['description', input.Description, { max: 256 }]]);
        const fn = existing(input);
        refuseBusy(context, fn);
        checkRevision(input.RevisionId, fn.latest.revisionId);
        const version = publish(context, fn, { description: input.Description, codeSha256: input.CodeSha256 });
        return describeVersion(cloud, { name: fn.name, qualifier: version.version }, version);
      },
    },
    ListVersionsByFunction: {
      members: ['FunctionName', 'Marker', 'MaxItems'],
      run(input) {
        const fn = existing(input);
        const numbered = Object.values(fn.versions).sort((left, right) => Number(left.version) - Number(right.version));
        const { found, next } = page([fn.latest, ...numbered], ({ version }) => version, input);
        return {
          Versions: found.map((version) => listVersion(cloud, { name: fn.name, qualifier: version.version }, version)),
          ...next,
        };
      },
    },
    CreateAlias: {
      members: ['FunctionName', 'Name', 'FunctionVersion', 'Description', 'RoutingConfig'],
      run(input) {
        const fn = existing(input);
        const name = input.Name ?? '';
        checkConstraints('ValidationException', [
          ['name', name, { pattern: '(?!^[0-9]+$)([a-zA-Z0-9-_]+)', min: 1, max: 128 }],
          ['description', input.Description, { max: 256 }],
        ]);
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
        const { weights, ...alias } = existingAlias(fn, input.Name, 'Alias not found');
        checkConstraints('ValidationException', [['description', input.Description, { max: 256 }]]);
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
        const { found, next } = page(all, ({ name }) => name, input);
        return { Aliases: found.map((alias) => describe(fn, alias)), ...next };
      },
    },
  };
}

function readWeights(routing: AliasRoutingConfiguration | undefined): { weights?: Record<string, number> } {
  const weights = routing?.AdditionalVersionWeights ?? {};
  return Object.keys(weights).length === 0 ? {} : { weights: { ...weights } };
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
function checkWeights(fn: LambdaFunction, { version, weights }: Alias, arnOf: (version: string) => string): void {
  if (weights === undefined) return;
  const invalid = (message: string) => new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
  const [[other = '', weight = 0] = [], ...more] = Object.entries(weights);
  if (more.length > 0) throw invalid('Number of items in AdditionalVersionWeights cannot be greater than 1');
  if (version === '$LATEST' || other === '$LATEST') {
    throw invalid('$LATEST is not supported for an alias pointing to more than 1 version');
  }
  if (other === version) {
    throw invalid(
      `Invalid function version ${other}. Function version ${other} is already included in routing configuration.`,
    );
  }
  checkConstraints('ValidationException', [['routingConfig.additionalVersionWeights', weight, { min: 0, max: 1 }]]);
  if (fn.versions[other] === undefined) throw functionNotFound(arnOf(other));
}

/** The version that one invocation of an alias goes to, drawn by the alias's weights. */
export function drawVersion({ version, weights = {} }: Alias): string {
  const draw = randomInt(2 ** 32) / 2 ** 32;
  let sum = 0;
  for (const [other, weight] of Object.entries(weights)) {
    sum += weight;
    if (draw < sum) return other;
  }
  return version;
}

// AWS::Lambda::Version and ::Alias, with their provisioned concurrency.
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { type CodeDeployLambdaAliasUpdate, moveByCodeDeploy } from './code-deploy.ts';
import { type Context, HandlerError, type Providers } from './provider.ts';
import { defined, pause, text } from './values.ts';

interface WeightRule {
  readonly FunctionVersion: string;
  readonly FunctionWeight: number;
}

/** The template has a list where the API has a map. */
function routing(properties: Properties) {
  const config = properties['RoutingConfig'] as { AdditionalVersionWeights?: readonly WeightRule[] } | undefined;
  const weights = config?.AdditionalVersionWeights ?? [];
  return {
    AdditionalVersionWeights: Object.fromEntries(
      weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, FunctionWeight]),
    ),
  };
}

interface Qualified {
  readonly FunctionName: string | undefined;
  readonly Qualifier: string | undefined;
}

/** Sets the template's provisioned concurrency, and waits until the environments are ready. */
async function provision(
  { cloud, signal }: Context,
  qualified: Qualified,
  before: Properties | undefined,
  after: Properties,
): Promise<void> {
  const count = provisionedOf(after);
  if (count === undefined) {
    if (provisionedOf(before ?? {}) !== undefined) {
      await cloud.call('lambda', 'DeleteProvisionedConcurrencyConfig', qualified);
    }
    return;
  }
  const config = { ...qualified, ProvisionedConcurrentExecutions: count };
  await cloud.call('lambda', 'PutProvisionedConcurrencyConfig', config);
  for (;;) {
    const { Status, StatusReason } = await cloud.call('lambda', 'GetProvisionedConcurrencyConfig', qualified);
    if (Status === 'READY') return;
    if (Status === 'FAILED') {
      throw new HandlerError(
        'NotStabilized',
        `Provisioned Concurrency configuration failed to be applied. Reason: ${StatusReason}`,
      );
    }
    await pause(signal);
  }
}

function provisionedOf(properties: Properties): number | undefined {
  const config = properties['ProvisionedConcurrencyConfig'] as { ProvisionedConcurrentExecutions: number } | undefined;
  return config?.ProvisionedConcurrentExecutions;
}

export const versionProviders: Providers = {
  'AWS::Lambda::Version': {
    service: 'Lambda',
    properties: ['CodeSha256', 'Description', 'FunctionName', 'ProvisionedConcurrencyConfig'],
    async create(request) {
      const { cloud, properties, initiated } = request;
      const FunctionName = text(properties, 'FunctionName');
      const existing = await versionsOf(cloud, FunctionName);
      const { Version = '', FunctionArn = '' } = await cloud.call('lambda', 'PublishVersion', {
        FunctionName,
        ...defined({ CodeSha256: text(properties, 'CodeSha256'), Description: text(properties, 'Description') }),
      });
      // PublishVersion returns the newest version if nothing has changed since; a resource cannot own an existing version.
      // https://github.com/serverless/serverless/issues/8392
      if (existing.has(Version)) {
        throw new HandlerError(
          'AlreadyExists',
          `A version for this Lambda function exists ( ${Version} ). Modify the function to create a new version.`,
        );
      }
      initiated(FunctionArn);
      await provision(request, { FunctionName, Qualifier: Version }, undefined, properties);
      return { physicalId: FunctionArn, attributes: { Version, FunctionArn } };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('lambda', 'DeleteFunction', { FunctionName: physicalId });
    },
  },

  'AWS::Lambda::Alias': {
    service: 'Lambda',
    properties: [
      'Description',
      'FunctionName',
      'FunctionVersion',
      'Name',
      'ProvisionedConcurrencyConfig',
      'RoutingConfig',
    ],
    async create(request) {
      const { cloud, properties, initiated } = request;
      const [FunctionName, Name] = [text(properties, 'FunctionName'), text(properties, 'Name')];
      const { AliasArn = '' } = await cloud.call('lambda', 'CreateAlias', {
        FunctionName,
        Name,
        FunctionVersion: text(properties, 'FunctionVersion'),
        ...defined({ Description: text(properties, 'Description') }),
        RoutingConfig: routing(properties),
      });
      initiated(AliasArn);
      await provision(request, { FunctionName, Qualifier: Name }, undefined, properties);
      return { physicalId: AliasArn, attributes: { AliasArn } };
    },
    async update(request) {
      const { cloud, physicalId, before, after, changed, updatePolicy } = request;
      const [FunctionName, Name] = [text(after, 'FunctionName'), text(after, 'Name')];
      const byCodeDeploy = updatePolicy?.['CodeDeployLambdaAliasUpdate'] as CodeDeployLambdaAliasUpdate | undefined;
      const isMoved = byCodeDeploy !== undefined && changed.has('FunctionVersion');
      if (isMoved) await moveByCodeDeploy(request, byCodeDeploy);
      if (!isMoved || changed.size > 1) {
        await cloud.call('lambda', 'UpdateAlias', {
          FunctionName,
          Name,
          FunctionVersion: text(after, 'FunctionVersion'),
          Description: text(after, 'Description') ?? '',
          RoutingConfig: routing(after),
        });
      }
      await provision(request, { FunctionName, Qualifier: Name }, before, after);
      return { physicalId, attributes: { AliasArn: physicalId } };
    },
    async delete({ cloud, properties }) {
      const [FunctionName, Name] = [text(properties, 'FunctionName'), text(properties, 'Name')];
      await cloud.call('lambda', 'DeleteAlias', { FunctionName, Name });
    },
  },
};

async function versionsOf(cloud: Cloud, FunctionName: string | undefined): Promise<ReadonlySet<string>> {
  const numbers = new Set<string>();
  let Marker: string | undefined;
  do {
    const page = await cloud.call('lambda', 'ListVersionsByFunction', { FunctionName, ...defined({ Marker }) });
    for (const { Version = '' } of page.Versions ?? []) numbers.add(Version);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  return numbers;
}

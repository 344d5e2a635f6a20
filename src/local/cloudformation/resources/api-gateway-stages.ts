// AWS::ApiGateway: deployments and stages of REST APIs.
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import type { Cloud, Input } from '../../cloud.ts';
import { isNotFound } from '../failure.ts';
import type { Properties } from '../stack.ts';
import { escapePointer, lowerFirst, mapPatches, patchesOf, settingsOf, updateTags } from './api-gateway-values.ts';
import type { Providers } from './provider.ts';
import { tagMap, text } from './values.ts';

const settingPaths: Readonly<Record<string, string>> = {
  CacheDataEncrypted: 'caching/dataEncrypted',
  CacheTtlInSeconds: 'caching/ttlInSeconds',
  CachingEnabled: 'caching/enabled',
  DataTraceEnabled: 'logging/dataTrace',
  LoggingLevel: 'logging/loglevel',
  MetricsEnabled: 'metrics/enabled',
  ThrottlingBurstLimit: 'throttling/burstLimit',
  ThrottlingRateLimit: 'throttling/rateLimit',
};

type MethodSettings = readonly Readonly<Record<string, unknown>>[];

/** The first part of a method setting's path. The template may have encoded the slashes of the resource's path already. */
function settingKey({ ResourcePath = '/*', HttpMethod = '*' }: Readonly<Record<string, unknown>>): string {
  const path = String(ResourcePath);
  if (path === '/*' || path === '*') return `/*/${String(HttpMethod)}`;
  const encoded = path === '/' ? '~1' : path.startsWith('/~1') ? path.slice(1) : escapePointer(path);
  return `/${encoded}/${String(HttpMethod)}`;
}

function methodSettingPatches(before: Properties, after: Properties): PatchOperation[] {
  const [old, next] = [before, after].map(({ MethodSettings = [] }) => MethodSettings as MethodSettings);
  const removed = new Set((old ?? []).map(settingKey));
  return [
    ...[...removed].map((path) => ({ op: 'remove' as const, path })),
    ...(next ?? []).flatMap((setting) =>
      Object.entries(settingPaths)
        .filter(([name]) => setting[name] !== undefined)
        .map(([name, path]) => ({
          op: 'replace' as const,
          path: `${settingKey(setting)}/${path}`,
          value: String(setting[name]),
        })),
    ),
  ];
}

function accessLogPatches(after: Properties): PatchOperation[] {
  const setting = after['AccessLogSetting'] as { DestinationArn?: string; Format?: string } | undefined;
  if (setting === undefined) return [{ op: 'remove', path: '/accessLogSettings' }];
  return Object.entries(setting).map(([name, value]) => ({
    op: 'replace',
    path: `/accessLogSettings/${lowerFirst(name)}`,
    value,
  }));
}

interface Canary {
  readonly DeploymentId?: string;
  readonly PercentTraffic?: number;
  readonly StageVariableOverrides?: Readonly<Record<string, string>>;
  readonly UseStageCache?: boolean;
}

function canaryPatches(after: Properties): PatchOperation[] {
  const canary = after['CanarySetting'] as Canary | undefined;
  const patches: PatchOperation[] = [{ op: 'remove', path: '/canarySettings' }];
  if (canary === undefined) return patches;
  const { StageVariableOverrides = {}, ...settings } = canary;
  for (const [name, value] of Object.entries(settings)) {
    patches.push({ op: 'replace', path: `/canarySettings/${lowerFirst(name)}`, value: String(value) });
  }
  patches.push(...mapPatches({}, StageVariableOverrides, '/canarySettings/stageVariableOverrides'));
  return patches;
}

const plainPaths = {
  CacheClusterSize: '/cacheClusterSize',
  ClientCertificateId: '/clientCertificateId',
  DeploymentId: '/deploymentId',
  Description: '/description',
  DocumentationVersion: '/documentationVersion',
};

function stagePatches(before: Properties, after: Properties, changed: ReadonlySet<string>): PatchOperation[] {
  const patches = patchesOf(after, changed, plainPaths);
  for (const name of ['CacheClusterEnabled', 'TracingEnabled']) {
    if (!changed.has(name)) continue;
    patches.push({ op: 'replace', path: `/${lowerFirst(name)}`, value: String(after[name] ?? false) });
  }
  if (changed.has('Variables')) patches.push(...mapPatches(before['Variables'], after['Variables'], '/variables'));
  if (changed.has('MethodSettings')) patches.push(...methodSettingPatches(before, after));
  if (changed.has('AccessLogSetting')) patches.push(...accessLogPatches(after));
  if (changed.has('CanarySetting')) patches.push(...canaryPatches(after));
  return patches;
}

const created = [
  'CacheClusterEnabled',
  'CacheClusterSize',
  'DeploymentId',
  'Description',
  'DocumentationVersion',
  'TracingEnabled',
  'Variables',
];
const patched = ['AccessLogSetting', 'CanarySetting', 'ClientCertificateId', 'MethodSettings'];

async function createStage(cloud: Cloud, restApiId: string | undefined, stageName: string, properties: Properties) {
  await cloud.call('apigateway', 'CreateStage', {
    ...(settingsOf(properties, created, ['Variables']) as unknown as Input<'apigateway', 'CreateStage'>),
    restApiId,
    stageName,
    ...(properties['Tags'] === undefined ? {} : { tags: tagMap(properties) }),
  });
  const changed = new Set(patched.filter((name) => properties[name] !== undefined));
  const patchOperations = stagePatches({}, properties, changed).filter(({ op }) => op !== 'remove');
  if (patchOperations.length === 0) return;
  try {
    await cloud.call('apigateway', 'UpdateStage', { restApiId, stageName, patchOperations });
  } catch (error) {
    await cloud.call('apigateway', 'DeleteStage', { restApiId, stageName });
    throw error;
  }
}

/** The stage that a deployment's `StageName` and `StageDescription` describe, with that deployment. */
async function deployTo(cloud: Cloud, properties: Properties, deploymentId: string): Promise<void> {
  const restApiId = text(properties, 'RestApiId');
  const stageName = text(properties, 'StageName');
  if (stageName === undefined) return;
  const description = (properties['StageDescription'] ?? {}) as Properties;
  // settings of all methods, which a stage has in its list
  const forAll = Object.fromEntries(Object.entries(description).filter(([name]) => Object.hasOwn(settingPaths, name)));
  const all = Object.keys(forAll).length === 0 ? [] : [{ ...forAll, HttpMethod: '*', ResourcePath: '/*' }];
  const MethodSettings = [...all, ...((description['MethodSettings'] as MethodSettings | undefined) ?? [])];
  const stage = { ...description, MethodSettings, DeploymentId: deploymentId };
  try {
    const { variables } = await cloud.call('apigateway', 'GetStage', { restApiId, stageName });
    const changed = new Set([...created, ...patched].filter((name) => (stage as Properties)[name] !== undefined));
    const patchOperations = stagePatches({ Variables: variables }, stage, changed).filter(({ op }) => op !== 'remove');
    await cloud.call('apigateway', 'UpdateStage', { restApiId, stageName, patchOperations });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await createStage(cloud, restApiId, stageName, stage);
  }
}

export const stageProviders: Providers = {
  'AWS::ApiGateway::Deployment': {
    service: 'ApiGateway',
    properties: ['DeploymentCanarySettings', 'Description', 'RestApiId', 'StageDescription', 'StageName'],
    async create({ cloud, properties }) {
      const canary = properties['DeploymentCanarySettings'];
      const restApiId = text(properties, 'RestApiId');
      const { id = '' } = await cloud.call('apigateway', 'CreateDeployment', {
        restApiId,
        ...settingsOf(properties, ['Description']),
        ...(canary === undefined
          ? {}
          : {
              stageName: text(properties, 'StageName'),
              canarySettings: settingsOf(canary as Properties, Object.keys(canary as object), [
                'StageVariableOverrides',
              ]),
            }),
      });
      if (canary === undefined) {
        try {
          await deployTo(cloud, properties, id);
        } catch (error) {
          await cloud.call('apigateway', 'DeleteDeployment', { restApiId, deploymentId: id });
          throw error;
        }
      }
      return { physicalId: id, attributes: { DeploymentId: id } };
    },
    async update({ cloud, physicalId: deploymentId, after, changed }) {
      const restApiId = text(after, 'RestApiId');
      const patchOperations = patchesOf(after, changed, { Description: '/description' });
      if (patchOperations.length > 0) {
        await cloud.call('apigateway', 'UpdateDeployment', { restApiId, deploymentId, patchOperations });
      }
      if (changed.has('StageName') || changed.has('StageDescription')) await deployTo(cloud, after, deploymentId);
      return { physicalId: deploymentId, attributes: { DeploymentId: deploymentId } };
    },
    async delete({ cloud, physicalId: deploymentId, properties }) {
      const restApiId = text(properties, 'RestApiId');
      const stageName = text(properties, 'StageName');
      const { item = [] } = await cloud.call('apigateway', 'GetStages', { restApiId });
      // a stage that only the deployment made goes with it
      const own = item.find((stage) => stage.stageName === stageName && stage.deploymentId === deploymentId);
      if (own !== undefined) await cloud.call('apigateway', 'DeleteStage', { restApiId, stageName });
      await cloud.call('apigateway', 'DeleteDeployment', { restApiId, deploymentId });
    },
  },

  'AWS::ApiGateway::Stage': {
    service: 'ApiGateway',
    properties: [...created, ...patched, 'RestApiId', 'StageName', 'Tags'],
    async create({ cloud, properties }) {
      const stageName = text(properties, 'StageName') ?? '';
      await createStage(cloud, text(properties, 'RestApiId'), stageName, properties);
      return { physicalId: stageName, attributes: {} };
    },
    async update({ cloud, physicalId: stageName, before, after, changed }) {
      const restApiId = text(after, 'RestApiId');
      const patchOperations = stagePatches(before, after, changed);
      if (patchOperations.length > 0) {
        await cloud.call('apigateway', 'UpdateStage', { restApiId, stageName, patchOperations });
      }
      if (changed.has('Tags')) await updateTags(cloud, `/restapis/${restApiId}/stages/${stageName}`, before, after);
      return { physicalId: stageName, attributes: {} };
    },
    async delete({ cloud, physicalId: stageName, properties }) {
      await cloud.call('apigateway', 'DeleteStage', { restApiId: text(properties, 'RestApiId'), stageName });
    },
  },
};

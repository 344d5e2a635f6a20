// AWS::ApiGateway: what belongs to the account: its settings, keys, usage plans and certificates.
import type { ApiStage, PatchOperation } from '@aws-sdk/client-api-gateway';
import type { Cloud } from '../../cloud.ts';
import { randomPart } from '../names.ts';
import type { Properties } from '../stack.ts';
import { camelCase, escapePointer, generatedId, patchesOf, settingsOf, updateTags } from './api-gateway-values.ts';
import type { Providers } from './provider.ts';
import { tagMap, text } from './values.ts';

async function setLogRole(cloud: Cloud, properties: Properties): Promise<void> {
  const value = text(properties, 'CloudWatchRoleArn') ?? '';
  await cloud.call('apigateway', 'UpdateAccount', {
    patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value }],
  });
}

const tagsOf = (properties: Properties) => (properties['Tags'] === undefined ? {} : { tags: tagMap(properties) });
const stagesOf = (properties: Properties) =>
  camelCase(properties['ApiStages'] ?? [], ['Throttle']) as readonly ApiStage[];

/** The throttles of methods keep their paths as keys. */
function throttled(stages: readonly ApiStage[]): ApiStage[] {
  return stages.map(({ throttle, ...stage }) => ({
    ...stage,
    ...(throttle === undefined
      ? {}
      : {
          throttle: Object.fromEntries(
            Object.entries(throttle).map(([path, limits]) => [path, camelCase(limits) as object]),
          ),
        }),
  }));
}

function stagePatches(before: Properties, after: Properties): PatchOperation[] {
  const name = ({ apiId, stage }: ApiStage) => `${apiId}:${stage}`;
  const next = throttled(stagesOf(after));
  const gone = stagesOf(before).filter((stage) => !next.some((other) => name(other) === name(stage)));
  return [
    ...gone.map((stage) => ({ op: 'remove' as const, path: '/apiStages', value: name(stage) })),
    ...next.map((stage) => ({ op: 'add' as const, path: '/apiStages', value: name(stage) })),
    ...next.flatMap((stage) =>
      Object.entries(stage.throttle ?? {}).flatMap(([key, limits]) => {
        const slash = key.lastIndexOf('/');
        const path = `/apiStages/${name(stage)}/throttle/${escapePointer(key.slice(0, slash))}/${key.slice(slash + 1)}`;
        return Object.entries(limits).map(([limit, value]) => ({
          op: 'replace' as const,
          path: `${path}/${limit}`,
          value: String(value),
        }));
      }),
    ),
  ];
}

function limitPatches(after: Properties, changed: ReadonlySet<string>): PatchOperation[] {
  return ['Quota', 'Throttle'].flatMap((property): PatchOperation[] => {
    if (!changed.has(property)) return [];
    const path = `/${property.toLowerCase()}`;
    const limits = Object.entries((camelCase(after[property] ?? {}) as Record<string, unknown>) ?? {});
    const replaced = limits.map(([name, value]) => ({
      op: 'replace' as const,
      path: `${path}/${name}`,
      value: String(value),
    }));
    return [{ op: 'remove', path }, ...replaced];
  });
}

export const apiAccountProviders: Providers = {
  'AWS::ApiGateway::Account': {
    service: 'ApiGateway',
    properties: ['CloudWatchRoleArn'],
    async create({ cloud, properties, stackName, logicalId }) {
      await setLogRole(cloud, properties);
      const id = generatedId(stackName, logicalId, randomPart());
      return { physicalId: id, attributes: { Id: id } };
    },
    async update({ cloud, physicalId: id, after }) {
      await setLogRole(cloud, after);
      return { physicalId: id, attributes: { Id: id } };
    },
    // The account's settings stay, as on AWS.
    async delete() {},
  },

  'AWS::ApiGateway::ApiKey': {
    service: 'ApiGateway',
    properties: ['CustomerId', 'Description', 'Enabled', 'GenerateDistinctId', 'Name', 'StageKeys', 'Tags', 'Value'],
    name: { property: 'Name', limit: 255 },
    async create({ cloud, properties, name }) {
      const settings = ['CustomerId', 'Description', 'Enabled', 'GenerateDistinctId', 'StageKeys', 'Value'];
      const { id = '' } = await cloud.call('apigateway', 'CreateApiKey', {
        ...settingsOf(properties, settings),
        name,
        ...tagsOf(properties),
      });
      return { physicalId: id, attributes: { APIKeyId: id } };
    },
    async update({ cloud, physicalId: apiKey, before, after, changed }) {
      const patchOperations = patchesOf(after, changed, {
        CustomerId: '/customerId',
        Description: '/description',
        Enabled: '/enabled',
      });
      if (patchOperations.length > 0) await cloud.call('apigateway', 'UpdateApiKey', { apiKey, patchOperations });
      if (changed.has('Tags')) await updateTags(cloud, `/apikeys/${apiKey}`, before, after);
      return { physicalId: apiKey, attributes: { APIKeyId: apiKey } };
    },
    async delete({ cloud, physicalId: apiKey }) {
      await cloud.call('apigateway', 'DeleteApiKey', { apiKey });
    },
  },

  'AWS::ApiGateway::UsagePlan': {
    service: 'ApiGateway',
    properties: ['ApiStages', 'Description', 'Quota', 'Tags', 'Throttle', 'UsagePlanName'],
    name: { property: 'UsagePlanName', limit: 255 },
    async create({ cloud, properties, name }) {
      const { id = '' } = await cloud.call('apigateway', 'CreateUsagePlan', {
        ...settingsOf(properties, ['Description', 'Quota', 'Throttle']),
        name,
        apiStages: throttled(stagesOf(properties)),
        ...tagsOf(properties),
      });
      return { physicalId: id, attributes: { Id: id } };
    },
    async update({ cloud, physicalId: usagePlanId, before, after, changed }) {
      const named =
        after['UsagePlanName'] === undefined
          ? new Set([...changed].filter((name) => name !== 'UsagePlanName'))
          : changed;
      const patchOperations = [
        ...patchesOf(after, named, { Description: '/description', UsagePlanName: '/name' }),
        ...limitPatches(after, changed),
        ...(changed.has('ApiStages') ? stagePatches(before, after) : []),
      ];
      if (patchOperations.length > 0) {
        await cloud.call('apigateway', 'UpdateUsagePlan', { usagePlanId, patchOperations });
      }
      if (changed.has('Tags')) await updateTags(cloud, `/usageplans/${usagePlanId}`, before, after);
      return { physicalId: usagePlanId, attributes: { Id: usagePlanId } };
    },
    async delete({ cloud, physicalId: usagePlanId }) {
      const { apiStages = [] } = await cloud.call('apigateway', 'GetUsagePlan', { usagePlanId });
      const patchOperations = apiStages.map(({ apiId, stage }) => ({
        op: 'remove' as const,
        path: '/apiStages',
        value: `${apiId}:${stage}`,
      }));
      if (patchOperations.length > 0) {
        await cloud.call('apigateway', 'UpdateUsagePlan', { usagePlanId, patchOperations });
      }
      await cloud.call('apigateway', 'DeleteUsagePlan', { usagePlanId });
    },
  },

  'AWS::ApiGateway::UsagePlanKey': {
    service: 'ApiGateway',
    properties: ['KeyId', 'KeyType', 'UsagePlanId'],
    async create({ cloud, properties }) {
      const keyId = text(properties, 'KeyId');
      const usagePlanId = text(properties, 'UsagePlanId');
      const keyType = text(properties, 'KeyType');
      await cloud.call('apigateway', 'CreateUsagePlanKey', { keyId, keyType, usagePlanId });
      const id = `${keyId}:${usagePlanId}`;
      return { physicalId: id, attributes: { Id: id } };
    },
    async delete({ cloud, properties }) {
      const place = { keyId: text(properties, 'KeyId'), usagePlanId: text(properties, 'UsagePlanId') };
      await cloud.call('apigateway', 'DeleteUsagePlanKey', place);
    },
  },

  'AWS::ApiGateway::ClientCertificate': {
    service: 'ApiGateway',
    properties: ['Description', 'Tags'],
    async create({ cloud, properties }) {
      const { clientCertificateId: id = '' } = await cloud.call('apigateway', 'GenerateClientCertificate', {
        ...settingsOf(properties, ['Description']),
        ...tagsOf(properties),
      });
      return { physicalId: id, attributes: { ClientCertificateId: id } };
    },
    async update({ cloud, physicalId: clientCertificateId, before, after, changed }) {
      const patchOperations = patchesOf(after, changed, { Description: '/description' });
      if (patchOperations.length > 0) {
        await cloud.call('apigateway', 'UpdateClientCertificate', { clientCertificateId, patchOperations });
      }
      if (changed.has('Tags')) await updateTags(cloud, `/clientcertificates/${clientCertificateId}`, before, after);
      return { physicalId: clientCertificateId, attributes: { ClientCertificateId: clientCertificateId } };
    },
    async delete({ cloud, physicalId: clientCertificateId }) {
      await cloud.call('apigateway', 'DeleteClientCertificate', { clientCertificateId });
    },
  },
};

// AWS::ApiGateway: domain names and their base path mappings.
import type { Cloud, Input } from '../../cloud.ts';
import { patchesOf, settingsOf, updateTags } from './api-gateway-values.ts';
import type { Providers } from './provider.ts';
import { tagMap, text } from './values.ts';

const domainSettings = [
  'CertificateArn',
  'DomainName',
  'EndpointConfiguration',
  'MutualTlsAuthentication',
  'RegionalCertificateArn',
  'SecurityPolicy',
];

export const restDomainProviders: Providers = {
  'AWS::ApiGateway::DomainName': {
    service: 'ApiGateway',
    properties: [...domainSettings, 'Tags'],
    async create({ cloud, properties }) {
      await cloud.call('apigateway', 'CreateDomainName', {
        ...(settingsOf(properties, domainSettings) as unknown as Input<'apigateway', 'CreateDomainName'>),
        ...(properties['Tags'] === undefined ? {} : { tags: tagMap(properties) }),
      });
      return describeDomain(cloud, text(properties, 'DomainName') ?? '');
    },
    async update({ cloud, physicalId: domainName, before, after, changed }) {
      const patchOperations = patchesOf(after, changed, {
        CertificateArn: '/certificateArn',
        RegionalCertificateArn: '/regionalCertificateArn',
        SecurityPolicy: '/securityPolicy',
      });
      const replaced = (path: string, value: string | undefined) => {
        if (value !== undefined) patchOperations.push({ op: 'replace', path, value });
      };
      if (changed.has('EndpointConfiguration')) {
        const { Types = [] } = (after['EndpointConfiguration'] ?? {}) as { Types?: readonly string[] };
        replaced('/endpointConfiguration/types/0', Types[0] ?? 'EDGE');
      }
      if (changed.has('MutualTlsAuthentication')) {
        const tls = (after['MutualTlsAuthentication'] ?? {}) as { TruststoreUri?: string; TruststoreVersion?: string };
        replaced('/mutualTlsAuthentication/truststoreUri', tls.TruststoreUri ?? '');
        replaced('/mutualTlsAuthentication/truststoreVersion', tls.TruststoreVersion);
      }
      if (patchOperations.length > 0) {
        await cloud.call('apigateway', 'UpdateDomainName', { domainName, patchOperations });
      }
      if (changed.has('Tags')) await updateTags(cloud, `/domainnames/${domainName}`, before, after);
      return describeDomain(cloud, domainName);
    },
    async delete({ cloud, physicalId: domainName }) {
      await cloud.call('apigateway', 'DeleteDomainName', { domainName });
    },
  },

  'AWS::ApiGateway::BasePathMapping': {
    service: 'ApiGateway',
    properties: ['BasePath', 'DomainName', 'RestApiId', 'Stage'],
    async create({ cloud, properties }) {
      const settings = ['BasePath', 'DomainName', 'RestApiId', 'Stage'];
      const { basePath = '' } = await cloud.call('apigateway', 'CreateBasePathMapping', {
        ...(settingsOf(properties, settings) as unknown as Input<'apigateway', 'CreateBasePathMapping'>),
      });
      return { physicalId: `${text(properties, 'DomainName')}|${basePath}`, attributes: {} };
    },
    async update({ cloud, physicalId, after, changed }) {
      const [domainName = '', basePath = ''] = physicalId.split('|');
      const patchOperations = patchesOf(after, changed, { RestApiId: '/restapiId', Stage: '/stage' });
      await cloud.call('apigateway', 'UpdateBasePathMapping', { domainName, basePath, patchOperations });
      return { physicalId, attributes: {} };
    },
    async delete({ cloud, physicalId }) {
      const [domainName = '', basePath = ''] = physicalId.split('|');
      await cloud.call('apigateway', 'DeleteBasePathMapping', { domainName, basePath });
    },
  },
};

async function describeDomain(cloud: Cloud, domainName: string) {
  const domain = await cloud.call('apigateway', 'GetDomainName', { domainName });
  const attributes = {
    DistributionDomainName: domain.distributionDomainName,
    DistributionHostedZoneId: domain.distributionHostedZoneId,
    DomainNameArn: domain.domainNameArn,
    RegionalDomainName: domain.regionalDomainName,
    RegionalHostedZoneId: domain.regionalHostedZoneId,
  };
  return {
    physicalId: domainName,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
  };
}

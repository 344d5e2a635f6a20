// AWS::ApiGatewayV2::DomainName and ApiMapping.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers } from './provider.ts';
import { pick, tagMap, text } from './values.ts';

const settings = ['DomainNameConfigurations', 'MutualTlsAuthentication', 'RoutingMode'];
const mapping = ['ApiId', 'ApiMappingKey', 'Stage'];

async function described(cloud: Cloud, DomainName: string) {
  const { DomainNameConfigurations } = await cloud.call('apigatewayv2', 'GetDomainName', { DomainName });
  const { ApiGatewayDomainName, HostedZoneId } = DomainNameConfigurations?.[0] ?? {};
  const attributes = {
    DomainNameArn: `arn:aws:apigateway:${cloud.region}::/domainnames/${DomainName}`,
    RegionalDomainName: ApiGatewayDomainName,
    RegionalHostedZoneId: HostedZoneId,
  };
  return { physicalId: DomainName, attributes };
}

const domainOf = (properties: Properties) => text(properties, 'DomainName');

export const apiDomainProviders: Providers = {
  'AWS::ApiGatewayV2::DomainName': {
    service: 'ApiGatewayV2',
    properties: ['DomainName', ...settings, 'Tags'],
    async create({ cloud, properties }) {
      const DomainName = domainOf(properties) ?? '';
      await cloud.call('apigatewayv2', 'CreateDomainName', {
        ...(pick(properties, settings) as Partial<Input<'apigatewayv2', 'CreateDomainName'>>),
        DomainName,
        ...(properties['Tags'] === undefined ? {} : { Tags: tagMap(properties) }),
      });
      return described(cloud, DomainName);
    },
    async update({ cloud, physicalId: DomainName, after }) {
      const changed = { MutualTlsAuthentication: { TruststoreUri: '' }, ...pick(after, settings) };
      await cloud.call('apigatewayv2', 'UpdateDomainName', { ...changed, DomainName });
      return described(cloud, DomainName);
    },
    async delete({ cloud, physicalId: DomainName }) {
      await cloud.call('apigatewayv2', 'DeleteDomainName', { DomainName });
    },
  },

  'AWS::ApiGatewayV2::ApiMapping': {
    service: 'ApiGatewayV2',
    properties: ['DomainName', ...mapping],
    async create({ cloud, properties }) {
      const { ApiMappingId = '' } = await cloud.call('apigatewayv2', 'CreateApiMapping', {
        ...(pick(properties, mapping) as unknown as Input<'apigatewayv2', 'CreateApiMapping'>),
        DomainName: domainOf(properties),
      });
      return { physicalId: ApiMappingId, attributes: { ApiMappingId } };
    },
    async update({ cloud, physicalId: ApiMappingId, after }) {
      await cloud.call('apigatewayv2', 'UpdateApiMapping', {
        ...({ ApiMappingKey: '', ...pick(after, mapping) } as unknown as Input<'apigatewayv2', 'CreateApiMapping'>),
        ApiMappingId,
        DomainName: domainOf(after),
      });
      return { physicalId: ApiMappingId, attributes: { ApiMappingId } };
    },
    async delete({ cloud, physicalId: ApiMappingId, properties }) {
      await cloud.call('apigatewayv2', 'DeleteApiMapping', { ApiMappingId, DomainName: domainOf(properties) });
    },
  },
};

// AWS::CloudFront: distributions, and the functions, access controls and header policies that they refer to.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers, Provisioned } from './provider.ts';

/** CloudFormation's names of what CloudFront's API calls otherwise. */
const apiNames: Readonly<Record<string, string>> = {
  IPV6Enabled: 'IsIPV6Enabled',
  AcmCertificateArn: 'ACMCertificateArn',
  IamCertificateId: 'IAMCertificateId',
  SslSupportMethod: 'SSLSupportMethod',
  OriginSSLProtocols: 'OriginSslProtocols',
  OriginCustomHeaders: 'CustomHeaders',
};

/** The API counts the items of every list. */
function forApi(value: unknown): unknown {
  if (Array.isArray(value)) return { Quantity: value.length, Items: value.map(forApi) };
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, inner]) => [apiNames[key] ?? key, forApi(inner)]);
  const { CachedMethods, ...rest } = Object.fromEntries(members);
  if (CachedMethods === undefined) return rest;
  return { ...rest, AllowedMethods: { ...(rest.AllowedMethods ?? CachedMethods), CachedMethods } };
}

/** Lists that the API has as lists under Items already. */
function itemsForApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(itemsForApi);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, inner]) => [key, itemsForApi(inner)]);
  const read = Object.fromEntries(members);
  return Array.isArray(read.Items) ? { Quantity: read.Items.length, ...read } : read;
}

type DistributionConfig = NonNullable<Input<'cloudfront', 'CreateDistribution'>['DistributionConfig']>;
const distributionConfig = (properties: Properties, reference: string): DistributionConfig => ({
  ...(forApi(properties['DistributionConfig']) as DistributionConfig),
  CallerReference: reference,
});

type HeadersConfig = NonNullable<Input<'cloudfront', 'CreateResponseHeadersPolicy'>['ResponseHeadersPolicyConfig']>;
const headersConfig = (properties: Properties) =>
  itemsForApi(properties['ResponseHeadersPolicyConfig']) as HeadersConfig;

type AccessConfig = NonNullable<Input<'cloudfront', 'CreateOriginAccessControl'>['OriginAccessControlConfig']>;
const accessConfig = (properties: Properties) => properties['OriginAccessControlConfig'] as unknown as AccessConfig;

async function describedFunction(cloud: Cloud, Name: string, properties: Properties): Promise<Provisioned> {
  if (properties['AutoPublish'] === true) {
    const { ETag } = await cloud.call('cloudfront', 'DescribeFunction', { Name });
    await cloud.call('cloudfront', 'PublishFunction', { Name, IfMatch: ETag });
  }
  const FunctionARN = `arn:aws:cloudfront::${cloud.accountId}:function/${Name}`;
  const Stage = properties['AutoPublish'] === true ? 'LIVE' : 'DEVELOPMENT';
  return { physicalId: FunctionARN, attributes: { FunctionARN, 'FunctionMetadata.FunctionARN': FunctionARN, Stage } };
}

const functionInput = (properties: Properties) => ({
  FunctionConfig: properties['FunctionConfig'] as unknown as Input<'cloudfront', 'CreateFunction'>['FunctionConfig'],
  FunctionCode: Buffer.from(String(properties['FunctionCode'])),
});
const nameIn = (arn: string): string => arn.split('/').at(-1) ?? '';

export const cloudFrontProviders: Providers = {
  'AWS::CloudFront::Distribution': {
    service: 'CloudFront',
    properties: ['DistributionConfig', 'Tags'],
    async create({ cloud, properties, stackId, logicalId }) {
      const config = distributionConfig(properties, `${stackId} ${logicalId}`);
      const { Distribution } = await cloud.call('cloudfront', 'CreateDistribution', { DistributionConfig: config });
      const { Id = '', DomainName } = Distribution ?? {};
      return { physicalId: Id, attributes: { Id, DomainName } };
    },
    async update({ cloud, physicalId: Id, after }) {
      const { DistributionConfig: now, ETag } = await cloud.call('cloudfront', 'GetDistributionConfig', { Id });
      const DistributionConfig = distributionConfig(after, now?.CallerReference ?? '');
      const input = { Id, IfMatch: ETag, DistributionConfig };
      const { Distribution } = await cloud.call('cloudfront', 'UpdateDistribution', input);
      return { physicalId: Id, attributes: { Id, DomainName: Distribution?.DomainName } };
    },
    async delete({ cloud, physicalId: Id }) {
      const { DistributionConfig, ETag } = await cloud.call('cloudfront', 'GetDistributionConfig', { Id });
      if (DistributionConfig === undefined) return;
      const disabled = { ...DistributionConfig, Enabled: false };
      const { ETag: IfMatch } = await cloud.call('cloudfront', 'UpdateDistribution', {
        Id,
        IfMatch: ETag,
        DistributionConfig: disabled,
      });
      await cloud.call('cloudfront', 'DeleteDistribution', { Id, IfMatch });
    },
  },

  'AWS::CloudFront::Function': {
    service: 'CloudFront',
    properties: ['AutoPublish', 'FunctionCode', 'FunctionConfig', 'Name'],
    async create({ cloud, properties }) {
      const Name = String(properties['Name']);
      await cloud.call('cloudfront', 'CreateFunction', { Name, ...functionInput(properties) });
      return describedFunction(cloud, Name, properties);
    },
    async update({ cloud, physicalId, after }) {
      const Name = nameIn(physicalId);
      const { ETag } = await cloud.call('cloudfront', 'DescribeFunction', { Name });
      await cloud.call('cloudfront', 'UpdateFunction', { Name, IfMatch: ETag, ...functionInput(after) });
      return describedFunction(cloud, Name, after);
    },
    async delete({ cloud, physicalId }) {
      const Name = nameIn(physicalId);
      const { ETag } = await cloud.call('cloudfront', 'DescribeFunction', { Name });
      await cloud.call('cloudfront', 'DeleteFunction', { Name, IfMatch: ETag });
    },
  },

  'AWS::CloudFront::OriginAccessControl': {
    service: 'CloudFront',
    properties: ['OriginAccessControlConfig'],
    async create({ cloud, properties }) {
      const { OriginAccessControl } = await cloud.call('cloudfront', 'CreateOriginAccessControl', {
        OriginAccessControlConfig: accessConfig(properties),
      });
      const Id = OriginAccessControl?.Id ?? '';
      return { physicalId: Id, attributes: { Id } };
    },
    async update({ cloud, physicalId: Id, after }) {
      const { ETag } = await cloud.call('cloudfront', 'GetOriginAccessControl', { Id });
      const input = { Id, IfMatch: ETag, OriginAccessControlConfig: accessConfig(after) };
      await cloud.call('cloudfront', 'UpdateOriginAccessControl', input);
      return { physicalId: Id, attributes: { Id } };
    },
    async delete({ cloud, physicalId: Id }) {
      const { ETag } = await cloud.call('cloudfront', 'GetOriginAccessControl', { Id });
      await cloud.call('cloudfront', 'DeleteOriginAccessControl', { Id, IfMatch: ETag });
    },
  },

  'AWS::CloudFront::ResponseHeadersPolicy': {
    service: 'CloudFront',
    properties: ['ResponseHeadersPolicyConfig'],
    async create({ cloud, properties }) {
      const { ResponseHeadersPolicy } = await cloud.call('cloudfront', 'CreateResponseHeadersPolicy', {
        ResponseHeadersPolicyConfig: headersConfig(properties),
      });
      return described(ResponseHeadersPolicy);
    },
    async update({ cloud, physicalId: Id, after }) {
      const { ETag } = await cloud.call('cloudfront', 'GetResponseHeadersPolicy', { Id });
      const input = { Id, IfMatch: ETag, ResponseHeadersPolicyConfig: headersConfig(after) };
      const { ResponseHeadersPolicy } = await cloud.call('cloudfront', 'UpdateResponseHeadersPolicy', input);
      return described(ResponseHeadersPolicy);
    },
    async delete({ cloud, physicalId: Id }) {
      const { ETag } = await cloud.call('cloudfront', 'GetResponseHeadersPolicy', { Id });
      await cloud.call('cloudfront', 'DeleteResponseHeadersPolicy', { Id, IfMatch: ETag });
    },
  },
};

function described(
  policy: { readonly Id?: string | undefined; readonly LastModifiedTime?: Date | undefined } = {},
): Provisioned {
  const { Id = '', LastModifiedTime } = policy;
  return { physicalId: Id, attributes: { Id, LastModifiedTime: LastModifiedTime?.toISOString() } };
}

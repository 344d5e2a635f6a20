// API Gateway's operations on domain names and their mappings to APIs, HTTP and REST ones alike; and the mapping of a request.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
import type { DomainName as DomainShape, ApiMapping as MappingShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, newId, notFound, without } from '../api-gateway.ts';
import type { Input, MappedApi, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import type { Collection } from '../store.ts';
import { type ApiContext, page } from './state.ts';

export interface Mapping {
  readonly id: string;
  readonly apiId: string;
  readonly stage: string;
  /** '' for all paths that no other mapping takes. */
  readonly key: string;
}

export interface DomainName {
  readonly name: string;
  readonly regionalName: string;
  readonly configuration: NonNullable<Input<'apigatewayv2', 'CreateDomainName'>['DomainNameConfigurations']>[number];
  readonly mutualTls?: { readonly TruststoreUri?: string | undefined; readonly TruststoreVersion?: string | undefined };
  readonly tags: Readonly<Record<string, string>>;
  readonly mappings: Readonly<Record<string, Mapping>>;
}

export type Domains = Collection<DomainName>;

type DomainInput = Partial<Input<'apigatewayv2', 'CreateDomainName'>>;

/** The zone of API Gateway's regional names; the same for every domain of a region. */
export const regionalZone = 'Z00000000LOCAL';

export function domainOperations({ cloud }: ApiContext, domains: Domains): Operations<'apigatewayv2'> {
  const existing = (name: string | undefined) => {
    const domain = domains.get(name ?? '');
    if (domain === undefined) throw notFound('Invalid domain name identifier specified');
    return domain;
  };
  const keep = (domain: DomainName) => {
    domains.set(domain.name, domain);
    return describeDomain(domain);
  };
  const existingMapping = (domain: DomainName, id: string | undefined) => {
    const mapping = domain.mappings[id ?? ''];
    if (mapping === undefined) throw notFound('Invalid API mapping identifier specified');
    return mapping;
  };
  const keepMapping = (domain: DomainName, mapping: Mapping) => {
    if (Object.values(domain.mappings).some(({ key, id }) => key === mapping.key && id !== mapping.id)) {
      throw conflict('ApiMapping key already exists for this domain name');
    }
    domains.set(domain.name, { ...domain, mappings: { ...domain.mappings, [mapping.id]: mapping } });
    return describeMapping(mapping);
  };
  return {
    CreateDomainName: {
      members: ['DomainName', 'DomainNameConfigurations', 'MutualTlsAuthentication', 'RoutingMode', 'Tags'],
      run(input) {
        const name = input.DomainName ?? '';
        if (domains.get(name) !== undefined) throw conflict('The domain name you provided already exists.');
        const regionalName = `d-${newId(10)}.execute-api.${cloud.region}.amazonaws.com`;
        const bare = { name, regionalName, configuration: {}, tags: { ...input.Tags }, mappings: {} };
        return keep(readDomain(input, bare));
      },
    },
    GetDomainName: { members: ['DomainName'], run: ({ DomainName }) => describeDomain(existing(DomainName)) },
    GetDomainNames: {
      members: ['MaxResults', 'NextToken'],
      run: (input) => page([...domains.values()].map(describeDomain), input),
    },
    UpdateDomainName: {
      members: ['DomainName', 'DomainNameConfigurations', 'MutualTlsAuthentication', 'RoutingMode'],
      run: (input) => keep(readDomain(input, existing(input.DomainName))),
    },
    DeleteDomainName: {
      members: ['DomainName'],
      run({ DomainName }) {
        domains.delete(existing(DomainName).name);
        return {};
      },
    },
    CreateApiMapping: {
      members: ['ApiId', 'ApiMappingKey', 'DomainName', 'Stage'],
      async run(input) {
        await checkStage(cloud, input.ApiId ?? '', input.Stage ?? '');
        const domain = existing(input.DomainName);
        const mapping = {
          id: newId(6),
          apiId: input.ApiId ?? '',
          stage: input.Stage ?? '',
          key: readKey(input.ApiMappingKey),
        };
        return keepMapping(domain, mapping);
      },
    },
    GetApiMapping: {
      members: ['ApiMappingId', 'DomainName'],
      run: ({ ApiMappingId, DomainName }) => describeMapping(existingMapping(existing(DomainName), ApiMappingId)),
    },
    GetApiMappings: {
      members: ['DomainName', 'MaxResults', 'NextToken'],
      run: (input) => page(Object.values(existing(input.DomainName).mappings).map(describeMapping), input),
    },
    UpdateApiMapping: {
      members: ['ApiId', 'ApiMappingId', 'ApiMappingKey', 'DomainName', 'Stage'],
      async run(input) {
        const known = existingMapping(existing(input.DomainName), input.ApiMappingId);
        const stage = input.Stage ?? known.stage;
        await checkStage(cloud, input.ApiId ?? known.apiId, stage);
        const domain = existing(input.DomainName);
        const before = existingMapping(domain, input.ApiMappingId);
        const key = input.ApiMappingKey === undefined ? before.key : readKey(input.ApiMappingKey);
        return keepMapping(domain, { ...before, apiId: input.ApiId ?? before.apiId, stage, key });
      },
    },
    DeleteApiMapping: {
      members: ['ApiMappingId', 'DomainName'],
      run({ ApiMappingId, DomainName }) {
        const domain = existing(DomainName);
        const { id } = existingMapping(domain, ApiMappingId);
        domains.set(domain.name, { ...domain, mappings: without(domain.mappings, id) });
        return {};
      },
    },
  };
}

/** The API that a request to a domain goes to: that of the longest base path. Undefined if there is no such domain. */
export function mappingFor(domains: Domains, name: string, path: string): MappedApi | 'none' | undefined {
  const domain = domains.get(name) ?? domains.get(name.replace(/^[^.]+/, '*'));
  if (domain === undefined) return undefined;
  const mappings = Object.values(domain.mappings)
    .filter(({ key }) => key === '' || path === `/${key}` || path.startsWith(`/${key}/`))
    .sort((a, b) => b.key.length - a.key.length);
  const mapping = mappings[0];
  return mapping === undefined ? 'none' : { apiId: mapping.apiId, stage: mapping.stage, basePath: mapping.key };
}

async function checkStage(cloud: ApiContext['cloud'], ApiId: string, StageName: string): Promise<void> {
  const http = cloud.call('apigatewayv2', 'GetStage', { ApiId, StageName });
  const rest = () => cloud.call('apigateway', 'GetStage', { restApiId: ApiId, stageName: StageName });
  await http.catch(rest).catch(() => {
    throw badRequest('Invalid stage identifier specified');
  });
}

// https://github.com/aws/aws-cdk/issues/8983
function readKey(key = ''): string {
  if (/^[A-Za-z0-9$\-_.+!*'()/]*$/.test(key)) return key;
  throw badRequest("An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()");
}

function readDomain(input: DomainInput, before: DomainName): DomainName {
  const configuration = input.DomainNameConfigurations?.[0] ?? before.configuration;
  checkConstraints('BadRequestException', [
    ['endpointType', configuration.EndpointType, { oneOf: ['REGIONAL', 'EDGE'] }],
    ['securityPolicy', configuration.SecurityPolicy, { oneOf: ['TLS_1_0', 'TLS_1_2'] }],
  ]);
  if (!configuration.CertificateArn) throw badRequest('CertificateArn is required');
  const mutualTls = input.MutualTlsAuthentication ?? before.mutualTls;
  if (mutualTls?.TruststoreUri && !/^s3:\/\/[^/]+\/.+$/.test(mutualTls.TruststoreUri)) {
    throw badRequest('Invalid Truststore URI');
  }
  return { ...before, configuration: { ...configuration }, ...(mutualTls === undefined ? {} : { mutualTls }) };
}

function describeDomain({ name, regionalName, configuration, mutualTls, tags }: DomainName): DomainShape {
  return {
    ApiMappingSelectionExpression: '$request.basepath',
    DomainName: name,
    DomainNameConfigurations: [
      {
        ...configuration,
        ApiGatewayDomainName: regionalName,
        DomainNameStatus: 'AVAILABLE',
        HostedZoneId: regionalZone,
      },
    ],
    ...(mutualTls === undefined ? {} : { MutualTlsAuthentication: mutualTls }),
    RoutingMode: 'API_MAPPING_ONLY',
    Tags: { ...tags },
  };
}

function describeMapping({ id, apiId, stage, key }: Mapping): MappingShape {
  return { ApiId: apiId, ApiMappingId: id, ApiMappingKey: key, Stage: stage };
}

// API Gateway's operations on custom domain names and their base path mappings. The records are those of HTTP APIs' domain names, since
// AWS has only one kind.
import type { BasePathMapping, DomainName as DomainNameShape } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, notFound, without } from '../api-gateway.ts';
import { type DomainName, type Mapping, regionalZone } from '../apigatewayv2/domains.ts';
import type { Cloud, Operations } from '../cloud.ts';
import type { Collection } from '../store.ts';
import { checkEndpoint } from './endpoint.ts';
import { invalidPath, type Patch, readPatches } from './patch.ts';
import { type ApiContext, defined, own, page } from './state.ts';

export const openDomainNames = (cloud: Cloud): Collection<DomainName> => cloud.collection('apigateway.domains');

function existingDomain(domains: Collection<DomainName>, name: string | undefined): DomainName {
  const domain = domains.get(name ?? '');
  if (domain === undefined) throw notFound('Invalid domain name identifier specified');
  return domain;
}

export function domainNameOperations(context: ApiContext): Operations<'apigateway'> {
  const { cloud } = context;
  const domains = openDomainNames(cloud);
  const describe = (domain: DomainName) => describeDomain(cloud, domain);
  return {
    CreateDomainName: {
      members: [
        'domainName',
        'certificateName',
        'certificateArn',
        'regionalCertificateName',
        'regionalCertificateArn',
        'endpointConfiguration',
        'mutualTlsAuthentication',
        'tags',
        'securityPolicy',
      ],
      run(input) {
        const { domainName: name = '', mutualTlsAuthentication: tls, tags } = input;
        if (domains.has(name)) throw badRequest('The domain name you provided already exists.');
        const { types, ipAddressType } = checkEndpoint('createDomainNameInput', input);
        const isRegional = types[0] === 'REGIONAL';
        const CertificateArn = isRegional ? input.regionalCertificateArn : input.certificateArn;
        if (!CertificateArn)
          throw badRequest('A certificate was not provided for the endpoint type of the domain name.');
        const domain: DomainName = {
          name,
          regionalName: isRegional
            ? `d-${newId(10)}.execute-api.${cloud.region}.amazonaws.com`
            : `d${newId(13)}.cloudfront.net`,
          configuration: defined({
            CertificateArn,
            CertificateName: isRegional ? input.regionalCertificateName : input.certificateName,
            EndpointType: types[0] as 'REGIONAL',
            IpAddressType: ipAddressType as 'ipv4',
            SecurityPolicy: (input.securityPolicy ?? 'TLS_1_2') as 'TLS_1_2',
          }),
          ...(tls === undefined
            ? {}
            : { mutualTls: { TruststoreUri: tls.truststoreUri, TruststoreVersion: tls.truststoreVersion } }),
          tags: { ...tags },
          mappings: {},
        };
        domains.set(name, domain);
        return describe(domain);
      },
    },
    GetDomainName: {
      members: ['domainName'],
      run: ({ domainName }) => describe(existingDomain(domains, domainName)),
    },
    GetDomainNames: {
      members: ['position', 'limit'],
      run: (input) => page([...domains.values()].map(describe), input),
    },
    UpdateDomainName: {
      members: ['domainName', 'patchOperations'],
      run({ domainName, patchOperations }) {
        const patches = readPatches('updateDomainNameInput', patchOperations);
        const domain = patches.reduce(patchedDomain, existingDomain(domains, domainName));
        domains.set(domain.name, domain);
        return describe(domain);
      },
    },
    DeleteDomainName: {
      members: ['domainName'],
      run({ domainName }) {
        domains.delete(existingDomain(domains, domainName).name);
        return {};
      },
    },
    ...mappingOperations(context, domains),
  };
}

/** The record's settings by the names that REST APIs have for them. */
const settingNames: Readonly<Record<string, string>> = {
  certificateArn: 'CertificateArn',
  certificateName: 'CertificateName',
  regionalCertificateArn: 'CertificateArn',
  regionalCertificateName: 'CertificateName',
  securityPolicy: 'SecurityPolicy',
};

function patchedDomain(domain: DomainName, patch: Patch): DomainName {
  const { op, value, segments } = patch;
  const [first = '', second] = segments;
  if (first === 'mutualTlsAuthentication' && op === 'replace') {
    const name = second === 'truststoreUri' ? 'TruststoreUri' : 'TruststoreVersion';
    return { ...domain, mutualTls: { ...domain.mutualTls, [name]: value } };
  }
  const isType = first === 'endpointConfiguration' && second === 'types';
  const name = isType ? 'EndpointType' : own(settingNames, second === undefined ? first : '');
  if (op !== 'replace' || name === undefined) throw invalidPath(patch);
  return { ...domain, configuration: { ...domain.configuration, [name]: value } };
}

// https://docs.aws.amazon.com/general/latest/gr/apigateway.html
const cloudFrontZone = 'Z2FDTNDATAQYW2';

function describeDomain({ region, accountId }: Cloud, domain: DomainName): DomainNameShape {
  const { name, regionalName, configuration, mutualTls, tags } = domain;
  const { CertificateArn, CertificateName, EndpointType = 'REGIONAL' } = configuration;
  const place =
    EndpointType === 'REGIONAL'
      ? {
          regionalCertificateArn: CertificateArn,
          regionalCertificateName: CertificateName,
          regionalDomainName: regionalName,
          regionalHostedZoneId: regionalZone,
        }
      : {
          certificateArn: CertificateArn,
          certificateName: CertificateName,
          distributionDomainName: regionalName,
          distributionHostedZoneId: cloudFrontZone,
        };
  return defined({
    ...place,
    domainName: name,
    domainNameArn: `arn:aws:apigateway:${region}:${accountId}:/domainnames/${name}`,
    domainNameStatus: 'AVAILABLE' as const,
    securityPolicy: configuration.SecurityPolicy,
    endpointConfiguration: { types: [EndpointType], ipAddressType: configuration.IpAddressType ?? 'ipv4' },
    mutualTlsAuthentication: mutualTls && {
      truststoreUri: mutualTls.TruststoreUri,
      truststoreVersion: mutualTls.TruststoreVersion,
    },
    tags: { ...tags },
  });
}

/** How AWS names the empty base path. */
const noPath = '(none)';
const keyOf = (basePath: string | undefined) => (basePath === undefined || basePath === noPath ? '' : basePath);

function describeMapping({ key, apiId, stage }: Mapping): BasePathMapping {
  return { basePath: key || noPath, restApiId: apiId, ...(stage === '' ? {} : { stage }) };
}

function mappingOperations({ apis }: ApiContext, domains: Collection<DomainName>): Operations<'apigateway'> {
  const find = (domain: DomainName, key: string) =>
    Object.values(domain.mappings).find((mapping) => mapping.key === key);
  const existing = (domain: DomainName, basePath: string | undefined) => {
    const mapping = find(domain, keyOf(basePath));
    if (mapping === undefined) throw notFound('Invalid base path mapping identifier specified');
    return mapping;
  };
  const keep = (domain: DomainName, mapping: Mapping) => {
    const api = apis.get(mapping.apiId);
    if (api === undefined) throw badRequest('Invalid REST API identifier specified');
    if (mapping.stage !== '' && own(api.stages, mapping.stage) === undefined) {
      throw badRequest('Invalid stage identifier specified');
    }
    const other = find(domain, mapping.key);
    if (other !== undefined && other.id !== mapping.id) throw conflict('Base path already exists for this domain name');
    domains.set(domain.name, { ...domain, mappings: { ...domain.mappings, [mapping.id]: mapping } });
    return describeMapping(mapping);
  };
  return {
    CreateBasePathMapping: {
      members: ['domainName', 'basePath', 'restApiId', 'stage'],
      run({ domainName, basePath, restApiId = '', stage = '' }) {
        const domain = existingDomain(domains, domainName);
        return keep(domain, { id: newId(6), apiId: restApiId, stage, key: keyOf(basePath) });
      },
    },
    GetBasePathMapping: {
      members: ['domainName', 'basePath'],
      run: ({ domainName, basePath }) => describeMapping(existing(existingDomain(domains, domainName), basePath)),
    },
    GetBasePathMappings: {
      members: ['domainName', 'position', 'limit'],
      run: (input) =>
        page(Object.values(existingDomain(domains, input.domainName).mappings).map(describeMapping), input),
    },
    UpdateBasePathMapping: {
      members: ['domainName', 'basePath', 'patchOperations'],
      run({ domainName, basePath, patchOperations }) {
        const patches = readPatches('updateBasePathMappingInput', patchOperations);
        const domain = existingDomain(domains, domainName);
        return keep(domain, patches.reduce(patchedMapping, existing(domain, basePath)));
      },
    },
    DeleteBasePathMapping: {
      members: ['domainName', 'basePath'],
      run({ domainName, basePath }) {
        const domain = existingDomain(domains, domainName);
        const { id } = existing(domain, basePath);
        domains.set(domain.name, { ...domain, mappings: without(domain.mappings, id) });
        return {};
      },
    },
  };
}

function patchedMapping(mapping: Mapping, patch: Patch): Mapping {
  const [first = ''] = patch.segments;
  const { op, value = '' } = patch;
  if (op !== 'replace') throw invalidPath(patch);
  if (first === 'basePath') return { ...mapping, key: keyOf(value) };
  if (first === 'restapiId' || first === 'restApiId') return { ...mapping, apiId: value };
  if (first === 'stage') return { ...mapping, stage: value };
  throw invalidPath(patch);
}

// API Gateway's operations on custom domain names and their base path mappings: stored, with no address here.
import type { BasePathMapping, DomainName as DomainNameShape } from '@aws-sdk/client-api-gateway';
import type { Cloud, Operations } from '../cloud.ts';
import type { Collection } from '../store.ts';
import { checkEndpoint } from './endpoint.ts';
import { invalidPath, type Patch, readPatches } from './patch.ts';
import {
  type ApiContext,
  badRequest,
  conflict,
  defined,
  newId,
  notFound,
  own,
  type Parts,
  page,
  type Texts,
  without,
} from './state.ts';

export interface DomainName {
  readonly domainName: string;
  readonly certificateArn?: string;
  readonly certificateName?: string;
  readonly regionalCertificateArn?: string;
  readonly regionalCertificateName?: string;
  readonly regionalDomainName?: string;
  readonly distributionDomainName?: string;
  readonly securityPolicy: 'TLS_1_0' | 'TLS_1_2';
  readonly endpointConfiguration: NonNullable<DomainNameShape['endpointConfiguration']>;
  readonly tags?: Texts;
  readonly mappings: Parts<BasePathMapping>;
}

export const openDomainNames = (cloud: Cloud): Collection<DomainName> => cloud.collection('apigateway.domain-names');

// https://docs.aws.amazon.com/general/latest/gr/apigateway.html
const regionalZone = 'Z1UJRXOUMOOFQ8';
const cloudFrontZone = 'Z2FDTNDATAQYW2';

export function existingDomain(domains: Collection<DomainName>, name: string | undefined): DomainName {
  const domain = domains.get(name ?? '');
  if (domain === undefined) throw notFound('Invalid domain name identifier specified');
  return domain;
}

export function domainNameOperations(context: ApiContext): Operations<'apigateway'> {
  const { cloud } = context;
  const domains = openDomainNames(cloud);
  return {
    CreateDomainName: {
      members: [
        'domainName',
        'certificateName',
        'certificateArn',
        'regionalCertificateName',
        'regionalCertificateArn',
        'endpointConfiguration',
        'tags',
        'securityPolicy',
      ],
      run(input) {
        const { domainName = '' } = input;
        if (domains.has(domainName)) throw badRequest('The domain name you provided already exists.');
        const endpointConfiguration = checkEndpoint('createDomainNameInput', input);
        const isRegional = endpointConfiguration.types[0] === 'REGIONAL';
        const certificate = isRegional ? input.regionalCertificateArn : input.certificateArn;
        if (!certificate) throw badRequest('A certificate was not provided for the endpoint type of the domain name.');
        const domain: DomainName = defined({
          ...input,
          domainName,
          securityPolicy: (input.securityPolicy ?? 'TLS_1_2') as 'TLS_1_2',
          endpointConfiguration,
          regionalDomainName: isRegional ? `d-${newId(10)}.execute-api.${cloud.region}.amazonaws.com` : undefined,
          distributionDomainName: isRegional ? undefined : `d${newId(13)}.cloudfront.net`,
          mappings: {},
        });
        domains.set(domainName, domain);
        return describeDomain(cloud, domain);
      },
    },
    GetDomainName: {
      members: ['domainName'],
      run: ({ domainName }) => describeDomain(cloud, existingDomain(domains, domainName)),
    },
    GetDomainNames: {
      members: ['position', 'limit'],
      run: (input) =>
        page(
          [...domains.values()].map((domain) => describeDomain(cloud, domain)),
          input,
        ),
    },
    UpdateDomainName: {
      members: ['domainName', 'patchOperations'],
      run({ domainName, patchOperations }) {
        const patches = readPatches('updateDomainNameInput', patchOperations);
        const domain = patches.reduce(patchedDomain, existingDomain(domains, domainName));
        domains.set(domain.domainName, domain);
        return describeDomain(cloud, domain);
      },
    },
    DeleteDomainName: {
      members: ['domainName'],
      run({ domainName }) {
        domains.delete(existingDomain(domains, domainName).domainName);
        return {};
      },
    },
    ...mappingOperations(context, domains),
  };
}

const textSettings = [
  'certificateArn',
  'certificateName',
  'regionalCertificateArn',
  'regionalCertificateName',
  'securityPolicy',
];

function patchedDomain(domain: DomainName, patch: Patch): DomainName {
  const [first = '', second] = patch.segments;
  if (patch.op !== 'replace' || second !== undefined || !textSettings.includes(first)) throw invalidPath(patch);
  return { ...domain, [first]: patch.value };
}

function describeDomain({ region, accountId }: Cloud, { mappings: _, ...domain }: DomainName): DomainNameShape {
  return defined({
    ...domain,
    domainNameArn: `arn:aws:apigateway:${region}:${accountId}:/domainnames/${domain.domainName}`,
    domainNameStatus: 'AVAILABLE' as const,
    regionalHostedZoneId: domain.regionalDomainName === undefined ? undefined : regionalZone,
    distributionHostedZoneId: domain.distributionDomainName === undefined ? undefined : cloudFrontZone,
    tags: { ...domain.tags },
  });
}

/** How AWS names the empty base path. */
const noPath = '(none)';

function mappingOperations({ apis }: ApiContext, domains: Collection<DomainName>): Operations<'apigateway'> {
  const keep = (domain: DomainName, mapping: BasePathMapping) => {
    const { [mapping.basePath ?? '']: _, ...others } = domain.mappings;
    domains.set(domain.domainName, { ...domain, mappings: { ...others, [mapping.basePath ?? '']: mapping } });
    return mapping;
  };
  const existing = (domain: DomainName, basePath: string | undefined) => {
    const mapping = own(domain.mappings, basePath || noPath);
    if (mapping === undefined) throw notFound('Invalid base path mapping identifier specified');
    return mapping;
  };
  const checkTarget = ({ restApiId, stage }: BasePathMapping) => {
    const api = apis.get(restApiId ?? '');
    if (api === undefined) throw badRequest('Invalid REST API identifier specified');
    if (stage && own(api.stages, stage) === undefined) throw badRequest('Invalid stage identifier specified');
  };
  return {
    CreateBasePathMapping: {
      members: ['domainName', 'basePath', 'restApiId', 'stage'],
      run({ domainName, basePath, restApiId, stage }) {
        const domain = existingDomain(domains, domainName);
        const mapping: BasePathMapping = defined({ basePath: basePath || noPath, restApiId, stage });
        checkTarget(mapping);
        if (own(domain.mappings, mapping.basePath) !== undefined) {
          throw conflict('Base path already exists for this domain name');
        }
        return keep(domain, mapping);
      },
    },
    GetBasePathMapping: {
      members: ['domainName', 'basePath'],
      run: ({ domainName, basePath }) => existing(existingDomain(domains, domainName), basePath),
    },
    GetBasePathMappings: {
      members: ['domainName', 'position', 'limit'],
      run: (input) => page(Object.values(existingDomain(domains, input.domainName).mappings), input),
    },
    UpdateBasePathMapping: {
      members: ['domainName', 'basePath', 'patchOperations'],
      run({ domainName, basePath, patchOperations }) {
        const patches = readPatches('updateBasePathMappingInput', patchOperations);
        const domain = existingDomain(domains, domainName);
        let mapping = existing(domain, basePath);
        const { basePath: before = '' } = mapping;
        for (const patch of patches) {
          const [first = ''] = patch.segments;
          if (patch.op !== 'replace' || !['basePath', 'restapiId', 'restApiId', 'stage'].includes(first)) {
            throw invalidPath(patch);
          }
          mapping = { ...mapping, [first === 'restapiId' ? 'restApiId' : first]: patch.value };
        }
        checkTarget(mapping);
        return keep({ ...domain, mappings: without(domain.mappings, before) }, mapping);
      },
    },
    DeleteBasePathMapping: {
      members: ['domainName', 'basePath'],
      run({ domainName, basePath }) {
        const domain = existingDomain(domains, domainName);
        const { basePath: name = '' } = existing(domain, basePath);
        domains.set(domain.domainName, { ...domain, mappings: without(domain.mappings, name) });
        return {};
      },
    },
  };
}

// What the domain of an API becomes: certificate, DNS records, and the mapping of a base path to the API.
import { sha256 } from '../base/hash.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { attribute, type Output, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { Domain, DomainSettings } from './_domain.ts';

export interface MappedApi {
  /** The prefix of its logical ids. */
  readonly prefix: string;
  readonly id: Value;
  /** The name of the stage, as a value that waits for it. */
  readonly stage: Value;
  /** What it waits for, if the stage is only a name. */
  readonly DependsOn?: string;
  /** `https` or `wss`. */
  readonly scheme: string;
  readonly isLocal: boolean;
}

/** The domains of an API, their certificates and records, and the mappings to the API. */
export function domainPart(domains: readonly Domain[], api: MappedApi): Part {
  const resources: Record<string, Resource> = {};
  const outputs: Record<string, Output> = {};
  for (const [index, domain] of domains.entries()) {
    Object.assign(resources, domain.settings === undefined ? {} : madeDomain(domain.name, domain.settings));
    const { name, basePath, existing } = domain;
    resources[`${api.prefix}MappingTo${domainId(name)}${basePath === undefined ? '' : sha256(basePath).slice(0, 8)}`] =
      {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        ...(api.DependsOn === undefined ? {} : { DependsOn: api.DependsOn }),
        Properties: {
          ApiId: api.id,
          DomainName: existing ? name : ref(domainId(name)),
          Stage: api.stage,
          ...(basePath === undefined ? {} : { ApiMappingKey: basePath }),
        },
      };
    // the local AWS has no DNS, so the address would lead elsewhere
    if (api.isLocal) continue;
    outputs[`${api.prefix}DomainUrl${index === 0 ? '' : index + 1}`] = {
      Description: 'Its own domain',
      Value: `${api.scheme}://${name}${basePath === undefined ? '' : `/${basePath}`}`,
    };
  }
  return { resources, outputs };
}

/** A hash follows if the letters could name two domains. */
export function domainId(name: string): string {
  const words = pascalCase(name.replace('*', 'any'));
  return `Domain${words}${/^[a-z0-9.]+$/.test(name) ? '' : sha256(name).slice(0, 8)}`;
}

function madeDomain(name: string, settings: DomainSettings): Readonly<Record<string, Resource>> {
  const { zone: HostedZoneId, certificate, record = HostedZoneId !== undefined, mutualTls, ipAddressType } = settings;
  const id = domainId(name);
  const records = record && HostedZoneId !== undefined ? (ipAddressType === 'dualstack' ? ['A', 'AAAA'] : ['A']) : [];
  return {
    ...(certificate === undefined
      ? {
          [`${id}Certificate`]: {
            Type: 'AWS::CertificateManager::Certificate',
            Properties: {
              DomainName: name,
              ValidationMethod: 'DNS',
              DomainValidationOptions: [{ DomainName: name, HostedZoneId: HostedZoneId ?? '' }],
            },
          },
        }
      : {}),
    [id]: {
      Type: 'AWS::ApiGatewayV2::DomainName',
      Properties: {
        DomainName: name,
        DomainNameConfigurations: [
          {
            CertificateArn: certificate ?? ref(`${id}Certificate`),
            EndpointType: 'REGIONAL',
            SecurityPolicy: settings.securityPolicy ?? 'TLS_1_2',
            ...(ipAddressType === undefined ? {} : { IpAddressType: ipAddressType }),
          },
        ],
        ...(mutualTls === undefined
          ? {}
          : {
              MutualTlsAuthentication: {
                TruststoreUri: mutualTls.truststore,
                ...(mutualTls.version === undefined ? {} : { TruststoreVersion: mutualTls.version }),
              },
            }),
      },
    },
    ...Object.fromEntries(
      records.map((Type) => [
        `${id}Record${Type}`,
        {
          Type: 'AWS::Route53::RecordSet',
          Properties: {
            HostedZoneId: HostedZoneId ?? '',
            Name: name,
            Type,
            AliasTarget: {
              DNSName: attribute(id, 'RegionalDomainName'),
              HostedZoneId: attribute(id, 'RegionalHostedZoneId'),
            },
          },
        },
      ]),
    ),
  };
}

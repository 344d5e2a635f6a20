// The domain of a SAM API, with each of its base paths.
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { addDomain } from '../domains.ts';
import { type Path, placeOf } from '../draft.ts';
import { lookup } from '../lookup-text.ts';
import { type SamTemplate, withOurIds } from './template.ts';

export function domainOf(sam: SamTemplate, cursor: Cursor | undefined, path: Path): void {
  if (cursor === undefined) return;
  const { draft } = sam;
  const value = (from: Cursor | undefined, key: string): Plain | undefined => {
    const plain = from?.child(key)?.plain();
    return plain === undefined ? undefined : withOurIds(sam, plain);
  };
  const route53 = cursor.child('Route53');
  const zoneName = route53?.child('HostedZoneName')?.text()?.replace(/\.$/, '');
  const certificate = value(cursor, 'CertificateArn');
  const zone = value(route53, 'HostedZoneId') ?? (zoneName === undefined ? undefined : lookup(`zone:${zoneName}`));
  const policy = cursor.child('SecurityPolicy')?.plain();
  const tls = cursor.child('MutualTlsAuthentication');
  const version = value(tls, 'TruststoreVersion');
  const distribution = route53?.child('DistributionDomainName');
  distribution?.plain();
  const domain: Record<string, Plain> = {
    name: value(cursor, 'DomainName') ?? null,
    ...(certificate === undefined ? {} : { certificate }),
    ...(zone === undefined ? {} : { zone }),
    ...(distribution === undefined ? {} : { record: false }),
    ...(policy === undefined || policy === 'TLS_1_2' ? {} : { securityPolicy: policy }),
    ...(route53?.child('IpV6')?.flag() === true ? { ipAddressType: 'dualstack' } : {}),
    ...(tls === undefined
      ? {}
      : {
          mutualTls: {
            truststore: value(tls, 'TruststoreUri') ?? null,
            ...(version === undefined ? {} : { version }),
          },
        }),
  };
  cursor.child('NormalizeBasePath')?.plain();
  const bases = ([cursor.child('BasePath')?.plain() ?? '/'].flat() as readonly Plain[]).map((base) =>
    String(base).replace(/^\/|\/$/g, ''),
  );
  for (const basePath of bases) {
    addDomain(draft, path, { ...domain, ...(basePath === '' ? {} : { basePath }) }, placeOf(cursor));
  }
  if (distribution !== undefined) {
    draft.dropped(placeOf(distribution), 'fx points the name of a domain at the API, not at a distribution', {
      remedy: 'write the AWS::Route53::RecordSet under resources',
      beside: [...path, 'domain'],
    });
  }
  const endpoint = cursor.child('EndpointConfiguration')?.text();
  if (endpoint === 'EDGE' && certificate !== undefined) {
    draft.changed(placeOf(cursor), 'the domain is regional, and the certificate of an edge one is in us-east-1', {
      remedy: 'name a certificate of the region of the API',
      beside: [...path, 'domain'],
    });
  }
}

// Domains of APIs: those of serverless-domain-manager under `custom`, and those of version 4 under `provider`.
import type { Cursor } from '../cursor.ts';
import { addDomain, regionalForDomain } from '../domains.ts';
import { placeOf } from '../draft.ts';
import { hasLookups, lookup } from '../lookup-text.ts';
import type { Service } from './service.ts';

const kinds = ['rest', 'http', 'websocket'];

/** One domain, or several by the kind of API. */
export function pluginDomains(service: Service, settings: Cursor): void {
  for (const item of settings.each()) {
    const own = item.keys().filter((key) => kinds.includes(key));
    for (const kind of own) {
      const cursor = item.child(kind);
      if (cursor !== undefined) domain(service, { kind, cursor, name: cursor.child('domainName') });
    }
    if (own.length === 0)
      domain(service, { kind: item.child('apiType')?.text(), cursor: item, name: item.child('domainName') });
  }
}

/** `domain` or `domains` of the provider; the functions are converted, which tell what APIs there are. */
export function providerDomains(service: Service): void {
  const { draft, provider } = service;
  const events = JSON.stringify(draft.get(['functions']) ?? {});
  const usual = ['http', 'rest', 'websocket'].find((kind) => events.includes(`{"${kind}":`)) ?? 'http';
  for (const key of ['domain', 'domains']) {
    for (const item of provider?.child(key)?.each() ?? []) {
      const name = item.isMap ? item.child('name') : item;
      domain(service, { kind: item.child('apiType')?.text() ?? usual, cursor: item, name });
    }
  }
}

interface Domain {
  readonly kind: string | undefined;
  readonly cursor: Cursor;
  readonly name: Cursor | undefined;
}

function domain({ draft }: Service, { kind, cursor, name }: Domain): void {
  const text = name?.text();
  if (text === undefined || cursor.child('enabled')?.flag() === false) return;
  const section = kinds.find((known) => known === kind?.toLowerCase()) ?? 'rest';
  const path = [section, 'domain'];
  const basePath = cursor.child('basePath')?.text();
  const certificate = cursor.child('certificateArn')?.plain();
  const isManaged = cursor.child('createRoute53Record')?.flag() ?? true;
  const parent = zoneOf(text);
  const found = isManaged && !hasLookups(parent) ? lookup(`zone:${parent}`) : undefined;
  const zone = cursor.child('hostedZoneId')?.plain() ?? found;
  cursor.child('stage')?.plain();
  const policy = cursor.child('securityPolicy')?.text()?.toUpperCase();
  addDomain(
    draft,
    [section],
    {
      name: text,
      ...(basePath === undefined || basePath === '' || basePath === '(none)' ? {} : { basePath }),
      ...(zone === undefined ? {} : { zone }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(policy === 'TLS_1_0' ? { securityPolicy: policy } : {}),
    },
    placeOf(cursor),
  );
  for (const key of ['endpointType', 'apiType', 'createRoute53Record', 'createRoute53IPv6Record', 'autoDomain'])
    cursor.child(key)?.plain();
  regionalForDomain(draft, [section], placeOf(cursor));
  draft.changed(
    placeOf(cursor),
    `${section}.domain: fx makes the domain, its certificate and its record with the stack`,
    { remedy: 'remove the old domain first, or write existing: true while it serves', beside: path },
  );
}

/** The zone that holds a name, most likely: api.shop.example.com is in example.com, and api.example.co.jp in example.co.jp. */
function zoneOf(name: string): string {
  const labels = name.split('.');
  const isShared = /^(ac|co|com|edu|gov|ne|net|or|org)\.[a-z]{2}$/.test(labels.slice(-2).join('.'));
  return labels.slice(isShared ? -3 : -2).join('.');
}

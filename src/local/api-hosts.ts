// Requests on the port of the local AWS whose host names an API: `<id>.execute-api.<region>.localhost`, or a domain with `.localhost`.
import type { IncomingMessage } from 'node:http';
import { notFound } from './api-gateway.ts';
import { AwsError, type Exchange, type MappedApi, type Service, type ServiceName, type Upgrade } from './cloud.ts';

export interface StartedRegion {
  service(name: ServiceName): Promise<Service>;
}

/** The services that have APIs. */
const apiServices: readonly ServiceName[] = ['apigatewayv2', 'apigateway'];

/** Answers, and returns whether it did: other hosts are for AWS's own APIs. */
export async function answerHost(regions: Regions, host: string, exchange: Exchange): Promise<boolean> {
  if (await answerPath(regions, exchange)) return true;
  for (const { service, apiId, mapped } of await candidates(regions, host, exchange.incoming)) {
    if (service.answer?.(apiId, exchange, mapped)) return true;
  }
  const [, id, region] = apiHost(host);
  if (id === undefined) return false;
  throw notFound(`there is no API ${id} in ${region}`);
}

/** The same for `/_aws/execute-api/<id>/…` under any name, where names below localhost do not resolve. */
async function answerPath(regions: Regions, exchange: Exchange): Promise<boolean> {
  const { incoming } = exchange;
  const [, id, path = '/'] = /^\/_aws\/execute-api\/([a-z0-9]+)([/?].*)?$/s.exec(incoming.url ?? '') ?? [];
  if (id === undefined) return false;
  incoming.url = path.startsWith('/') ? path : `/${path}`;
  for (const region of await Promise.all(regions.values())) {
    for (const { service } of await ofRegion(region, id, undefined)) if (service.answer?.(id, exchange)) return true;
  }
  throw notFound(`there is no API ${id}`);
}

/** Opens a WebSocket connection, and returns whether there is an API for it. */
export async function upgradeHost(regions: Regions, host: string, upgrade: Upgrade): Promise<boolean> {
  for (const { service, apiId, mapped } of await candidates(regions, host, upgrade.incoming)) {
    if (service.upgrade?.(apiId, upgrade, mapped)) return true;
  }
  return false;
}

type Regions = ReadonlyMap<string, Promise<StartedRegion>>;

interface Candidate {
  readonly service: Service;
  readonly apiId: string;
  readonly mapped: MappedApi | undefined;
}

const apiHost = (host: string): readonly string[] =>
  /^([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.localhost(?::\d+)?$/i.exec(host) ?? [];

/** The services that may have the API that the host and the path name. */
async function candidates(
  regions: Regions,
  host: string,
  { url = '/' }: IncomingMessage,
): Promise<readonly Candidate[]> {
  const [, name] = /^(.+)\.localhost(?::\d+)?$/i.exec(host) ?? [];
  if (name === undefined) return [];
  const [, id, regionName = ''] = apiHost(host);
  if (id !== undefined) return ofRegion(await regions.get(regionName), id, undefined);
  for (const region of await Promise.all(regions.values())) {
    const domains = await region.service('apigatewayv2');
    const mapped = domains.mappingFor?.(name.toLowerCase(), url.split('?')[0] ?? '/');
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
    if (mapped === 'none') throw new AwsError('ForbiddenException', 'Forbidden', 403);
    if (mapped !== undefined) return ofRegion(region, mapped.apiId, mapped);
  }
  return [];
}

async function ofRegion(
  region: StartedRegion | undefined,
  apiId: string,
  mapped: MappedApi | undefined,
): Promise<readonly Candidate[]> {
  if (region === undefined) return [];
  return Promise.all(apiServices.map(async (name) => ({ service: await region.service(name), apiId, mapped })));
}

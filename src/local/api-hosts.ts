// Requests on the port of the local AWS whose host names an API: `<id>.execute-api.<region>.localhost`, or a domain with `.localhost`.
import { AwsError, type Exchange, type MappedApi, type Service, type ServiceName } from './cloud.ts';

export interface StartedRegion {
  service(name: ServiceName): Promise<Service>;
}

/** The services that have APIs. */
const apiServices: readonly ServiceName[] = ['apigatewayv2'];

/** Answers, and returns whether it did: other hosts are for AWS's own APIs. */
export async function answerHost(
  regions: ReadonlyMap<string, Promise<StartedRegion>>,
  host: string,
  exchange: Exchange,
): Promise<boolean> {
  const [, name] = /^(.+)\.localhost(?::\d+)?$/i.exec(host) ?? [];
  if (name === undefined) return false;
  const [, id, region = ''] = /^([a-z0-9]+)\.execute-api\.([a-z0-9-]+)$/i.exec(name) ?? [];
  if (id !== undefined) {
    if (await answerApi(await regions.get(region), id, exchange)) return true;
    throw new AwsError('NotFoundException', `there is no API ${id} in ${region}`, 404);
  }
  for (const started of await Promise.all(regions.values())) {
    const domains = await started.service('apigatewayv2');
    const [path = '/'] = (exchange.incoming.url ?? '/').split('?');
    const mapped = domains.mappingFor?.(name.toLowerCase(), path);
    if (mapped !== undefined && (await answerApi(started, mapped.apiId, exchange, mapped))) return true;
  }
  return false;
}

async function answerApi(
  region: StartedRegion | undefined,
  apiId: string,
  exchange: Exchange,
  mapped?: MappedApi,
): Promise<boolean> {
  for (const name of apiServices) {
    const service = await region?.service(name);
    if (service?.answer?.(apiId, exchange, mapped)) return true;
  }
  return false;
}

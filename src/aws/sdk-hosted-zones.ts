// The hosted zones of Route 53, through the SDK.
import type { Lookups } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html */
export function sdkHostedZones(config: Config, ask: Ask): Lookups['hostedZones'] {
  const load = once(async () => {
    const sdk = await import('./clients/route-53.ts');
    return { sdk, client: new sdk.Route53Client({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return (name) =>
    ask('route53:ListHostedZonesByName', async () => {
      const { sdk, client } = await load();
      const DNSName = `${name.replace(/\.$/, '').toLowerCase()}.`;
      const { HostedZones = [] } = await client.send(new sdk.ListHostedZonesByNameCommand({ DNSName }));
      return HostedZones.filter((zone) => zone.Name === DNSName && zone.Config?.PrivateZone !== true).map(
        ({ Id = '' }) => Id.replace('/hostedzone/', ''),
      );
    });
}

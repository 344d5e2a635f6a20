// VPCs through the SDK.
import type { Networks, Route, RouteTable, Subnet, VpcEndpoint } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

export function sdkNetworks(config: Config, ask: Ask): Networks {
  const load = once(async () => {
    const sdk = await import('./clients/ec2.ts');
    return { sdk, client: new sdk.EC2Client({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    subnets: (ids) =>
      ask('ec2:DescribeSubnets', async () => {
        const { sdk, client } = await load();
        const found: Subnet[] = [];
        // by filter: an id that does not exist would be an error
        const input = { Filters: [{ Name: 'subnet-id', Values: [...ids] }] };
        for await (const { Subnets = [] } of sdk.paginateDescribeSubnets({ client }, input)) {
          for (const { SubnetId, VpcId, AvailabilityZone, AvailableIpAddressCount } of Subnets) {
            found.push({
              id: SubnetId ?? '',
              vpc: VpcId ?? '',
              zone: AvailabilityZone ?? '',
              freeAddresses: AvailableIpAddressCount ?? 0,
            });
          }
        }
        return found;
      }),
    routeTables: (vpc) =>
      ask('ec2:DescribeRouteTables', async () => {
        const { sdk, client } = await load();
        const found: RouteTable[] = [];
        for await (const { RouteTables = [] } of sdk.paginateDescribeRouteTables({ client }, inVpc(vpc))) {
          for (const { RouteTableId, Routes = [], Associations = [] } of RouteTables) {
            found.push({
              id: RouteTableId ?? '',
              isMain: Associations.some(({ Main }) => Main === true),
              subnets: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
              routes: Routes.map(
                (route): Route => ({
                  to:
                    route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? '',
                  through:
                    route.NatGatewayId ??
                    route.GatewayId ??
                    route.TransitGatewayId ??
                    route.NetworkInterfaceId ??
                    route.InstanceId ??
                    route.VpcPeeringConnectionId ??
                    route.EgressOnlyInternetGatewayId ??
                    '',
                  isBlackhole: route.State === 'blackhole',
                }),
              ),
            });
          }
        }
        return found;
      }),
    endpoints: (vpc) =>
      ask('ec2:DescribeVpcEndpoints', async () => {
        const { sdk, client } = await load();
        const found: VpcEndpoint[] = [];
        for await (const { VpcEndpoints = [] } of sdk.paginateDescribeVpcEndpoints({ client }, inVpc(vpc))) {
          for (const each of VpcEndpoints) {
            // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
            if (each.State?.toLowerCase() !== 'available') continue;
            if (each.VpcEndpointType !== 'Gateway' && each.VpcEndpointType !== 'Interface') continue;
            found.push({
              service: each.ServiceName ?? '',
              kind: each.VpcEndpointType === 'Gateway' ? 'gateway' : 'interface',
              routeTables: each.RouteTableIds ?? [],
              hasServiceName: each.PrivateDnsEnabled ?? false,
            });
          }
        }
        return found;
      }),
    lambdaInterfaces: (vpc) =>
      ask('ec2:DescribeNetworkInterfaces', async () => {
        const { sdk, client } = await load();
        const input = inVpc(vpc, { Name: 'interface-type', Values: ['lambda'] });
        let count = 0;
        for await (const { NetworkInterfaces = [] } of sdk.paginateDescribeNetworkInterfaces({ client }, input)) {
          count += NetworkInterfaces.length;
        }
        return count;
      }),
  };
}

interface Filter {
  readonly Name: string;
  readonly Values: string[];
}

function inVpc(vpc: string, ...filters: readonly Filter[]): { readonly Filters: Filter[] } {
  return { Filters: [{ Name: 'vpc-id', Values: [vpc] }, ...filters] };
}

// What AWS asks for: the dimensions that fx counts, with their prices in US East (N. Virginia), where each comes from, and where the Price
// List API has it. `fx cost --update` reads the prices of a region from there.

/** From this quantity a month on, in this order: the price of one unit, in USD. */
export type Tiers = readonly (readonly [from: number, each: number])[];

export interface Dimension {
  /** What is counted, in the plural. */
  readonly unit: string;
  readonly tiers: Tiers;
  /** Units of each month that the account has for nothing, shared with every dimension of the same pool. */
  readonly free?: { readonly pool: string; readonly units: number };
  readonly source: string;
  /** Without the region's prefix, such as `EUC1-`. Only where it is known. */
  readonly listed?: { readonly service: string; readonly usageType: string; readonly family?: string };
}

const lambda = 'https://aws.amazon.com/lambda/pricing/';
const gateway = 'https://aws.amazon.com/api-gateway/pricing/';
const billion = 1e9;
const gigabyte = 1024 ** 3;
const requestsFree = { pool: 'lambda.requests', units: 1e6 };
const durationFree = { pool: 'lambda.duration', units: 400_000 };
const inLambda = (usageType: string) => ({ service: 'AWSLambda', usageType });
const inGateway = (usageType: string) => ({ service: 'AmazonApiGateway', usageType });

/** The day of the prices below. */
export const pricesDate = '2026-09-19';
export const pricesRegion = 'us-east-1';

export const dimensions = {
  'lambda.requests': {
    unit: 'requests',
    tiers: [[0, 0.2e-6]],
    free: requestsFree,
    source: lambda,
    listed: inLambda('Request'),
  },
  'lambda.duration.x86_64': {
    unit: 'GB-seconds',
    tiers: [
      [0, 0.0000166667],
      [6 * billion, 0.000015],
      [15 * billion, 0.0000133334],
    ],
    free: durationFree,
    source: lambda,
    listed: inLambda('Lambda-GB-Second'),
  },
  'lambda.duration.arm64': {
    unit: 'GB-seconds',
    tiers: [
      [0, 0.0000133334],
      [7.5 * billion, 0.0000120001],
      [18.75 * billion, 0.0000106667],
    ],
    free: durationFree,
    source: lambda,
    listed: inLambda('Lambda-GB-Second-ARM'),
  },
  // beyond the 512 MB that every function has
  'lambda.storage': {
    unit: 'GB-seconds',
    tiers: [[0, 0.0000000309]],
    source: lambda,
    listed: inLambda('Lambda-Storage-GB-Second'),
  },
  'lambda.provisioned.x86_64': {
    unit: 'GB-seconds',
    tiers: [[0, 0.0000041667]],
    source: lambda,
    listed: inLambda('Lambda-Provisioned-Concurrency'),
  },
  'lambda.provisioned.arm64': {
    unit: 'GB-seconds',
    tiers: [[0, 0.0000033334]],
    source: lambda,
    listed: inLambda('Lambda-Provisioned-Concurrency-ARM'),
  },
  'lambda.provisioned-duration.x86_64': {
    unit: 'GB-seconds',
    tiers: [[0, 0.0000097222]],
    source: lambda,
    listed: inLambda('Lambda-Provisioned-GB-Second'),
  },
  'lambda.provisioned-duration.arm64': {
    unit: 'GB-seconds',
    tiers: [[0, 0.0000077778]],
    source: lambda,
    listed: inLambda('Lambda-Provisioned-GB-Second-ARM'),
  },
  // Python and .NET; those of Java are free
  'lambda.snapshot-cache': {
    unit: 'GB-seconds',
    tiers: [[0, 0.0000015046]],
    source: lambda,
    listed: inLambda('Lambda-SnapStart-Cached-GB-S'),
  },
  'lambda.snapshot-restore': {
    unit: 'GB',
    tiers: [[0, 0.0001397998]],
    source: lambda,
    listed: inLambda('Lambda-SnapStart-Restored-GB'),
  },
  // beyond the first 6 MB of each response
  'lambda.streaming': {
    unit: 'GB',
    tiers: [[0, 0.008]],
    free: { pool: 'lambda.streaming', units: 100 },
    source: lambda,
    listed: inLambda('Lambda-Streaming-Response-Processed-Bytes'),
  },
  'lambda.pollers.sqs': { unit: 'hours', tiers: [[0, 0.00925]], source: lambda },
  'lambda.pollers.kafka': { unit: 'hours', tiers: [[0, 0.185]], source: lambda },
  'lambda.edge-requests': { unit: 'requests', tiers: [[0, 0.6e-6]], source: lambda },
  'lambda.edge-duration': { unit: 'GB-seconds', tiers: [[0, 0.00005001]], source: lambda },
  'api.http': {
    unit: 'requests',
    tiers: [
      [0, 1e-6],
      [300e6, 0.9e-6],
    ],
    source: gateway,
    listed: inGateway('ApiGatewayHttpRequest'),
  },
  'api.rest': {
    unit: 'requests',
    tiers: [
      [0, 3.5e-6],
      [333e6, 2.8e-6],
      [billion, 2.38e-6],
      [20 * billion, 1.51e-6],
    ],
    source: gateway,
    listed: inGateway('ApiGatewayRequest'),
  },
  'api.websocket': {
    unit: 'messages',
    tiers: [
      [0, 1e-6],
      [billion, 0.8e-6],
    ],
    source: gateway,
    listed: inGateway('ApiGatewayMessage'),
  },
  'api.websocket-minutes': {
    unit: 'minutes',
    tiers: [[0, 0.25e-6]],
    source: gateway,
    listed: inGateway('ApiGatewayMinute'),
  },
  'sqs.standard': {
    unit: 'requests',
    tiers: [[0, 0.4e-6]],
    free: { pool: 'sqs', units: 1e6 },
    source: 'https://aws.amazon.com/sqs/pricing/',
    listed: { service: 'AWSQueueService', usageType: 'Requests-Tier1' },
  },
  'sqs.fifo': {
    unit: 'requests',
    tiers: [[0, 0.5e-6]],
    free: { pool: 'sqs', units: 1e6 },
    source: 'https://aws.amazon.com/sqs/pricing/',
    listed: { service: 'AWSQueueService', usageType: 'Requests-FIFO-Tier1' },
  },
  'scheduler.invocations': {
    unit: 'invocations',
    tiers: [[0, 1e-6]],
    free: { pool: 'scheduler', units: 14e6 },
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  // events of AWS services on the default bus are free
  'eventbridge.events': { unit: 'events', tiers: [[0, 1e-6]], source: 'https://aws.amazon.com/eventbridge/pricing/' },
  'pipes.requests': { unit: 'requests', tiers: [[0, 0.4e-6]], source: 'https://aws.amazon.com/eventbridge/pricing/' },
  'logs.lambda': {
    unit: 'GB',
    tiers: [
      [0, 0.5],
      [10_000, 0.25],
      [30_000, 0.1],
      [50_000, 0.05],
    ],
    free: { pool: 'logs', units: 5 },
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  'logs.lambda-infrequent-access': {
    unit: 'GB',
    tiers: [
      [0, 0.25],
      [10_000, 0.15],
      [30_000, 0.075],
      [50_000, 0.05],
    ],
    free: { pool: 'logs', units: 5 },
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  'nat.hours': {
    unit: 'hours',
    tiers: [[0, 0.045]],
    source: 'https://aws.amazon.com/vpc/pricing/',
    listed: { service: 'AmazonEC2', usageType: 'NatGateway-Hours', family: 'NAT Gateway' },
  },
  'nat.bytes': {
    unit: 'GB',
    tiers: [[0, 0.045]],
    source: 'https://aws.amazon.com/vpc/pricing/',
    listed: { service: 'AmazonEC2', usageType: 'NatGateway-Bytes', family: 'NAT Gateway' },
  },
} as const satisfies Readonly<Record<string, Dimension>>;

export type DimensionId = keyof typeof dimensions;
export const dimensionIds = Object.keys(dimensions) as readonly DimensionId[];
export const dimensionOf = (id: DimensionId): Dimension => dimensions[id];

export const bytesPerGigabyte = gigabyte;

/** Prices that `fx cost --update` read. */
export interface PriceList {
  readonly region: string;
  /** ISO 8601. */
  readonly date: string;
  readonly tiers: Readonly<Partial<Record<DimensionId, Tiers>>>;
}

/** Those of fx itself, or of US East where a list has none. */
export const builtInPrices: PriceList = { region: pricesRegion, date: pricesDate, tiers: {} };

export function tiersOf({ tiers }: PriceList, id: DimensionId): Tiers {
  return tiers[id] ?? dimensionOf(id).tiers;
}

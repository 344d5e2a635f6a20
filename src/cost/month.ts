// What the resources of a template use in a month, given the traffic of each function.
import { functionIdsIn } from '../cfn/logical-ids.ts';
import type { Resource, Template, Value } from '../cfn/resource.ts';
import type { Traffic } from '../settings/traffic.ts';
import type { Quantity } from './bill.ts';
import { bytesPerGigabyte, type DimensionId } from './prices.ts';
import { scheduledRuns } from './scheduled-runs.ts';
import { type FunctionSource, sourcesOf } from './sources.ts';

/** As AWS's calculator has it: 365 days are 8,760 hours. */
export const hoursPerMonth = 730;
const secondsPerMonth = hoursPerMonth * 3600;
/** What Lambda and every function have for nothing. https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html */
const includedStorage = 512;
/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html */
const includedStreaming = 6 * 1024 * 1024;
/** START, END and REPORT. */
const linesOfLambda = 500;
/** Lambda reads a queue with five connections, each of which waits up to 20 s for a message.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const pollsPerMonth = 5 * (secondsPerMonth / 20);

export interface FunctionTraffic {
  readonly name: string;
  readonly traffic: Traffic;
}

/** A function in a month. */
export interface FunctionMonth {
  readonly name: string;
  /** MB. */
  readonly memory: number;
  readonly architecture: 'arm64' | 'x86_64';
  readonly requests: number;
  readonly gbSeconds: number;
}

export interface Month {
  readonly functions: readonly FunctionMonth[];
  readonly quantities: readonly Quantity[];
}

/** `now`: milliseconds; one-time schedules that are due within a month of it count. */
export function monthOf(templates: readonly Template[], functions: readonly FunctionTraffic[], now: number): Month {
  const resources: Resources = Object.assign({}, ...templates.map(({ Resources }) => Resources));
  const whole: Whole = { ...templates[0], Resources: resources };
  const months = functions
    .filter(({ name }) => resources[functionIdsIn(whole, name).function] !== undefined)
    .map((of) => functionMonth(whole, of, now));
  const gateways = Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::EC2::NatGateway')
    .map(([owner]) => ({ owner, dimension: 'nat.hours' as const, units: hoursPerMonth }));
  return {
    functions: months.map(({ month }) => month),
    quantities: [...months.flatMap(({ quantities }) => quantities), ...gateways],
  };
}

type Resources = Readonly<Record<string, Resource>>;

type Whole = Pick<Template, 'Metadata' | 'Resources'>;

function functionMonth(template: Whole, { name, traffic }: FunctionTraffic, now: number) {
  const resources = template.Resources;
  const ids = functionIdsIn(template, name);
  const properties = resources[ids.function]?.Properties ?? {};
  const { MemorySize, Architectures, EphemeralStorage, SnapStart, Runtime } = properties;
  const memory = Number(MemorySize ?? 128);
  const gigabytes = memory / 1024;
  const architecture = (Architectures as readonly string[] | undefined)?.[0] === 'arm64' ? 'arm64' : 'x86_64';
  const sources = sourcesOf(template, name).map((source) => ({ ...source, runs: runsOf(source, now) }));
  const scheduled = sources.reduce((sum, { runs }) => sum + runs, 0);
  const requests = traffic.requests ?? scheduled;
  const seconds = (traffic.duration ?? 0) / 1000;
  const coldStarts = requests * (traffic.coldStarts ?? 0);
  const startSeconds = coldStarts * ((traffic.initialization ?? 0) / 1000);
  const isSnapStart = (SnapStart as { ApplyOn?: string } | undefined)?.ApplyOn === 'PublishedVersions';
  const gbSeconds = gigabytes * (requests * seconds + (isSnapStart ? 0 : startSeconds));
  const provisioned = provisionedOf(resources[ids.alias]);
  const isAtEdge = sources.some(({ kind }) => kind === 'edge');
  const storage = Number((EphemeralStorage as { Size?: number } | undefined)?.Size ?? includedStorage);
  const logged = (requests * (traffic.logs ?? linesOfLambda)) / bytesPerGigabyte;
  const isInfrequent = resources[ids.logGroup]?.Properties?.['LogGroupClass'] === 'INFREQUENT_ACCESS';

  const units: readonly (readonly [DimensionId, number])[] = [
    ...(isAtEdge
      ? ([
          ['lambda.edge-requests', requests],
          ['lambda.edge-duration', gbSeconds],
        ] as const)
      : ([
          ['lambda.requests', requests],
          [`${provisioned > 0 ? 'lambda.provisioned-duration' : 'lambda.duration'}.${architecture}`, gbSeconds],
        ] as const)),
    [`lambda.provisioned.${architecture}`, provisioned * gigabytes * secondsPerMonth],
    ['lambda.storage', (Math.max(0, storage - includedStorage) / 1024) * requests * seconds],
    ...(isSnapStart && /^(python|dotnet)/.test(String(Runtime))
      ? ([
          ['lambda.snapshot-cache', gigabytes * secondsPerMonth],
          ['lambda.snapshot-restore', gigabytes * coldStarts],
        ] as const)
      : []),
    [isInfrequent ? 'logs.lambda-infrequent-access' : 'logs.lambda', logged],
    ['nat.bytes', (requests * (traffic.nat ?? 0)) / bytesPerGigabyte],
    ['api.websocket-minutes', traffic.connectionMinutes ?? 0],
    ...sourceUnits(sources, { others: Math.max(0, requests - scheduled), response: traffic.response ?? 0 }),
  ];
  return {
    month: { name, memory, architecture, requests, gbSeconds } satisfies FunctionMonth,
    quantities: units.map(([dimension, count]): Quantity => ({ owner: name, dimension, units: count })),
  };
}

interface Calls {
  /** Invocations that no schedule makes: every other source has the same share. */
  readonly others: number;
  /** Bytes. */
  readonly response: number;
}

/** `runs`: of a schedule, in a month. */
type CountedSource = FunctionSource & { readonly runs: number };

function sourceUnits(
  sources: readonly CountedSource[],
  { others, response }: Calls,
): readonly (readonly [DimensionId, number])[] {
  const count = sources.filter((source) => source.kind !== 'schedule' && source.kind !== 'edge').length;
  const share = count === 0 ? 0 : others / count;
  const streamed = (share * Math.max(0, response - includedStreaming)) / bytesPerGigabyte;
  return sources.flatMap((source): readonly (readonly [DimensionId, number])[] => {
    switch (source.kind) {
      case 'schedule':
        return source.isRule ? [] : [['scheduler.invocations', source.runs]];
      case 'api':
        return [
          [`api.${source.protocol}`, share],
          ...(source.isStreamed ? [['lambda.streaming', streamed] as const] : []),
        ];
      case 'url':
        return source.isStreamed ? [['lambda.streaming', streamed]] : [];
      case 'queue':
        return [
          // one call receives a batch, one deletes it
          [source.isFifo ? 'sqs.fifo' : 'sqs.standard', 2 * share + pollsPerMonth],
          ['lambda.pollers.sqs', source.pollers * hoursPerMonth],
        ];
      case 'kafka':
        return [['lambda.pollers.kafka', source.pollers * hoursPerMonth]];
      case 'bus':
        return source.isCustom ? [['eventbridge.events', share]] : [];
      case 'pipe':
        return [['pipes.requests', share]];
      default:
        return [];
    }
  });
}

function runsOf(source: FunctionSource, now: number): number {
  if (source.kind !== 'schedule' || !source.isEnabled) return 0;
  return scheduledRuns(source, now, hoursPerMonth * 3_600_000);
}

function provisionedOf(alias: Resource | undefined): number {
  const config = alias?.Properties?.['ProvisionedConcurrencyConfig'] as
    | { readonly ProvisionedConcurrentExecutions?: Value }
    | undefined;
  return Number(config?.ProvisionedConcurrentExecutions ?? 0);
}

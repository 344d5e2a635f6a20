// What calls a function, from the resources of its template: an API, a schedule, a queue, a bus.
import { callsTo } from '../cfn/function-calls.ts';
import { type Resource, referencesIn, type Template, type Value } from '../cfn/resource.ts';

export type FunctionSource =
  | { readonly kind: 'api'; readonly protocol: 'http' | 'rest' | 'websocket'; readonly isStreamed: boolean }
  | {
      readonly kind: 'schedule';
      readonly expression: string;
      readonly timezone: string | undefined;
      readonly isEnabled: boolean;
      readonly isRule: boolean;
    }
  | { readonly kind: 'queue'; readonly isFifo: boolean; readonly pollers: number }
  | { readonly kind: 'kafka'; readonly pollers: number }
  | { readonly kind: 'bus'; readonly isCustom: boolean }
  | { readonly kind: 'url'; readonly isStreamed: boolean }
  | { readonly kind: 'pipe' | 'edge' | 'free' };

type Resources = Readonly<Record<string, Resource>>;
type Reader = (properties: NonNullable<Resource['Properties']>, of: Of) => FunctionSource | undefined;

interface Of {
  readonly resources: Resources;
  /** Whether a value refers to the function, its alias or one of its versions. */
  calls(value: Value | undefined): boolean;
}

/** Principals whose source shows in a resource of its own. */
const seenElsewhere = [
  'apigateway.amazonaws.com',
  'events.amazonaws.com',
  'scheduler.amazonaws.com',
  'edgelambda.amazonaws.com',
];

const readers: Readonly<Record<string, Reader>> = {
  'AWS::ApiGatewayV2::Integration'({ ApiId, IntegrationUri }, { resources, calls }) {
    if (!calls(IntegrationUri)) return undefined;
    const [api] = referencesIn(ApiId);
    const isWebSocket = resources[api?.logicalId ?? '']?.Properties?.['ProtocolType'] === 'WEBSOCKET';
    return { kind: 'api', protocol: isWebSocket ? 'websocket' : 'http', isStreamed: false };
  },
  'AWS::ApiGateway::Method'({ Integration }, { calls }) {
    const { Uri, ResponseTransferMode } = (Integration ?? {}) as Readonly<Record<string, Value>>;
    if (!calls(Uri)) return undefined;
    return { kind: 'api', protocol: 'rest', isStreamed: ResponseTransferMode === 'STREAM' };
  },
  'AWS::Scheduler::Schedule'({ Target, ScheduleExpression, ScheduleExpressionTimezone, State }, { calls }) {
    if (!calls((Target as { Arn?: Value } | undefined)?.Arn)) return undefined;
    return {
      kind: 'schedule',
      expression: String(ScheduleExpression),
      timezone: typeof ScheduleExpressionTimezone === 'string' ? ScheduleExpressionTimezone : undefined,
      isEnabled: State !== 'DISABLED',
      isRule: false,
    };
  },
  'AWS::Events::Rule'({ Targets, ScheduleExpression, State, EventBusName }, { calls }) {
    const targets = (Targets ?? []) as readonly { readonly Arn?: Value }[];
    if (!targets.some(({ Arn }) => calls(Arn))) return undefined;
    if (ScheduleExpression === undefined) {
      return { kind: 'bus', isCustom: EventBusName !== undefined && EventBusName !== 'default' };
    }
    const isEnabled = State !== 'DISABLED';
    return { kind: 'schedule', expression: String(ScheduleExpression), timezone: undefined, isEnabled, isRule: true };
  },
  'AWS::Lambda::EventSourceMapping'({ FunctionName, EventSourceArn, ProvisionedPollerConfig, ...others }, of) {
    if (!of.calls(FunctionName)) return undefined;
    const pollers = Number((ProvisionedPollerConfig as { MinimumPollers?: Value } | undefined)?.MinimumPollers ?? 0);
    const queue = of.resources[referencesIn(EventSourceArn)[0]?.logicalId ?? ''];
    const written = typeof EventSourceArn === 'string' ? EventSourceArn : JSON.stringify(EventSourceArn ?? '');
    if (queue?.Type === 'AWS::SQS::Queue' || /:sqs:/.test(written)) {
      const isFifo = queue?.Properties?.['FifoQueue'] === true || /\.fifo\b/.test(written);
      return { kind: 'queue', isFifo, pollers };
    }
    const isKafka =
      'SelfManagedEventSource' in others || /:kafka:/.test(written) || /^AWS::MSK::/.test(queue?.Type ?? '');
    return isKafka ? { kind: 'kafka', pollers } : { kind: 'free' };
  },
  'AWS::Lambda::Url'({ TargetFunctionArn, InvokeMode }, { calls }) {
    return calls(TargetFunctionArn) ? { kind: 'url', isStreamed: InvokeMode === 'RESPONSE_STREAM' } : undefined;
  },
  'AWS::Pipes::Pipe': ({ Target }, { calls }) => (calls(Target) ? { kind: 'pipe' } : undefined),
  'AWS::CloudFront::Distribution': ({ DistributionConfig }, { calls }) =>
    calls(DistributionConfig) ? { kind: 'edge' } : undefined,
  'AWS::Lambda::Permission'({ FunctionName, Principal, FunctionUrlAuthType, InvokedViaFunctionUrl }, { calls }) {
    const isOfUrl = FunctionUrlAuthType !== undefined || InvokedViaFunctionUrl !== undefined;
    return !calls(FunctionName) || isOfUrl || seenElsewhere.includes(String(Principal)) ? undefined : { kind: 'free' };
  },
};

/** An API counts once, however many of its routes call the function. */
export function sourcesOf(template: Pick<Template, 'Metadata' | 'Resources'>, name: string): readonly FunctionSource[] {
  const resources = template.Resources;
  const of: Of = { resources, calls: callsTo(template, name) };
  const sources = Object.values(resources).flatMap(
    ({ Type, Properties = {} }) => readers[Type]?.(Properties, of) ?? [],
  );
  const seen = new Set<string>();
  return sources.filter((source) => {
    const key = JSON.stringify(source);
    const isRepeated = source.kind === 'api' && seen.has(key);
    seen.add(key);
    return !isRepeated;
  });
}

// X-Ray traces of invocations: the context that functions get, and the segments that Lambda sends for those with active tracing.
// https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
import { AwsError, type Cloud } from '../cloud.ts';
import { randomHex } from '../random.ts';
import { type FunctionReference, functionArn } from './names.ts';
import type { Settings } from './state.ts';

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
export interface TraceContext {
  readonly root: string;
  /** The segment that calls. */
  readonly parent: string | undefined;
  readonly isSampled: boolean;
  /** The segments of this invocation. */
  readonly serviceId: string;
  readonly functionId: string;
}

/** Continues the caller's trace, or begins one. The local AWS samples every call of a function with active tracing that its caller has not decided on. */
export function traceContext(
  { header, tracing }: { readonly header: string | undefined; readonly tracing: Settings['tracing'] },
  now: number,
): TraceContext {
  const given = Object.fromEntries((header ?? '').split(';').map((part) => part.trim().split('=')));
  const seconds = Math.floor(now / 1000).toString(16);
  const sampled = given['Sampled'];
  return {
    root: /^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(given['Root'] ?? '') ? given['Root'] : `1-${seconds}-${randomHex(12)}`,
    parent: /^[0-9a-f]{16}$/.test(given['Parent'] ?? '') ? given['Parent'] : undefined,
    isSampled: sampled === '1' || (tracing === 'Active' && sampled !== '0'),
    serviceId: randomHex(8),
    functionId: randomHex(8),
  };
}

/** What the function gets: its own segment is the parent of what it calls. */
export function traceHeader({ root, functionId, isSampled }: TraceContext): string {
  return `Root=${root};Parent=${functionId};Sampled=${isSampled ? 1 : 0}`;
}

export interface TracedInvocation {
  readonly context: TraceContext;
  readonly settings: Settings;
  readonly reference: FunctionReference;
  readonly requestId: string;
  /** When it was accepted, and when it had ended. */
  readonly began: number;
  readonly ended: number;
  /** Undefined if it did not run: it was throttled. */
  readonly ran:
    | { readonly durationMs: number; readonly initMs: number | undefined; readonly failed: boolean }
    | undefined;
}

/** Sends the segments with the function's role, without waiting. As on AWS, a role that may not send them leaves no trace. */
export function sendSegments(cloud: Cloud, invocation: TracedInvocation): void {
  const { context, settings, reference } = invocation;
  if (!context.isSampled || settings.tracing !== 'Active') return;
  const sender = { kind: 'role', arn: settings.role, session: reference.name } as const;
  const TraceSegmentDocuments = segmentsOf(cloud, invocation).map((segment) => JSON.stringify(segment));
  cloud.call('xray', 'PutTraceSegments', { TraceSegmentDocuments }, sender).catch((error) => {
    if (!(error instanceof AwsError)) throw error;
  });
}

function segmentsOf(cloud: Cloud, { context, reference, requestId, began, ended, ran }: TracedInvocation): object[] {
  const { root, parent, serviceId, functionId } = context;
  const same = {
    name: reference.name,
    trace_id: root,
    aws: { account_id: cloud.accountId, request_id: requestId, function_arn: functionArn(cloud, reference) },
    resource_arn: functionArn(cloud, reference),
  };
  const service = {
    ...same,
    id: serviceId,
    ...(parent === undefined ? {} : { parent_id: parent }),
    origin: 'AWS::Lambda',
    ...span(began, ended),
    http: { response: { status: ran === undefined ? 429 : 200 } },
    ...(ran === undefined ? { error: true, throttle: true } : {}),
  };
  if (ran === undefined) return [service];
  const started = ended - ran.durationMs;
  const initialized = started - (ran.initMs ?? 0);
  const failed = ran.failed ? { fault: true } : {};
  const part = (name: string, from: number, to: number, more = {}) => ({
    id: randomHex(8),
    name,
    ...span(from, to),
    ...more,
  });
  const subsegments = [
    ...(ran.initMs === undefined ? [] : [part('Initialization', initialized, started)]),
    part('Invocation', started, ended, failed),
    part('Overhead', ended, ended),
  ];
  const fn = {
    ...same,
    id: functionId,
    parent_id: serviceId,
    origin: 'AWS::Lambda::Function',
    ...span(started, ended),
  };
  return [service, { ...fn, ...failed, subsegments }];
}

const span = (from: number, to: number) => ({ start_time: from / 1000, end_time: to / 1000 });

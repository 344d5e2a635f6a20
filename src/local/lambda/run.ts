// Runs an accepted invocation: chooses the alias's version and passes the event to one of its environments.

import { AwsError } from '../cloud.ts';
import { drawVersion } from './aliases.ts';
import { checkContainers } from './container.ts';
import type { LambdaContext } from './context.ts';
import type { Outcome } from './invocation-end.ts';
import { type Load, recordInvocation, recordThrottle } from './metrics.ts';
import { existingFunction, existingVersion, type FunctionReference, functionArn } from './names.ts';
import type { EnvironmentPool } from './pool.ts';
import type { ResponseSink } from './runtime-api.ts';
import type { Functions, FunctionVersion } from './state.ts';
import { sendSegments, traceContext, traceHeader } from './traces.ts';

export interface Call {
  readonly reference: FunctionReference;
  readonly payload: Uint8Array;
  readonly requestId: string;
  readonly clientContext?: string;
  /** The trace of the caller. */
  readonly traceHeader?: string;
  readonly sink?: ResponseSink;
}

export interface Ran {
  readonly outcome: Outcome;
  readonly version: FunctionVersion;
}

export async function run(
  { cloud, functions, pool }: LambdaContext,
  { reference, payload, requestId, clientContext, traceHeader: header, sink }: Call,
): Promise<Ran> {
  const fn = existingFunction(cloud, functions, reference);
  const alias = fn.aliases[reference.qualifier];
  const qualifier = alias === undefined ? reference.qualifier : drawVersion(alias);
  const version = existingVersion(cloud, functions, { name: fn.name, qualifier });
  await checkContainers(version);
  const context = traceContext({ header, tracing: version.settings.tracing }, cloud.now());
  const traced = { context, settings: version.settings, reference, requestId, began: cloud.now() };
  const invocation = {
    requestId,
    payload,
    functionArn: functionArn(cloud, reference),
    traceId: traceHeader(context),
    ...(clientContext === undefined ? {} : { clientContext }),
    ...(sink === undefined ? {} : { sink }),
  };
  const measured = { functionName: fn.name, qualifier: reference.qualifier };
  try {
    const startedAt = cloud.now();
    const began = performance.now();
    const running = pool.run(fn, version, invocation);
    const load = loadOf(functions, pool, fn.name, version.version);
    const outcome = await running;
    const { failed, durationMs: duration, cold } = outcome;
    if (cloud.following.isFollowed) {
      const ran = { functionName: fn.name, cold, ...(failed ? { error: readError(outcome.payload) } : {}) };
      cloud.following.ran(ran, performance.now() - began);
    }
    const isAlias = alias !== undefined;
    const ended = { isAlias, version: version.version, began: startedAt, failed, duration, load };
    recordInvocation(cloud, { ...measured, ...ended });
    sendSegments(cloud, {
      ...traced,
      ended: cloud.now(),
      ran: { durationMs: duration, initMs: outcome.initMs, failed },
    });
    return { outcome, version };
  } catch (error) {
    if (error instanceof AwsError && error.name === 'TooManyRequestsException') {
      recordThrottle(cloud, measured);
      sendSegments(cloud, { ...traced, ended: cloud.now(), ran: undefined });
    }
    throw error;
  }
}

function loadOf(functions: Functions, pool: EnvironmentPool, name: string, version: string): Load {
  let [all, unreserved] = [0, 0];
  for (const [other, running] of pool.running()) {
    all += running;
    if (functions.get(other)?.reservedConcurrency === undefined) unreserved += running;
  }
  return { all, unreserved, concurrent: pool.running().get(name) ?? 0, ...pool.usage(name, version) };
}

/** The error that a failed invocation answers with. */
function readError(payload: Buffer): { readonly type: string; readonly message: string } {
  try {
    const { errorType = 'Error', errorMessage = '' } = JSON.parse(payload.toString('utf8')) as Record<string, unknown>;
    return { type: String(errorType), message: String(errorMessage) };
  } catch {
    return { type: 'Error', message: payload.toString('utf8', 0, 500) };
  }
}

// fx tune: measures a function with several memory sizes, each in a version of its own, and leaves everything as it was.
import type { Aws } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { inPool } from '../base/pool.ts';
import { costOf } from '../cost/bill.ts';
import { type PriceList, tiersOf } from '../cost/prices.ts';
import type { Environment } from '../project/environment.ts';
import { findStores } from '../stack/bootstrap.ts';
import { type Context, findFunction, identify, notDeployed } from './context.ts';
import { exclusively } from './exclusive.ts';
import { reportIn } from './invocation-report.ts';
import { checkSize } from './invoke.ts';
import { settledReadiness } from './readiness.ts';

export interface TuneOptions {
  readonly name: string;
  /** MB, rising. */
  readonly sizes: readonly number[];
  readonly payload: string;
  /** Calls of each size, after the first. */
  readonly count: number;
  readonly parallel: number;
  readonly prices: PriceList;
}

export interface MeasuredSize {
  /** MB. */
  readonly memory: number;
  /** Milliseconds of the calls after the first, as Lambda reports them. */
  readonly mean: number;
  readonly p95: number;
  /** Milliseconds of the cold start; undefined if Lambda reported none. */
  readonly initialization: number | undefined;
  readonly memoryUsed: number;
  /** USD for a million calls, without the free tier. */
  readonly millionCalls: number;
}

export interface Tuned {
  readonly function: string;
  /** What the function has now, in MB. */
  readonly current: number;
  readonly measured: readonly MeasuredSize[];
  readonly cheapest: number;
  readonly fastest: number;
}

/** Under the lease of the environment, since it changes $LATEST for a while. Throws FUNCTION_FAILED if a call does. */
export async function tune(
  environment: Environment,
  options: TuneOptions,
  context: Context,
  each: (measured: MeasuredSize) => void,
): Promise<Tuned> {
  const { physicalName } = findFunction(environment, options.name);
  checkSize(options.payload, 'wait');
  const identity = await identify(environment, context);
  const stores = await findStores(context.aws);
  if (stores === undefined) throw notDeployed(environment);
  const work = { bucket: stores.bucket, identity, verb: `tune ${options.name}` };
  return exclusively(environment, work, context, async (exclusive) => {
    const before = await exclusive.context.aws.functions.size(physicalName);
    if (before === undefined) throw notDeployed(environment);
    const known = new Set((await context.aws.functions.versions(physicalName)).map(({ version }) => version));
    const measured: MeasuredSize[] = [];
    try {
      for (const memory of options.sizes) {
        const version = await published(physicalName, memory, exclusive.context);
        measured.push(
          await measure(
            { physicalName, version, memory, architecture: before.architecture, options },
            exclusive.context,
          ),
        );
        each(measured.at(-1) as MeasuredSize);
      }
    } finally {
      await restore(physicalName, before.memory, known, context);
    }
    const least = (key: 'mean' | 'millionCalls') =>
      measured.reduce((best, other) => (other[key] < best[key] ? other : best), measured[0] as MeasuredSize).memory;
    return {
      function: options.name,
      current: before.memory,
      measured,
      cheapest: least('millionCalls'),
      fastest: least('mean'),
    };
  });
}

/** A version with so much memory. */
async function published(physicalName: string, memory: number, context: Context): Promise<string> {
  const { functions } = context.aws;
  await functions.setMemory(physicalName, memory);
  await ready(physicalName, context);
  const version = await functions.publish(physicalName);
  await ready(`${physicalName}:${version}`, context);
  return version;
}

async function ready(name: string, context: Context): Promise<void> {
  const { state, reason } = await settledReadiness(name, context);
  if (state === 'failed') {
    throw new FxError('FUNCTION_FAILED', `${name} failed to start: ${reason ?? 'Lambda does not say why'}`);
  }
}

interface Subject {
  readonly physicalName: string;
  readonly version: string;
  readonly memory: number;
  readonly architecture: 'arm64' | 'x86_64';
  readonly options: TuneOptions;
}

async function measure(
  { physicalName, version, memory, architecture, options }: Subject,
  { aws, signal }: Context,
): Promise<MeasuredSize> {
  const { name, payload, count, parallel, prices } = options;
  const call = async () => {
    signal.throwIfAborted();
    const input = {
      functionName: physicalName,
      qualifier: version,
      payload: Buffer.from(payload),
      mode: 'wait' as const,
    };
    const { functionError, payload: answer, log } = await aws.functions.invoke(input);
    if (functionError !== undefined) {
      throw new FxError('FUNCTION_FAILED', `"${name}" failed with ${memory} MB: ${answer.slice(0, 200)}`, {
        hint: 'give it an event that it handles with --data or --file',
      });
    }
    const report = reportIn(log ?? '');
    if (report === undefined) throw new FxError('AWS_REFUSED', `Lambda did not report how long "${name}" took`);
    return report;
  };
  const first = await call();
  const reports = await inPool(Array.from({ length: count }), parallel, call);
  // calls at once start environments of their own
  const warm = reports.filter(({ initialization }) => initialization === undefined);
  const counted = warm.length > 0 ? warm : reports;
  const durations = counted.map(({ duration }) => duration).sort((a, b) => a - b);
  const billed = counted.reduce((sum, report) => sum + report.billed, 0) / counted.length;
  const gbSeconds = ((billed / 1000) * memory * 1e6) / 1024;
  return {
    memory,
    mean: durations.reduce((sum, ms) => sum + ms, 0) / durations.length,
    p95: durations[Math.ceil(0.95 * durations.length) - 1] ?? 0,
    initialization: first.initialization,
    memoryUsed: Math.max(first.memoryUsed, ...reports.map(({ memoryUsed }) => memoryUsed)),
    millionCalls:
      costOf(tiersOf(prices, `lambda.duration.${architecture}`), gbSeconds) +
      costOf(tiersOf(prices, 'lambda.requests'), 1e6),
  };
}

/** Also after an interruption. */
async function restore(
  physicalName: string,
  memory: number,
  known: ReadonlySet<string>,
  context: Context,
): Promise<void> {
  const aws: Aws = context.aws.uninterrupted();
  const calm: Context = { ...context, aws, signal: new AbortController().signal };
  await ready(physicalName, calm);
  await aws.functions.setMemory(physicalName, memory);
  await ready(physicalName, calm);
  for (const { version } of await aws.functions.versions(physicalName)) {
    if (!known.has(version)) await aws.functions.deleteVersion({ functionName: physicalName, version });
  }
}

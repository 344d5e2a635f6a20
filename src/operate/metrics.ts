// fx metrics: what the functions and APIs of an environment did, according to CloudWatch, and when its releases went live.
import type { Aws, SeriesQuery, StackResource } from '../aws/aws.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { type Resource, referencesIn, type Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { Origin } from '../release/candidate.ts';
import { eachRelease } from '../release/ledger.ts';
import type { Release } from '../release/record.ts';
import { type Context, eachFunction, identify } from './context.ts';
import { chosenFunctions, type Deployed, readDeployed } from './deployed.ts';
import {
  type ApiMeasures,
  askApi,
  askFunction,
  type FunctionMeasures,
  type MeasuredApi,
  type Question,
} from './metric-queries.ts';
import { type MetricTimes, metricTimes, type WantedTimes } from './metric-times.ts';
import type { State } from './state.ts';

export interface MetricOptions {
  /** Names or patterns with `*`. Empty: all functions, and the APIs. */
  readonly names: readonly string[];
  readonly by: 'function' | 'alias' | 'version';
  readonly times: (now: number) => WantedTimes;
}

export interface FunctionMetrics {
  /** In project.yml. */
  readonly name: string;
  readonly physicalName: string;
  /** With `by`: the alias, or `$LATEST` for calls without one; a version as `live@12` or `12`. */
  readonly of: string | undefined;
  /** The release that published the version. */
  readonly release: number | undefined;
  readonly measures: FunctionMeasures;
}

export interface ApiMetrics {
  /** Its logical id. */
  readonly name: string;
  readonly kind: MeasuredApi['kind'];
  readonly measures: ApiMeasures;
}

/** A release that went live in the time. */
export interface MarkedRelease {
  readonly number: number;
  /** ISO 8601: when it was live. */
  readonly time: string;
  readonly origin: Origin;
  readonly commit: string | undefined;
  readonly message: string | undefined;
}

export interface Metrics {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
  readonly times: MetricTimes;
  readonly functions: readonly FunctionMetrics[];
  readonly apis: readonly ApiMetrics[];
  /** Oldest first. */
  readonly releases: readonly MarkedRelease[];
}

export async function metrics(environment: Environment, options: MetricOptions, context: Context): Promise<Metrics> {
  const now = context.now();
  const times = metricTimes(options.times(now), now);
  await identify(environment, context);
  const present = await readDeployed(environment, context);
  const { state, stack, template, functions: deployed } = present;
  const [subjects, apis, releases] = await Promise.all([
    subjectsOf(context, {
      deployed,
      template,
      names: chosenFunctions(environment, options.names, present),
      by: options.by,
    }),
    options.names.length > 0 ? [] : apisOf(template, await context.aws.stacks.resources(stack.id)),
    markedReleases(context, state, times),
  ]);
  const [functions, ofApis] = await Promise.all([
    answered(
      context.aws,
      subjects.map((subject) => askFunction(subject, times)),
      times,
    ),
    answered(
      context.aws,
      apis.map((api) => askApi(api, times)),
      times,
    ),
  ]);
  const numbers = options.by === 'version' ? await versionReleases(context, state, subjects) : new Map();
  return {
    project: environment.project,
    environment: environment.name,
    region: environment.region,
    times,
    functions: subjects.map(({ name, physicalName, of, version }, index) => ({
      name,
      physicalName,
      of,
      release: numbers.get(`${name} ${version}`),
      measures: functions[index] as FunctionMeasures,
    })),
    apis: apis.map(({ name, kind }, index) => ({ name, kind, measures: ofApis[index] as ApiMeasures })),
    releases,
  };
}

/** All questions in as few calls as possible. */
async function answered<M>(aws: Aws, questions: readonly Question<M>[], times: MetricTimes): Promise<readonly M[]> {
  const queries = questions.flatMap((question) => question.queries);
  if (queries.length === 0) return [];
  const series = await aws.metrics.series(queries, times.since, times.until);
  let start = 0;
  return questions.map((question) => {
    const end = start + question.queries.length;
    const own = series.slice(start, end);
    start = end;
    return question.read(own);
  });
}

interface Subject {
  readonly name: string;
  readonly physicalName: string;
  readonly of: string | undefined;
  readonly version: string | undefined;
  readonly dimensions: SeriesQuery['dimensions'];
  readonly readsStream: boolean;
}

interface Wanted {
  readonly deployed: Deployed['functions'];
  readonly template: Template;
  readonly names: readonly string[];
  readonly by: MetricOptions['by'];
}

async function subjectsOf({ aws }: Context, { deployed, template, names, by }: Wanted): Promise<readonly Subject[]> {
  const readers = streamReaders(template);
  const wholes = names.map((name): Subject => {
    const physicalName = deployed[name]?.physicalName ?? name;
    const { alias, function: own } = functionIdsIn(template, name);
    const readsStream = readers.has(alias) || readers.has(own);
    const dimensions = { FunctionName: physicalName };
    return { name, physicalName, of: undefined, version: undefined, dimensions, readsStream };
  });
  if (by === 'function') return wholes;
  const parts = await eachFunction(wholes, async (whole) => {
    const { dimensions } = whole;
    const known = await aws.metrics.dimensions({ namespace: 'AWS/Lambda', metric: 'Invocations', dimensions });
    return known.flatMap((each) => partOf(whole, each, by)).sort((a, b) => compareParts(a.of ?? '', b.of ?? ''));
  });
  return parts.flat();
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html#metrics-dimensions */
function partOf(whole: Subject, dimensions: SeriesQuery['dimensions'], by: 'alias' | 'version'): readonly Subject[] {
  const { Resource, ExecutedVersion } = dimensions;
  if (Resource === undefined) return [];
  const qualifier = Resource.split(':')[1] ?? '$LATEST';
  const isVersion = /^(\d+|\$LATEST)$/.test(qualifier);
  if (by === 'alias') {
    if (ExecutedVersion !== undefined || (isVersion && qualifier !== '$LATEST')) return [];
    return [{ ...whole, dimensions, of: qualifier }];
  }
  if (ExecutedVersion !== undefined) {
    return [{ ...whole, dimensions, of: `${qualifier}@${ExecutedVersion}`, version: ExecutedVersion }];
  }
  return isVersion ? [{ ...whole, dimensions, of: qualifier, version: qualifier }] : [];
}

function compareParts(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The logical ids of what mappings of streams invoke. Those of Kafka have another metric. */
function streamReaders({ Resources }: Template): ReadonlySet<string> {
  const mappings = Object.values(Resources).filter(({ Type, Properties = {} }) => {
    return Type === 'AWS::Lambda::EventSourceMapping' && 'StartingPosition' in Properties && !('Topics' in Properties);
  });
  return new Set(
    mappings.flatMap(({ Properties }) => referencesIn(Properties?.['FunctionName'])).map((to) => to.logicalId),
  );
}

type Api = MeasuredApi & { readonly name: string };

/** HTTP APIs have their id as the dimension, REST APIs their name. */
function apisOf({ Resources }: Template, resources: readonly StackResource[]): readonly Api[] {
  return Object.entries(Resources).flatMap(([name, resource]): readonly Api[] => {
    const id = resources.find(({ logicalId }) => logicalId === name)?.physicalId;
    if (id === undefined) return [];
    if (isHttpApi(resource)) return [{ name, kind: 'http', dimensions: { ApiId: id } }];
    if (resource.Type !== 'AWS::ApiGateway::RestApi') return [];
    const title = resource.Properties?.['Name'];
    // API Gateway leaves out what is not ASCII
    const ApiName = typeof title === 'string' ? title.replace(/[^\x20-\x7e]/g, '') || id : undefined;
    return ApiName === undefined ? [] : [{ name, kind: 'rest', dimensions: { ApiName } }];
  });
}

function isHttpApi({ Type, Properties }: Resource): boolean {
  return Type === 'AWS::ApiGatewayV2::Api' && Properties?.['ProtocolType'] !== 'WEBSOCKET';
}

const liveAt = ({ ended, time }: Release): string => ended ?? time;

async function markedReleases(
  { aws }: Context,
  { place, index }: State,
  { since, until }: MetricTimes,
): Promise<readonly MarkedRelease[]> {
  const marked: MarkedRelease[] = [];
  if (place === undefined) return marked;
  for await (const release of eachRelease(aws, place, index)) {
    const at = Date.parse(liveAt(release));
    if (at < since.getTime()) break;
    if (release.status !== 'succeeded' || at > until.getTime()) continue;
    const { number, origin, commit, message } = release;
    marked.push({ number, time: liveAt(release), origin, commit, message });
  }
  return marked.reverse();
}

/** The first release that had each of these versions, by `name version`. */
async function versionReleases(
  { aws }: Context,
  { place, index }: State,
  subjects: readonly Subject[],
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>();
  if (place === undefined) return numbers;
  for await (const { number, status, functions } of eachRelease(aws, place, index)) {
    if (status !== 'succeeded') continue;
    for (const { name, version } of subjects) {
      if (version !== undefined && functions[name]?.version === version) numbers.set(`${name} ${version}`, number);
    }
  }
  return numbers;
}

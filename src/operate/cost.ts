// fx cost: what an environment costs in a month, from expected traffic and the project, or from measured use and what is live.
import { FxError } from '../base/error.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type BillLine, billOf, costOf as costOfUnits, type Terms } from '../cost/bill.ts';
import { type FunctionMonth, type FunctionTraffic, hoursPerMonth, monthOf } from '../cost/month.ts';
import { type DimensionId, tiersOf } from '../cost/prices.ts';
import type { Environment } from '../project/environment.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import type { Traffic } from '../settings/traffic.ts';
import { compile } from '../template/compile.ts';
import type { StackSet } from '../template/stack-set.ts';
import { type Context, namesMatching } from './context.ts';
import { readLive } from './live-stack.ts';

export interface FunctionCost extends FunctionMonth {
  /** In USD, as all costs. */
  readonly cost: number;
  readonly lines: readonly BillLine[];
  /** If a schedule keeps an execution environment of it. */
  readonly warm?: Warm;
}

/** In a month, without the free tier. */
export interface Warm {
  readonly calls: number;
  /** Of these calls. */
  readonly cost: number;
  /** Of a provisioned concurrency of 1 in their place. */
  readonly provisioned: number;
}

export interface Cost {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
  readonly currency: 'USD';
  readonly basis:
    | { readonly kind: 'expected' }
    /** ISO 8601: what was used between the two, stretched to a month. */
    | { readonly kind: 'measured'; readonly since: string; readonly until: string };
  readonly prices: { readonly region: string; readonly date: string };
  readonly freeTier: boolean;
  readonly functions: readonly FunctionCost[];
  /** What belongs to no single function, such as NAT gateways. */
  readonly resources: readonly BillLine[];
  readonly total: number;
}

const hourMs = 3_600_000;
const monthMs = hoursPerMonth * hourMs;

export interface ExpectedOptions {
  readonly terms: Terms;
  /** The functions that `traffic` is for: names or patterns; empty for all. */
  readonly names: readonly string[];
  /** Takes precedence over project.yml. */
  readonly traffic: Traffic;
  /** Milliseconds. */
  readonly now: number;
  readonly schemas: ResourceSchemas;
}

/** From the project alone: calls no AWS. Throws USAGE if no function has a known number of requests. */
export function expectedCost(project: Project, options: ExpectedOptions): Cost {
  const { terms, names, traffic, now, schemas } = options;
  const all = project.functions.map(({ name }) => name);
  const chosen = names.length === 0 ? all : namesMatching(names, all);
  const functions = project.functions.map((settings) => ({
    name: settings.name,
    traffic: { ...settings.traffic, ...(chosen.includes(settings.name) ? traffic : {}) },
  }));
  const { stacks } = compile({ project, recipe: unbuilt(project), schemas });
  const cost = costOf(project.environment, { stacks, functions, terms, now, basis: { kind: 'expected' } });
  if (cost.functions.every(({ requests }) => requests === 0)) throw noTraffic(project);
  const everySeconds = new Map(project.functions.map(({ name, warm }) => [name, warm]));
  return {
    ...cost,
    functions: cost.functions.map((of) => {
      const seconds = everySeconds.get(of.name);
      return seconds === undefined ? of : { ...of, warm: warmOf(of, seconds, terms) };
    }),
  };
}

/** A handler that leaves the event alone takes a few milliseconds. */
const warmSeconds = 0.005;

function warmOf({ memory, architecture }: FunctionMonth, everySeconds: number, { prices }: Terms): Warm {
  const gigabytes = memory / 1024;
  const calls = monthMs / 1000 / everySeconds;
  const duration = costOfUnits(tiersOf(prices, `lambda.duration.${architecture}`), calls * warmSeconds * gigabytes);
  const provisioned = tiersOf(prices, `lambda.provisioned.${architecture}`);
  return {
    calls,
    cost: costOfUnits(tiersOf(prices, 'lambda.requests'), calls) + duration,
    provisioned: costOfUnits(provisioned, (gigabytes * monthMs) / 1000),
  };
}

/** From CloudWatch, and the template of what is live. Throws NOT_DEPLOYED. */
export async function measuredCost(
  environment: Environment,
  { since, terms }: { readonly since: Date; readonly terms: Terms },
  context: Context,
): Promise<Cost> {
  const { stacks } = await readLive(environment, context);
  const measured = await measuredTraffic(environment, since, context);
  return costOf(environment, { stacks, terms, now: context.now(), ...measured });
}

/** How two sets of stacks differ in cost, under the same traffic. */
export interface CostChange {
  readonly before: Cost;
  readonly after: Cost;
  readonly difference: number;
}

/** `live`: undefined if nothing is deployed. The traffic is that of project.yml; if it has none, what was measured in the last 30 days. */
export async function costChange(
  project: Project,
  { live, next }: { readonly live: StackSet | undefined; readonly next: StackSet },
  terms: Terms,
  context: Context,
): Promise<CostChange> {
  const { environment } = project;
  const now = context.now();
  const hasTraffic = project.functions.some(({ traffic }) => traffic !== undefined);
  const used =
    hasTraffic || live === undefined
      ? { functions: project.functions.map(trafficOf), basis: { kind: 'expected' } as const }
      : await measuredTraffic(environment, new Date(now - monthMs), context);
  const none: StackSet = {
    root: { template: { ...next.root.template, Resources: {} }, text: '', hash: '' },
    nested: new Map(),
  };
  const before = costOf(environment, { stacks: live ?? none, terms, now, ...used });
  const after = costOf(environment, { stacks: next, terms, now, ...used });
  return { before, after, difference: after.total - before.total };
}

const trafficOf = ({ name, traffic = {} }: FunctionSettings): FunctionTraffic => ({ name, traffic });

interface Counted {
  readonly stacks: StackSet;
  readonly functions: readonly FunctionTraffic[];
  readonly basis: Cost['basis'];
  readonly terms: Terms;
  readonly now: number;
}

function costOf(environment: Environment, { stacks, functions, basis, terms, now }: Counted): Cost {
  const templates = [stacks.root, ...stacks.nested.values()].map(({ template }) => template);
  const month = monthOf(templates, functions, now);
  const bill = billOf(month.quantities, terms);
  const names = new Set(month.functions.map(({ name }) => name));
  return {
    project: environment.project,
    environment: environment.name,
    region: environment.region,
    currency: 'USD',
    basis,
    prices: { region: terms.prices.region, date: terms.prices.date },
    freeTier: terms.freeTier,
    functions: month.functions.map((of) => {
      const lines = bill.filter(({ owner }) => owner === of.name);
      return { ...of, cost: sumOf(lines), lines };
    }),
    resources: bill.filter(({ owner }) => !names.has(owner)),
    total: sumOf(bill),
  };
}

const sumOf = (lines: readonly Pick<BillLine, 'cost'>[]): number => lines.reduce((sum, { cost }) => sum + cost, 0);

/** The part of a function's cost that is for dimensions with this beginning. */
export function partOf({ lines }: FunctionCost, prefix: 'lambda.' | 'logs.'): number {
  return sumOf(lines.filter(({ dimension }: { readonly dimension: DimensionId }) => dimension.startsWith(prefix)));
}

/** The use of each function since then, stretched to a month from the first hour in which one was called. */
async function measuredTraffic(environment: Environment, since: Date, context: Context) {
  const until = new Date(context.now());
  const totals = await context.aws.metrics.totals(
    environment.functions.flatMap(({ physicalName }) => [
      { functionName: physicalName, metric: 'Invocations' as const },
      { functionName: physicalName, metric: 'Duration' as const },
    ]),
    since,
    until,
  );
  const first = Math.min(...totals.flatMap(({ first }) => first?.getTime() ?? []), until.getTime() - hourMs);
  const factor = monthMs / (until.getTime() - Math.max(first, since.getTime()));
  const functions = environment.functions.map(({ name }, index): FunctionTraffic => {
    const requests = totals[2 * index]?.sum ?? 0;
    const duration = totals[2 * index + 1]?.sum ?? 0;
    return { name, traffic: { requests: requests * factor, duration: requests === 0 ? 0 : duration / requests } };
  });
  const from = new Date(Math.max(first, since.getTime()));
  return { functions, basis: { kind: 'measured' as const, since: from.toISOString(), until: until.toISOString() } };
}

function noTraffic({ environment }: Project): FxError {
  return new FxError('USAGE', `how often are the functions of "${environment.name}" called? No traffic is known`, {
    hint: 'such as --requests 3M --duration 120ms, or traffic: {requests: 3M, duration: 120ms} at a function in project.yml; --measured asks CloudWatch',
  });
}

/** Code that nobody has built: what a function costs does not depend on it. */
function unbuilt({ functions, layers }: Project): Recipe {
  const codeOf = (handler: string) => ({ key: '0'.repeat(64), handler, variables: {} });
  return {
    functions: new Map(functions.map(({ name, handler }) => [name, codeOf(handler)])),
    layers: new Map(layers.map(({ name }) => [name, codeOf('')])),
  };
}

// fx info: what is deployed, where, and under which addresses.
import { liveAlias } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { readLiveRelease } from '../release/ledger.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { type Context, identify, ledgerPlace, notDeployed } from './context.ts';

export interface Info {
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly status: string;
  readonly updated: string | undefined;
  readonly release: number | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly functions: readonly {
    readonly name: string;
    readonly physicalName: string;
    readonly version: string | undefined;
    readonly runtime: string;
    readonly memory: number;
    readonly timeout: number;
    readonly events: readonly string[];
  }[];
}

export async function info(project: Project, context: Context): Promise<Info> {
  const identity = await identify(project, context);
  const stack = await context.aws.stacks.describe(project.stackName);
  if (stack === undefined) throw notDeployed(project);
  const bucket = await findBucket(context.aws);
  const release = bucket === undefined ? undefined : await readLiveRelease(context.aws, ledgerPlace(project, bucket));
  return {
    project: project.name,
    environment: project.environment,
    account: identity.account,
    region: project.region,
    stackName: stack.name,
    status: stack.status,
    updated: stack.updated?.toISOString(),
    release: release?.number,
    outputs: stack.outputs,
    functions: await Promise.all(
      project.functions.map(async ({ name, physicalName, runtime, memory, timeout, events }) => {
        const version = await context.aws.functions.aliasVersion(physicalName, liveAlias);
        return { name, physicalName, version, runtime, memory, timeout, events: events.map(describeEvent) };
      }),
    ),
  };
}

function describeEvent({ kind, config }: { readonly kind: string; readonly config: unknown }): string {
  const { method, path, expression, queue } = config as {
    method?: string;
    path?: string;
    expression?: string;
    queue?: unknown;
  };
  if (method !== undefined) return `${method} ${path}`.trim();
  if (expression !== undefined) return expression;
  return `${kind} ${typeof queue === 'string' ? queue : JSON.stringify(queue)}`;
}

// fx info: what is deployed, where, and its addresses. Reads AWS and the ledger; the project file only gives the destination.

import type { DriftedResource } from '../aws/stacks.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import type { Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { CandidateFunction } from '../release/candidate.ts';
import type { Change, Release } from '../release/record.ts';
import { readAliases } from './aliases.ts';
import { type Context, identify, notDeployed } from './context.ts';
import { isSwitched, type Source, sourcesIn } from './pause.ts';
import { heldRecord, heldRelease, type Live, readState } from './state.ts';

export interface FunctionInfo {
  readonly name: string;
  readonly physicalName: string;
  /** The live alias's version; undefined if the alias does not exist. */
  readonly version: string | undefined;
  /** The version that the stack published, if the alias has another. */
  readonly expected: string | undefined;
  /** The share of calls that goes to other versions. */
  readonly weights: Readonly<Record<string, number>>;
  /** Undefined for a container image. */
  readonly runtime: string | undefined;
  /** MB. */
  readonly memory: number;
  /** Seconds. */
  readonly timeout: number;
  readonly events: readonly string[];
}

export interface Info {
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly status: string;
  readonly updated: string | undefined;
  /** The live release; undefined if the ledger has none. */
  readonly release: number | undefined;
  /** Changes that were interrupted, or are in progress. */
  readonly unfinished: readonly Pick<Change, 'number' | 'origin'>[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Queues, tables and what else people look for by its name in AWS, in the order of their logical ids. */
  readonly resources: readonly ResourceInfo[];
  readonly functions: readonly FunctionInfo[];
  /** What calls functions by itself in the template, and is paused. */
  readonly paused: readonly Pick<Source, 'logicalId' | 'text' | 'functions'>[];
  /** Changes outside CloudFormation, as it last found them: DRIFTED, IN_SYNC, UNKNOWN or NOT_CHECKED. */
  readonly drift: {
    readonly status: string;
    readonly checked: string | undefined;
    /** Set with --drift. */
    readonly resources?: readonly DriftedResource[];
  };
}

export interface ResourceInfo {
  readonly logicalId: string;
  /** Such as `queue`. */
  readonly kind: string;
  /** As CloudFormation has it: a name, an ARN, or the URL of a queue. */
  readonly physicalId: string;
}

/** What is shown of a stack's resources. */
const kinds: Readonly<Record<string, string>> = {
  'AWS::Cognito::UserPool': 'user pool',
  'AWS::DynamoDB::Table': 'table',
  'AWS::DynamoDB::GlobalTable': 'table',
  'AWS::Events::EventBus': 'event bus',
  'AWS::Kinesis::Stream': 'stream',
  'AWS::S3::Bucket': 'bucket',
  'AWS::SNS::Topic': 'topic',
  'AWS::SQS::Queue': 'queue',
  'AWS::StepFunctions::StateMachine': 'state machine',
};

/** `drift`: CloudFormation looks for it now, which may take minutes. Throws NOT_DEPLOYED. */
export async function info(
  environment: Environment,
  { drift: isWanted }: { readonly drift: boolean },
  context: Context,
): Promise<Info> {
  const identity = await identify(environment, context);
  const state = await readState(environment, context);
  const { stack, live } = state;
  if (stack === undefined) throw notDeployed(environment);
  const current = live === undefined ? undefined : heldRecord(state, live);
  const written = Object.values(live?.stacks.root.template.Resources ?? {});
  const isListed = written.some(({ Type }) => kinds[Type] !== undefined || isSwitched(Type));
  const found = isListed ? await context.aws.stacks.resources(stack.name) : [];
  const sources =
    live === undefined
      ? []
      : await sourcesIn({ template: live.stacks.root.template, resources: found }, environment, context);
  const drifted = isWanted ? await context.aws.stacks.detectDrift(stack.name, context.signal) : undefined;
  return {
    project: environment.project,
    environment: environment.name,
    account: identity.account,
    region: environment.region,
    stackName: stack.name,
    status: stack.status,
    updated: stack.updated?.toISOString(),
    release: current !== undefined && 'status' in current ? current.number : state.recorded?.number,
    unfinished: state.unfinished.map(({ number, origin }) => ({ number, origin })),
    outputs: stack.outputs,
    resources: found
      .flatMap(({ logicalId, type, physicalId, status }) => {
        const kind = kinds[type];
        return kind === undefined || physicalId === undefined || status.startsWith('DELETE_')
          ? []
          : [{ logicalId, kind, physicalId }];
      })
      .sort((a, b) => (a.logicalId < b.logicalId ? -1 : 1)),
    functions:
      live === undefined
        ? []
        : await functionInfos(context, { live, held: heldRelease(state) }, current?.functions ?? {}),
    paused: sources
      .filter((source) => source.state === 'off' && source.isOnInTemplate)
      .map(({ logicalId, text, functions }) => ({ logicalId, text, functions })),
    drift:
      drifted === undefined
        ? { status: stack.drift.status, checked: stack.drift.checked?.toISOString() }
        : {
            status: drifted.length === 0 ? 'IN_SYNC' : 'DRIFTED',
            checked: new Date(context.now()).toISOString(),
            resources: drifted,
          },
  };
}

async function functionInfos(
  context: Context,
  { live, held }: { readonly live: Live; readonly held: Release | undefined },
  functions: Readonly<Record<string, CandidateFunction>>,
): Promise<readonly FunctionInfo[]> {
  const { template } = live.stacks.root;
  const { aliases } = await readAliases(context, { stack: live.stack, template, held }, functions);
  return aliases.map(({ name, physicalName, version, expected, weights }) => ({
    name,
    physicalName,
    version,
    expected: version === expected ? undefined : expected,
    weights,
    ...configuration(template, name),
    events: functions[name]?.events ?? [],
  }));
}

/** CloudFormation's default for a function without the property.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const lambdaDefaults = { memory: 128, timeout: 3 } as const;

function configuration(template: Template, name: string): Pick<FunctionInfo, 'runtime' | 'memory' | 'timeout'> {
  const { Runtime, MemorySize, Timeout } = template.Resources[functionIdsIn(template, name).function]?.Properties ?? {};
  return {
    runtime: typeof Runtime === 'string' ? Runtime : undefined,
    memory: Number(MemorySize ?? lambdaDefaults.memory),
    timeout: Number(Timeout ?? lambdaDefaults.timeout),
  };
}

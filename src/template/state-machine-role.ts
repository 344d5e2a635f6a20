// What the role of a state machine may do: what its definition calls, its log and traces, and the user's permissions.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
import type { Problem } from '../base/error.ts';
import { arnBelow, arnOf } from '../cfn/arn.ts';
import { sub, type Value } from '../cfn/resource.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type Fields, isFields } from '../cfn/states-definition.ts';
import type { Project } from '../project/project.ts';
import { type StateMachineSettings, stateMachineIds } from '../project/state-machine-definition.ts';
import { grantStatements } from './role.ts';

type Path = readonly (string | number)[];

interface Need {
  readonly actions: readonly string[];
  /** Undefined if the definition does not say. */
  readonly resources: readonly Value[] | undefined;
  readonly path: Path;
}

export function stateMachineStatements(
  project: Project,
  machine: StateMachineSettings,
  schemas: ResourceSchemas,
): { readonly statements: readonly Value[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const granted = grantStatements(project, machine.permissions, {
    schemas,
    at: (index) => project.origin(['stateMachines', machine.name, 'permissions', index]),
  });
  problems.push(...granted.problems);
  const own = new Set(machine.permissions.flatMap((one) => (one.kind === 'grant' ? one.actions : [])));
  const isRaw = machine.permissions.some(({ kind }) => kind === 'statement');
  const statements: Value[] = [];
  for (const need of needsOf(project, machine)) {
    if (need.resources === undefined) {
      const missing = need.actions.find((action) => !own.has(action));
      if (missing === undefined || isRaw) continue;
      problems.push({
        at: machine.place(need.path),
        message: `the role of "${machine.name}" needs ${missing}, and the definition does not name a resource of the project`,
        hint: `grant it: permissions: ["${missing} on …"] in stateMachines.${machine.name}`,
      });
    } else {
      statements.push({ Effect: 'Allow', Action: [...need.actions], Resource: [...need.resources] });
    }
  }
  const all = [...statements, ...logStatements(machine), ...traceStatements(machine), ...granted.statements];
  return { statements: distinct(all), problems };
}

function distinct(statements: readonly Value[]): readonly Value[] {
  return [...new Set(statements.map((statement) => JSON.stringify(statement)))].map(
    (text) => JSON.parse(text) as Value,
  );
}

// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy: these actions have no resources
function logStatements({ logging }: StateMachineSettings): readonly Value[] {
  if (logging === undefined) return [];
  const actions = [
    ...['logs:CreateLogDelivery', 'logs:CreateLogStream', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery'],
    ...['logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:PutLogEvents', 'logs:PutResourcePolicy'],
    ...['logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
  ];
  return [{ Effect: 'Allow', Action: actions, Resource: ['*'] }];
}

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html#xray-iam
function traceStatements({ tracing }: StateMachineSettings): readonly Value[] {
  if (!tracing) return [];
  const actions = ['PutTraceSegments', 'PutTelemetryRecords', 'GetSamplingRules', 'GetSamplingTargets'];
  return [{ Effect: 'Allow', Action: actions.map((action) => `xray:${action}`), Resource: ['*'] }];
}

function needsOf(project: Project, machine: StateMachineSettings): readonly Need[] {
  return [...tasksIn(machine.definition, [])].flatMap(({ state, path }) => {
    const resource = String(state['Resource']);
    const at = [...path, 'Resource'];
    const args = (state['Arguments'] ?? state['Parameters'] ?? {}) as Fields;
    if (!/^arn:[\w-]+:states:::/.test(resource)) {
      if (resource.includes(':activity:')) return [];
      const arn = arnFrom(project, machine, resource) ?? [resource];
      return [{ actions: ['lambda:InvokeFunction'], resources: arn, path: at }];
    }
    const [service = '', ...rest] = resource.split(':').slice(5);
    const isSdk = service === 'aws-sdk';
    // such as startExecution.sync:2
    const [action = '', pattern = ''] = (isSdk ? (rest[1] ?? '') : rest.join(':')).split('.');
    return isSdk
      ? [sdkNeed(project, machine, { service: rest[0] ?? '', action, args, path: at })]
      : optimizedNeeds(project, machine, { service, action, args, path: at, pattern });
  });
}

function* tasksIn(flow: Fields, path: Path): Generator<{ readonly state: Fields; readonly path: Path }> {
  for (const [name, state] of Object.entries((flow['States'] ?? {}) as Record<string, Fields>)) {
    const at = [...path, 'States', name];
    if (state['Type'] === 'Task') yield { state, path: at };
    for (const [index, branch] of ((state['Branches'] ?? []) as Fields[]).entries()) {
      yield* tasksIn(branch, [...at, 'Branches', index]);
    }
    for (const key of ['ItemProcessor', 'Iterator']) {
      if (isFields(state[key])) yield* tasksIn(state[key], [...at, key]);
    }
  }
}

interface Call {
  readonly service: string;
  readonly action: string;
  readonly args: Fields;
  readonly path: Path;
}

/** The argument that names the resource of an optimized integration. */
const resourceArguments: Readonly<Record<string, string>> = {
  dynamodb: 'TableName',
  lambda: 'FunctionName',
  sns: 'TopicArn',
  sqs: 'QueueUrl',
  states: 'StateMachineArn',
};
const actionNames: Readonly<Record<string, string>> = { 'lambda:invoke': 'lambda:InvokeFunction' };

function optimizedNeeds(
  project: Project,
  machine: StateMachineSettings,
  { service, action, args, path, pattern }: Call & { readonly pattern: string },
): readonly Need[] {
  const actions = [actionNames[`${service}:${action}`] ?? actionOf(service, action)];
  if (service === 'events') {
    const entries = Array.isArray(args['Entries']) ? (args['Entries'] as Fields[]) : [];
    const buses = entries.map(({ EventBusName }) =>
      EventBusName === undefined ? [defaultBus] : arnFrom(project, machine, EventBusName),
    );
    const isKnown = buses.length > 0 && buses.every((bus) => bus !== undefined);
    return [{ actions, path, resources: isKnown ? buses.flat() : undefined }];
  }
  const named = args[resourceArguments[service] ?? ''];
  const resources = arnFrom(project, machine, named);
  const needs = [{ actions, resources, path }];
  if (service !== 'states' || !pattern.startsWith('sync')) return needs;
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
  return [...needs, ...syncNeeds(machine, named, path)];
}

const defaultBus = sub('arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default');

function syncNeeds(machine: StateMachineSettings, named: unknown, path: Path): readonly Need[] {
  const target = substitutionIn(machine, named)?.target;
  const name =
    target?.kind === 'stateMachine'
      ? `\${${stateMachineIds(target.name).machine}.Name}`
      : target?.kind === 'resource'
        ? `\${${target.id}.Name}`
        : undefined;
  const below = (machineName: string) =>
    sub(`arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:execution:${machineName}:*`);
  const executions = name === undefined ? undefined : [below(name)];
  const rule = sub(
    'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
  );
  return [
    { actions: ['states:DescribeExecution', 'states:StopExecution'], resources: executions, path },
    { actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], resources: [rule], path },
  ];
}

/** Prefixes of IAM actions that are not the SDK's name of the service. */
const prefixes: Readonly<Record<string, string>> = {
  cloudwatchlogs: 'logs',
  eventbridge: 'events',
  sesv2: 'ses',
  sfn: 'states',
};
/** Operations whose action has another name. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const sdkActions: Readonly<Record<string, string>> = {
  'lambda:invoke': 'lambda:InvokeFunction',
  's3:headObject': 's3:GetObject',
  's3:listObjects': 's3:ListBucket',
  's3:listObjectsV2': 's3:ListBucket',
};

function actionOf(service: string, action: string): string {
  return `${prefixes[service] ?? service}:${action.charAt(0).toUpperCase()}${action.slice(1)}`;
}

/** An operation of the SDK is on the resources that its arguments name. */
function sdkNeed(project: Project, machine: StateMachineSettings, { service, action, args, path }: Call): Need {
  const named = Object.values(args).flatMap((value) => arnFrom(project, machine, value) ?? []);
  const name = sdkActions[`${service}:${action}`] ?? actionOf(service, action);
  return { actions: [name], resources: named.length === 0 ? undefined : named, path };
}

function substitutionIn({ substitutions }: StateMachineSettings, value: unknown) {
  const key = typeof value === 'string' ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
  return key === undefined ? undefined : substitutions.get(key);
}

/** The ARNs that a value stands for, with those below; undefined if it is no single name. */
function arnFrom(project: Project, machine: StateMachineSettings, value: unknown): readonly Value[] | undefined {
  if (typeof value === 'string' && value.startsWith('arn:') && !value.includes('${')) return [value];
  const found = substitutionIn(machine, value);
  if (found === undefined || found.target.kind === 'pseudo') return undefined;
  if (found.target.kind !== 'resource') return [found.value];
  const { id } = found.target;
  const type = project.resources.get(id)?.Type ?? '';
  const arn = arnOf(id, type);
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html: objects are resources of their own
  return type === 'AWS::S3::Bucket' ? [arn, arnBelow(id, type, '/*')] : [arn];
}

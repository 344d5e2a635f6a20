// The policy of a state machine's role: what its tasks call, by its definition, and what the user grants.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
import type { Problem } from '../base/error.ts';
import { isMap } from '../base/plain.ts';
import { wildcard } from '../base/wildcard.ts';
import { arnBelow, arnOf } from '../cfn/arn.ts';
import { liveAlias } from '../cfn/names.ts';
import { allow, type Statement } from '../cfn/part.ts';
import { referencesIn, sub, type Value } from '../cfn/resource.ts';
import { actionsOf } from '../cfn/sdk-services.ts';
import { type PlacedState, statesIn } from '../cfn/states-definition.ts';
import type { Permission } from '../project/permissions.ts';
import type { Project } from '../project/project.ts';
import {
  functionField,
  isComputed,
  isIntrinsicValue,
  type StateMachineSettings,
  valueIn,
} from '../project/state-machines.ts';

/** An ARN in this account and region. */
const arn = (service: string, resource: string): Value =>
  sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);

/** A value, not a reference: a state machine that depended on the function could not be named in the function's variables. */
export const aliasArn = (physicalName: string): Value => arn('lambda', `function:${physicalName}:${liveAlias}`);
export const machineArn = (physicalName: string): Value => arn('states', `stateMachine:${physicalName}`);

/** How the parameter of a call names a resource. */
interface Named {
  readonly parameters: readonly string[];
  /** The ARN of the resource with that name; undefined if there is none. */
  of(text: string): Value | undefined;
}

const resources: Readonly<Record<string, Named>> = {
  dynamodb: { parameters: ['TableName'], of: (name) => arn('dynamodb', `table/${name}`) },
  kinesis: { parameters: ['StreamARN', 'StreamName'], of: (name) => arn('kinesis', `stream/${name}`) },
  secretsmanager: { parameters: ['SecretId'], of: (name) => arn('secretsmanager', `secret:${name}-??????`) },
  sns: { parameters: ['TopicArn', 'TargetArn'], of: () => undefined },
  sqs: { parameters: ['QueueUrl'], of: ofQueueUrl },
  ssm: { parameters: ['Name'], of: (name) => arn('ssm', `parameter/${name.replace(/^\//, '')}`) },
  s3: { parameters: ['Bucket'], of: (name) => sub(`arn:\${AWS::Partition}:s3:::${name}`) },
};
/** Actions of S3 on buckets; all others are on objects. */
const onBucket = /^s3:(List(Bucket|BucketVersions)|(Get|Put|Delete|Create)Bucket\w*)$/;

function ofQueueUrl(url: string): Value | undefined {
  const [, region, account, name] = /^https:\/\/sqs\.([\w-]+)\.amazonaws\.com[\w.]*\/(\d{12})\/(\S+)$/.exec(url) ?? [];
  return name === undefined ? undefined : sub(`arn:\${AWS::Partition}:sqs:${region}:${account}:${name}`);
}

// https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
const tracing = allow(
  ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
  '*',
);
// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy: these have no resources
const logDelivery = allow(
  [
    ...['logs:CreateLogDelivery', 'logs:CreateLogStream', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery'],
    ...['logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:PutLogEvents', 'logs:PutResourcePolicy'],
    ...['logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
  ],
  '*',
);

/** What the definition needs. A resource that is known only at run time must be in `permissions`. */
export function machineStatements(
  project: Project,
  machine: StateMachineSettings,
  problems: Problem[],
): readonly Statement[] {
  const grants = new Grants(project, machine, problems);
  return [
    ...[...statesIn(machine.definition)].flatMap((placed) => grants.ofState(placed)),
    ...(machine.logging === undefined || machine.logging === false ? [] : [logDelivery]),
    ...(machine.tracing === true ? [tracing] : []),
  ];
}

class Grants {
  readonly #project: Project;
  readonly #machine: StateMachineSettings;
  readonly #problems: Problem[];

  constructor(project: Project, machine: StateMachineSettings, problems: Problem[]) {
    this.#project = project;
    this.#machine = machine;
    this.#problems = problems;
  }

  ofState(placed: PlacedState): readonly Statement[] {
    const { state, path } = placed;
    if (isDistributed(state)) return this.#distributed(placed);
    if (state['Type'] !== 'Task') return [];
    const field = functionField(placed);
    if (field !== undefined) return this.#function(field);
    const { Resource } = state;
    // an intrinsic: a function or an activity, which needs no permission
    if (isIntrinsicValue(Resource)) return this.#function([...path, 'Resource']);
    const [, , service, , , ...named] = String(Resource).split(':');
    if (service === 'lambda') return [allow('lambda:InvokeFunction', String(Resource))];
    if (named[0] === 'activity') return [];
    return named[0] === 'aws-sdk'
      ? this.#sdk(placed, named[1] ?? '', named[2] ?? '')
      : this.#optimized(placed, named.join(':'));
  }

  #function(path: readonly (string | number)[]): readonly Statement[] {
    const value = valueIn(this.#machine.definition, path);
    if (isIntrinsicValue(value)) {
      const [reference] = referencesIn(value);
      const type = reference === undefined ? undefined : this.#project.resources.get(reference.logicalId)?.Type;
      return type === 'AWS::StepFunctions::Activity' ? [] : [allow('lambda:InvokeFunction', value)];
    }
    const named = String(value);
    if (isComputed(named)) return this.#computed('lambda:InvokeFunction', path);
    const settings = this.#project.functions.find(({ name }) => name === named);
    return [allow('lambda:InvokeFunction', settings === undefined ? named : aliasArn(settings.physicalName))];
  }

  #optimized(placed: PlacedState, resource: string): readonly Statement[] {
    const [service = '', called = ''] = resource.split(':');
    const [operation = '', pattern] = called.split('.');
    switch (`${service}:${operation}`) {
      case 'lambda:invoke':
        return this.#computed('lambda:InvokeFunction', placed.path);
      case 'states:startExecution':
        return this.#execution(placed, pattern === 'sync');
      case 'events:putEvents':
        return this.#events(placed);
      case 'dynamodb:getItem':
      case 'dynamodb:putItem':
      case 'dynamodb:updateItem':
      case 'dynamodb:deleteItem':
      case 'sns:publish':
      case 'sqs:sendMessage':
        return this.#call(placed, actionsOf(service, operation), resources[service]);
    }
    const prefix = { http: 'states', apigateway: 'execute-api' }[service] ?? service;
    if (this.#machine.permissions?.some((permission) => mentions(permission, `${prefix}:`))) return [];
    this.#problem(
      [...placed.path, 'Resource'],
      `fx does not know what ${resource} needs, and permissions has nothing of ${prefix}`,
      'write it under permissions: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html',
    );
    return [];
  }

  #sdk(placed: PlacedState, service: string, called: string): readonly Statement[] {
    const [operation = ''] = called.split('.');
    const actions = actionsOf(service, operation);
    const [prefix = ''] = (actions[0] ?? '').split(':');
    if (prefix === 'lambda' && this.#parameter(placed, ['FunctionName']) !== undefined) {
      const named: Named = { parameters: ['FunctionName'], of: (name) => arn('lambda', `function:${name}`) };
      return this.#call(placed, actions, named);
    }
    if (prefix === 'states' && this.#parameter(placed, ['StateMachineArn']) !== undefined) {
      return this.#call(placed, actions, { parameters: ['StateMachineArn'], of: (name) => this.#machineNamed(name) });
    }
    const named = Object.hasOwn(resources, prefix) ? resources[prefix] : undefined;
    const isNamed = named !== undefined && this.#parameter(placed, named.parameters) !== undefined;
    return isNamed ? this.#call(placed, actions, named) : [allow(actions, '*')];
  }

  /** A call on the resource that one of its parameters names. */
  #call(placed: PlacedState, actions: readonly string[], named: Named | undefined): readonly Statement[] {
    const found = this.#parameter(placed, named?.parameters ?? []);
    const [action = ''] = actions;
    // such as a text message to a phone
    if (found === undefined || named === undefined) return this.#computed(action, placed.path);
    const { value, path } = found;
    if (typeof value === 'string' && isComputed(value)) return this.#computed(action, path);
    const arns = this.#arns(value, path, named);
    if (arns === undefined) return [];
    if (action.startsWith('s3:')) {
      const [bucket, objects] = arns;
      return actions.map((name) => allow(name, (onBucket.test(name) ? bucket : objects) ?? '*'));
    }
    const isRead = /^dynamodb:(Query|Scan|PartiQLSelect)$/.test(action);
    return [{ Effect: 'Allow', Action: actions, Resource: isRead ? arns : arns.slice(0, 1) }];
  }

  /** Of a bucket, the second is that of its objects; of a table, that of its indexes. */
  #arns(value: unknown, path: readonly (string | number)[], { of }: Named): readonly Value[] | undefined {
    if (isIntrinsicValue(value)) {
      const [reference] = referencesIn(value);
      const type = reference === undefined ? undefined : this.#project.resources.get(reference.logicalId)?.Type;
      if (reference === undefined || type === undefined) return [value];
      const { logicalId } = reference;
      const suffix = { 'AWS::S3::Bucket': '/*', 'AWS::DynamoDB::Table': '/index/*' }[type];
      return [arnOf(logicalId, type), ...(suffix === undefined ? [] : [arnBelow(logicalId, type, suffix)])];
    }
    const named = String(value);
    const found = named.startsWith('arn:') ? named : of(named);
    if (found === undefined) {
      this.#problem(
        path,
        `${JSON.stringify(value)} names no resource`,
        'give an ARN, or an intrinsic such as !Ref Queue',
      );
      return undefined;
    }
    const { 'Fn::Sub': text } = (typeof found === 'object' ? found : { 'Fn::Sub': found }) as { 'Fn::Sub': string };
    if (text.includes(':s3:::')) return [found, sub(`${text}/*`)];
    return text.includes(':dynamodb:') ? [found, sub(`${text}/index/*`)] : [found];
  }

  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
  #execution(placed: PlacedState, isAwaited: boolean): readonly Statement[] {
    const named: Named = { parameters: ['StateMachineArn'], of: (name) => this.#machineNamed(name) };
    const started = this.#call(placed, ['states:StartExecution'], named);
    if (!isAwaited) return started;
    const [machine] = started[0]?.Resource ?? [];
    return [
      ...started,
      ...(machine === undefined
        ? []
        : [allow(['states:DescribeExecution', 'states:StopExecution'], executionsOf(machine))]),
      allow(
        ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
        arn('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'),
      ),
    ];
  }

  #machineNamed(name: string): Value | undefined {
    const other = this.#project.stateMachines.find((machine) => machine.name === name);
    return other === undefined ? undefined : machineArn(other.physicalName);
  }

  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
  #events(placed: PlacedState): readonly Statement[] {
    const entries = this.#parameter(placed, ['Entries']);
    if (entries === undefined || !Array.isArray(entries.value)) {
      return this.#computed('events:PutEvents', entries?.path ?? placed.path);
    }
    const named: Named = { parameters: [], of: (name) => arn('events', `event-bus/${name}`) };
    return entries.value.flatMap((entry: unknown, index): readonly Statement[] => {
      const path = [...entries.path, index, 'EventBusName'];
      const { EventBusName: bus = 'default', 'EventBusName.$': computed } = (entry ?? {}) as Record<string, unknown>;
      if (computed !== undefined || isComputed(bus)) return this.#computed('events:PutEvents', path);
      const arns = this.#arns(bus, path, named);
      return arns === undefined ? [] : [{ Effect: 'Allow', Action: ['events:PutEvents'], Resource: arns }];
    });
  }

  // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  #distributed({ state, path }: PlacedState): readonly Statement[] {
    const self = machineArn(this.#machine.physicalName);
    return [
      allow('states:StartExecution', self),
      allow(['states:DescribeExecution', 'states:StopExecution'], executionsOf(self)),
      ...['ItemReader', 'ResultWriter'].flatMap((field): readonly Statement[] => {
        const used = state[field];
        if (!isMap(used)) return [];
        const reader = { name: field, state: used, path: [...path, field], language: 'JSONPath' as const };
        const inArguments = used['Arguments'] !== undefined;
        const placed = { ...reader, language: inArguments ? ('JSONata' as const) : reader.language };
        const writes = ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'];
        const isList = String(used['Resource']).includes('listObjectsV2');
        const reads = isList ? ['s3:ListBucket', 's3:GetObject'] : ['s3:GetObject'];
        return this.#call(placed, field === 'ResultWriter' ? writes : reads, resources['s3']);
      }),
    ];
  }

  #parameter(
    { state, path, language }: PlacedState,
    names: readonly string[],
  ): { readonly value: unknown; readonly path: readonly (string | number)[] } | undefined {
    const key = language === 'JSONata' ? 'Arguments' : 'Parameters';
    const given = state[key];
    if (isComputed(given)) return { value: given, path: [...path, key] };
    if (!isMap(given)) return undefined;
    for (const name of names.flatMap((one) => [one, `${one}.$`])) {
      const value = given[name];
      if (value !== undefined) return { value: name.endsWith('.$') ? '$' : value, path: [...path, key, name] };
    }
    return undefined;
  }

  /** Known only at run time: the user grants it. */
  #computed(action: string, path: readonly (string | number)[]): readonly Statement[] {
    if (this.#machine.permissions?.some((permission) => mentions(permission, action))) return [];
    this.#problem(
      path,
      `this names its resource only at run time, so fx cannot tell where it needs ${action}`,
      `add it under permissions, such as "${action} on Name"`,
    );
    return [];
  }

  #problem(path: readonly (string | number)[], message: string, hint: string): void {
    const { name } = this.#machine;
    this.#problems.push({ at: this.#project.origin(['stateMachines', name, 'definition', ...path]), message, hint });
  }
}

function isDistributed(state: PlacedState['state']): boolean {
  const processor = state['ItemProcessor'];
  const config = isMap(processor) ? processor['ProcessorConfig'] : undefined;
  return isMap(config) && config['Mode'] === 'DISTRIBUTED';
}

function executionsOf(machine: Value): Value {
  const { 'Fn::Sub': text } = (typeof machine === 'object' ? machine : {}) as { 'Fn::Sub'?: string };
  if (text !== undefined) return sub(`${text.replace(':stateMachine:', ':execution:')}:*`);
  if (typeof machine === 'string') return `${machine.replace(':stateMachine:', ':execution:')}:*`;
  const named = { 'Fn::Select': [6, { 'Fn::Split': [':', machine] }] };
  return {
    'Fn::Sub': [
      `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:execution:\${Name}:*`,
      { Name: named },
    ],
  };
}

/** Whether the permission is about the action, or about any of a service, such as `ecs:`. */
function mentions(permission: Permission, action: string): boolean {
  const written = permission.kind === 'grant' ? permission.actions : permission.statement['Action'];
  const actions = [written ?? []].flat().map(String);
  if (action.endsWith(':')) return actions.some((one) => one === '*' || one.startsWith(action));
  return actions.some((one) => wildcard(one.toLowerCase()).test(action.toLowerCase()));
}

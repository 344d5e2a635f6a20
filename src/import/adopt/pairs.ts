// Which resource of a stack that another tool made is which resource of fx's template: by what it is and whom it belongs to.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { lambdaLogGroup } from '../../cfn/names.ts';
import type { Template } from '../../cfn/resource.ts';
import { Names, type Place, type ResourceData, referredTo, type TemplateData } from '../against/values.ts';

export interface Stacks {
  /** The template of the stack, with what its transforms made of it. */
  readonly theirs: TemplateData;
  readonly ours: Template;
  readonly place: Place;
  /** The logical id of each function in the stack, by that which fx gives. */
  readonly functions: ReadonlyMap<string, string>;
  /** Of other resources, by that which fx gives. */
  readonly resources: ReadonlyMap<string, string>;
  /** The user's resources, which have the same ids in both. */
  readonly own: ReadonlyMap<string, unknown>;
}

/** What makes a resource one of its kind in a stack. Undefined: its id alone does. */
type Identity = (properties: Readonly<Record<string, unknown>>, names: Names) => readonly unknown[];

const functionOr = (value: unknown, names: Names): unknown => names.functionIn(value) ?? names.normal(value);
const of =
  (...keys: readonly string[]): Identity =>
  (properties, names) =>
    keys.map((key) => names.normal(properties[key]));

/** Types whose resources the tools name in their own ways. What is left out here is the same resource only if it has the same id. */
const identities: Readonly<Record<string, Identity>> = {
  'AWS::Lambda::Alias': ({ FunctionName, Name }, names) => [functionOr(FunctionName, names), Name],
  // one for each alias
  'AWS::Lambda::Url': ({ TargetFunctionArn, Qualifier }, names) => [functionOr(TargetFunctionArn, names), Qualifier],
  'AWS::Lambda::EventInvokeConfig': ({ FunctionName, Qualifier }, names) => [
    functionOr(FunctionName, names),
    Qualifier,
  ],
  'AWS::Lambda::EventSourceMapping': (properties, names) => [
    functionOr(properties['FunctionName'], names),
    ...of('EventSourceArn', 'SelfManagedEventSource', 'Topics', 'Queues')(properties, names),
  ],
  // a document says it for an HTTP API
  'AWS::ApiGatewayV2::Api': ({ ProtocolType = 'HTTP' }) => [ProtocolType],
  'AWS::ApiGatewayV2::Stage': of('ApiId', 'StageName'),
  'AWS::ApiGatewayV2::Route': of('ApiId', 'RouteKey'),
  'AWS::ApiGatewayV2::RouteResponse': of('ApiId', 'RouteId', 'RouteResponseKey'),
  'AWS::ApiGatewayV2::Integration': ({ ApiId, IntegrationUri }, names) => [
    names.normal(ApiId),
    functionOr(IntegrationUri, names),
  ],
  'AWS::ApiGatewayV2::Authorizer': of('ApiId', 'Name'),
  'AWS::ApiGateway::RestApi': () => [],
  'AWS::ApiGateway::Resource': of('RestApiId', 'ParentId', 'PathPart'),
  'AWS::ApiGateway::Method': of('RestApiId', 'ResourceId', 'HttpMethod'),
  'AWS::ApiGateway::Authorizer': of('RestApiId', 'Name'),
  'AWS::ApiGateway::RequestValidator': of('RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters'),
  'AWS::ApiGateway::Model': of('RestApiId', 'ContentType', 'Schema'),
  'AWS::ApiGateway::GatewayResponse': of('RestApiId', 'ResponseType'),
  'AWS::ApiGateway::Stage': of('RestApiId'),
  // both tools make them in the order of the configuration
  'AWS::ApiGateway::ApiKey': () => ['in order'],
  'AWS::ApiGateway::UsagePlan': () => ['in order'],
  'AWS::ApiGateway::UsagePlanKey': of('KeyId', 'UsagePlanId'),
  // one tool names the bus, the other refers to it
  'AWS::Events::Rule': ({ Targets, ScheduleExpression, EventPattern }, names) => [
    ((Targets ?? []) as readonly { readonly Arn?: unknown }[]).map(({ Arn }) => functionOr(Arn, names)),
    names.normal(ScheduleExpression),
    names.normal(EventPattern),
  ],
  'AWS::Scheduler::Schedule': ({ Target, ScheduleExpression }, names) => [
    functionOr((Target as { readonly Arn?: unknown } | undefined)?.Arn, names),
    names.normal(ScheduleExpression),
  ],
  'AWS::Logs::SubscriptionFilter': ({ LogGroupName, DestinationArn }, names) => [
    names.normal(LogGroupName),
    functionOr(DestinationArn, names),
  ],
  'AWS::IoT::TopicRule': ({ TopicRulePayload }, names) => [
    functionOr(TopicRulePayload, names),
    (TopicRulePayload as { Sql?: unknown } | undefined)?.Sql,
  ],
  'AWS::StepFunctions::StateMachine': of('StateMachineName'),
  'AWS::Kinesis::StreamConsumer': of('StreamARN'),
  'AWS::ElasticLoadBalancingV2::ListenerRule': of('ListenerArn', 'Priority'),
  'AWS::ElasticLoadBalancingV2::TargetGroup': ({ Targets }, names) => [functionOr(Targets, names)],
};

/** The name that a template gives a resource makes it one of its kind in the account: there can't be two. */
const nameProperties = [
  'Name',
  'BucketName',
  'TableName',
  'QueueName',
  'TopicName',
  'StreamName',
  'LogGroupName',
  'RoleName',
];
const byName: Identity = (properties) => {
  const name = nameProperties.find((property) => typeof properties[property] === 'string');
  return name === undefined ? [] : [name, properties[name]];
};

/** The same only by what they are, whatever their ids: the other one of an id may be of another alias. */
const pairedByIdentity: ReadonlySet<string> = new Set(['AWS::Lambda::Url', 'AWS::Lambda::EventInvokeConfig']);

/** Never the same: their functions are fixed when they are made, and fx's call another one, the live alias. */
const neverPaired: ReadonlySet<string> = new Set([
  'AWS::Lambda::Version',
  'AWS::Lambda::Permission',
  'AWS::Lambda::LayerVersion',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGatewayV2::Deployment',
  'AWS::SNS::Subscription',
]);

/** The id in the stack of each resource of fx's template that is there already. */
export function pairs(stacks: Stacks): ReadonlyMap<string, string> {
  const { theirs, ours, functions, own } = stacks;
  const found = new Map<string, string>();
  for (const [id, their] of functions) {
    if (theirs.Resources[their]?.Type !== 'AWS::Lambda::Function') continue;
    found.set(id, their);
    const [group, theirGroup] = [logGroupIn(ours as TemplateData, id), logGroupIn(theirs, their)];
    if (group !== undefined && theirGroup !== undefined) found.set(group, theirGroup);
  }
  for (const [id, their] of stacks.resources) {
    const Type = ours.Resources[id]?.Type;
    if (Type !== undefined && theirs.Resources[their]?.Type === Type) found.set(id, their);
  }
  for (const [id, { Type }] of Object.entries(ours.Resources)) {
    if (found.has(id) || ((neverPaired.has(Type) || pairedByIdentity.has(Type)) && !own.has(id))) continue;
    if (theirs.Resources[id]?.Type === Type && !takenIn(found, id)) found.set(id, id);
  }
  // what belongs to another resource is known once that is
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    const [left, right] = sides(stacks, found);
    const types = new Set(Object.values(ours.Resources).map(({ Type }) => Type));
    for (const type of types) {
      if (neverPaired.has(type)) continue;
      const identity = identities[type];
      pairOf(type, identity ?? byName, { left, right, found, isNamed: identity === undefined });
    }
  }
  return found;
}

/** The group that a function writes to, if the template makes it. */
function logGroupIn({ Resources }: TemplateData, id: string): string | undefined {
  const { FunctionName, LoggingConfig } = Resources[id]?.Properties ?? {};
  const written = (LoggingConfig as { LogGroup?: unknown } | undefined)?.LogGroup;
  const [named] = referredTo(written);
  if (named !== undefined) return Resources[named]?.Type === 'AWS::Logs::LogGroup' ? named : undefined;
  const usual = typeof written === 'string' ? written : lambdaLogGroup(String(FunctionName));
  return Object.entries(Resources).find(([, { Type, Properties = {} }]) => {
    if (Type !== 'AWS::Logs::LogGroup') return false;
    const name = Properties['LogGroupName'];
    return name === usual || (isMap(name as Plain) && referredTo(name).includes(id));
  })?.[0];
}

/** Other ids for resources whose id belongs to something else in the stack: CloudFormation would take one for the other. */
export function freeIds({ theirs, ours }: Stacks, found: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const isTaken = (id: string) => theirs.Resources[id] !== undefined || ours.Resources[id] !== undefined;
  return new Map(
    Object.keys(ours.Resources)
      .filter((id) => theirs.Resources[id] !== undefined && !found.has(id))
      .map((id) => {
        let free = `${id}OfFx`;
        for (let number = 2; isTaken(free); number++) free = `${id}OfFx${number}`;
        return [id, free];
      }),
  );
}

const takenIn = (found: ReadonlyMap<string, string>, id: string): boolean => [...found.values()].includes(id);

interface Side {
  readonly names: Names;
  readonly resources: readonly (readonly [id: string, resource: ResourceData])[];
}

/** Both stacks, with the same name for what is the same. */
function sides(
  { theirs, ours, place, functions }: Stacks,
  found: ReadonlyMap<string, string>,
): readonly [theirs: Side, ours: Side] {
  const isFunction = new Set(functions.values());
  const nameOf = (id: string) => (isFunction.has(id) ? `function ${id}` : `paired ${id}`);
  const taken = new Set(found.values());
  const side = (template: TemplateData, known: ReadonlyMap<string, string>, prefix: string): Side => {
    const resources = Object.entries(template.Resources);
    // an alias or a version stands for its function, which Names finds out
    const own = resources
      .filter(([, { Type }]) => Type !== 'AWS::Lambda::Alias' && Type !== 'AWS::Lambda::Version')
      .map(([id]) => [id, known.get(id) ?? `${prefix} ${id}`] as const);
    return { names: new Names(template, place, new Map(own)), resources };
  };
  return [
    side(theirs, new Map([...taken].map((id) => [id, nameOf(id)])), 'theirs'),
    side(ours as TemplateData, new Map([...found].map(([id, their]) => [id, nameOf(their)])), 'ours'),
  ];
}

interface Pairing {
  readonly left: Side;
  readonly right: Side;
  readonly found: Map<string, string>;
  /** Whether only what has a name is one of its kind. */
  readonly isNamed: boolean;
}

function pairOf(type: string, identity: Identity, { left, right, found, isNamed }: Pairing): void {
  const taken = new Set(found.values());
  const byIdentity = ({ resources, names }: Side, isFree: (id: string) => boolean) => {
    const groups = new Map<string, string[]>();
    for (const [id, { Type, Properties = {} }] of resources) {
      if (Type !== type || !isFree(id)) continue;
      const parts = identity(Properties, names);
      if (isNamed && parts.length === 0) continue;
      const key = JSON.stringify(parts);
      groups.set(key, [...(groups.get(key) ?? []), id]);
    }
    return groups;
  };
  const theirs = byIdentity(left, (id) => !taken.has(id));
  for (const [key, ids] of byIdentity(right, (id) => !found.has(id))) {
    const others = theirs.get(key) ?? [];
    // several of a kind are paired in their order, if there are as many; what has no identity is one only if there is no other
    if (others.length !== ids.length || (key === '[]' && ids.length > 1)) continue;
    for (const [index, id] of ids.entries()) found.set(id, others[index] ?? id);
  }
}

// What a template means: its functions with their settings, rights and triggers, and its other resources.
import { isMap } from '../../base/plain.ts';
import { Names, type Place, type ResourceData, short, type TemplateData } from './values.ts';

export interface FunctionMeaning {
  readonly settings: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** `s3:GetObject on arn:…`, without logs, networks and traces. */
  readonly rights: ReadonlySet<string>;
  readonly triggers: ReadonlySet<string>;
}
export interface Meaning {
  readonly functions: ReadonlyMap<string, FunctionMeaning>;
  /** Type and properties of each other resource, with what it is. */
  readonly resources: ReadonlyMap<string, string>;
}

/** What either tool makes around functions and APIs in its own way. */
const plumbing =
  /^AWS::(Lambda::|ApiGateway::|ApiGatewayV2::|Logs::(LogGroup|SubscriptionFilter)|Scheduler::Schedule$|Events::Rule$|IAM::Role|IAM::Policy|SNS::Subscription|SNS::TopicPolicy|SQS::QueuePolicy|IoT::TopicRule|ElasticLoadBalancingV2::(TargetGroup|ListenerRule))|^Custom::/;

export function meaningOf(template: TemplateData, place: Place): Meaning {
  const names = new Names(template, place);
  const all = Object.entries(template.Resources);
  const triggers = triggersOf(template, names);
  const functions = new Map<string, FunctionMeaning>();
  for (const [, resource] of all) {
    if (resource.Type !== 'AWS::Lambda::Function') continue;
    const name = names.functionIn({ Ref: idOf(all, resource) }) ?? '';
    const properties = resource.Properties ?? {};
    // a function of the Serverless Framework for its own purposes
    if (name.endsWith('custom-resource-apigw-cw-role') || name.includes('custom-resource-')) continue;
    functions.set(name, {
      settings: settingsOf(properties, names),
      variables: textsOf((properties['Environment'] as { Variables?: unknown } | undefined)?.Variables, names),
      rights: rightsOf(template, properties['Role'], names),
      triggers: new Set(triggers.get(name) ?? []),
    });
  }
  const resources = new Map<string, string>();
  for (const [id, resource] of all) {
    if (plumbing.test(resource.Type) || isDeploymentBucket(id)) continue;
    const what = names.of(id);
    const key = resources.has(what) ? `${what} ${id}` : what;
    resources.set(key, JSON.stringify(names.normal(withoutNotifications(resource))));
  }
  return { functions, resources };
}

const isDeploymentBucket = (id: string) => /^ServerlessDeploymentBucket/.test(id);
const idOf = (all: readonly (readonly [string, ResourceData])[], resource: ResourceData) =>
  all.find(([, each]) => each === resource)?.[0] ?? '';

/** Triggers of buckets and pools are triggers, and tags and names of stacks say nothing. */
function withoutNotifications({ Properties = {} }: ResourceData): unknown {
  const { NotificationConfiguration, LambdaConfig, Subscription, Tags, ...rest } = Properties;
  void [NotificationConfiguration, LambdaConfig, Subscription, Tags];
  return rest;
}

const compared: readonly (readonly [property: string, fallback: string])[] = [
  ['Handler', ''],
  ['Runtime', ''],
  ['MemorySize', '128'],
  ['Timeout', '3'],
  ['Description', ''],
  ['KmsKeyArn', ''],
  ['ReservedConcurrentExecutions', ''],
];

function settingsOf(properties: Readonly<Record<string, unknown>>, names: Names): Record<string, string> {
  const text = (value: unknown) =>
    value === undefined
      ? ''
      : typeof value === 'string'
        ? value
        : JSON.stringify(names.normal(value)).replace(/^"|"$/g, '');
  const settings = Object.fromEntries(
    compared.map(([property, fallback]) => [property, text(properties[property]) || fallback]),
  );
  const nested = (property: string, key: string) =>
    text((properties[property] as Record<string, unknown> | undefined)?.[key]);
  const vpc = properties['VpcConfig'] as { SubnetIds?: unknown; SecurityGroupIds?: unknown } | undefined;
  return {
    ...settings,
    Architectures: text((properties['Architectures'] as unknown[] | undefined)?.[0]) || 'x86_64',
    TracingConfig: nested('TracingConfig', 'Mode') || 'PassThrough',
    EphemeralStorage: nested('EphemeralStorage', 'Size') || '512',
    DeadLetterConfig: nested('DeadLetterConfig', 'TargetArn'),
    VpcConfig: vpc === undefined ? '' : text([vpc.SubnetIds, vpc.SecurityGroupIds]),
    Layers: properties['Layers'] === undefined ? '' : String((properties['Layers'] as unknown[]).length),
    PackageType: text(properties['PackageType']) || 'Zip',
  };
}

/** What fx adds for its own purposes. */
const ownVariables = new Set(['NODE_OPTIONS', 'WEBSOCKET_ENDPOINT', 'FX_SECRETS']);

function textsOf(value: unknown, names: Names): Record<string, string> {
  if (!isMap(value as never)) return {};
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>)
      .filter(([key]) => !ownVariables.has(key))
      .map(([key, item]) => [key, String(names.normal(item) ?? '')]),
  );
}

/** Rights that come with logs, networks, traces and the reading of sources: each tool writes them in its own way. */
const implied =
  /^(logs|xray):|^ec2:\w*(NetworkInterface|PrivateIpAddresses)|^(sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes|ChangeMessageVisibility)|dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)|kinesis:(DescribeStream|DescribeStreamSummary|GetRecords|GetShardIterator|ListShards|ListStreams|SubscribeToShard)|execute-api:ManageConnections|(ssm|secretsmanager):GetP?a?r?a?m?e?t?e?r?s?\w*|kms:Decrypt|lambda:InvokeFunction)$/;

function rightsOf(template: TemplateData, role: unknown, names: Names): ReadonlySet<string> {
  const [id] = Object.entries((role ?? {}) as Record<string, unknown>).flatMap(([key, value]) =>
    key === 'Fn::GetAtt' ? [Array.isArray(value) ? String(value[0]) : (String(value).split('.')[0] ?? '')] : [],
  );
  const found = id === undefined ? undefined : template.Resources[id];
  if (found === undefined) return new Set(role === undefined ? [] : [`role ${JSON.stringify(names.normal(role))}`]);
  const policies = [
    ...((found.Properties?.['Policies'] ?? []) as readonly { PolicyDocument?: { Statement?: unknown } }[]),
    ...Object.values(template.Resources).flatMap((resource) =>
      resource.Type === 'AWS::IAM::Policy' && JSON.stringify(resource.Properties?.['Roles'] ?? '').includes(`"${id}"`)
        ? [resource.Properties as { PolicyDocument?: { Statement?: unknown } }]
        : [],
    ),
  ];
  const rights = policies.flatMap(({ PolicyDocument }) =>
    ([PolicyDocument?.Statement ?? []].flat() as Record<string, unknown>[]).flatMap((statement) => {
      const { Effect = 'Allow', Action, NotAction, Resource, NotResource, Condition } = statement;
      const actions = ([Action ?? NotAction ?? []].flat() as unknown[])
        .map(String)
        .filter((action) => !implied.test(action));
      const resources = [Resource ?? NotResource ?? []].flat() as unknown[];
      const more = Condition === undefined ? '' : ` if ${JSON.stringify(names.normal(Condition))}`;
      const not = NotAction === undefined ? '' : 'not ';
      return actions.flatMap((action) =>
        resources.map(
          (resource) =>
            `${Effect === 'Deny' ? 'deny ' : ''}${not}${action} on ${String(names.normal(resource))}${more}`,
        ),
      );
    }),
  );
  const managed = ((found.Properties?.['ManagedPolicyArns'] ?? []) as unknown[])
    .map((arn) => String(names.normal(arn)))
    .filter((arn) => !/AWSLambda(Basic|VPCAccess)ExecutionRole$/.test(arn));
  return new Set([...rights, ...managed.map((arn) => `managed policy ${arn}`)]);
}

function triggersOf(template: TemplateData, names: Names): ReadonlyMap<string, readonly string[]> {
  const triggers = new Map<string, string[]>();
  const add = (target: unknown, text: string) => {
    const name = names.functionIn(target);
    if (name !== undefined) triggers.set(name, [...(triggers.get(name) ?? []), text]);
  };
  const text = (value: unknown) => {
    const normal = names.normal(value);
    return typeof normal === 'string' ? normal : JSON.stringify(normal);
  };
  const resources = Object.entries(template.Resources);
  const pathOf = (resourceId: unknown): string => {
    const id = idIn(resourceId);
    const found = id === undefined ? undefined : template.Resources[id];
    if (found?.Type !== 'AWS::ApiGateway::Resource') return '';
    return `${pathOf(found.Properties?.['ParentId'])}/${String(found.Properties?.['PathPart'])}`;
  };
  for (const [, { Type, Properties = {} }] of resources) {
    const p = Properties as Record<string, unknown>;
    switch (Type) {
      case 'AWS::ApiGateway::Method': {
        const integration = p['Integration'] as Record<string, unknown> | undefined;
        const key = p['ApiKeyRequired'] === true ? ', with a key' : '';
        const auth = String(p['AuthorizationType'] ?? 'NONE');
        add(
          integration?.['Uri'],
          `REST ${String(p['HttpMethod'])} ${pathOf(p['ResourceId']) || '/'}, ${String(integration?.['Type'])}, authorization ${auth}${key}`,
        );
        break;
      }
      case 'AWS::ApiGatewayV2::Route': {
        const target = JSON.stringify(p['Target'] ?? '');
        const integration = resources.find(
          ([id, each]) =>
            each.Type === 'AWS::ApiGatewayV2::Integration' &&
            target.includes(`${id}`) &&
            new RegExp(`\\b${id}\\b`).test(target),
        );
        add(
          integration?.[1].Properties?.['IntegrationUri'],
          `route ${String(p['RouteKey'])}, authorization ${String(p['AuthorizationType'] ?? 'NONE')}`,
        );
        break;
      }
      case 'AWS::Lambda::EventSourceMapping': {
        const {
          FunctionName,
          EventSourceArn,
          StartingPosition,
          BatchSize,
          Enabled,
          MaximumRetryAttempts,
          FilterCriteria,
          FunctionResponseTypes,
        } = p;
        const given = {
          StartingPosition,
          BatchSize:
            BatchSize ?? (text(EventSourceArn).includes('SQS') || text(EventSourceArn).includes(':sqs:') ? 10 : 100),
          Enabled: Enabled ?? true,
          MaximumRetryAttempts: MaximumRetryAttempts === -1 ? undefined : MaximumRetryAttempts,
          FilterCriteria: filters(FilterCriteria),
          FunctionResponseTypes,
        };
        add(FunctionName, `${text(EventSourceArn)} ${text(given)}`);
        break;
      }
      case 'AWS::Events::Rule': {
        const state = p['State'] === 'DISABLED' ? ', off' : '';
        for (const target of (p['Targets'] ?? []) as readonly Record<string, unknown>[]) {
          const input = target['Input'] ?? target['InputPath'] ?? target['InputTransformer'];
          const bus = p['EventBusName'] === undefined ? '' : ` of ${text(p['EventBusName'])}`;
          add(
            target['Arn'],
            `rule ${p['ScheduleExpression'] === undefined ? text(p['EventPattern']) : text(p['ScheduleExpression'])}${bus}${state}${input === undefined ? '' : `, input ${text(jsonOf(input))}`}`,
          );
        }
        break;
      }
      case 'AWS::Scheduler::Schedule': {
        const target = p['Target'] as Record<string, unknown> | undefined;
        add(
          target?.['Arn'],
          `schedule ${text(p['ScheduleExpression'])} ${text(p['ScheduleExpressionTimezone'] ?? 'UTC')}${p['State'] === 'DISABLED' ? ', off' : ''}`,
        );
        break;
      }
      case 'AWS::SNS::Subscription':
        if (p['Protocol'] === 'lambda')
          add(
            p['Endpoint'],
            `topic ${text(p['TopicArn'])}${p['FilterPolicy'] === undefined ? '' : ` ${text(p['FilterPolicy'])}`}`,
          );
        break;
      case 'AWS::SNS::Topic':
        for (const subscription of (p['Subscription'] ?? []) as readonly Record<string, unknown>[]) {
          const id = resources.find(([, each]) => each.Properties === Properties)?.[0] ?? '';
          add(subscription['Endpoint'], `topic <${names.of(id)}>`);
        }
        break;
      case 'AWS::S3::Bucket':
        for (const each of (
          p['NotificationConfiguration'] as { LambdaConfigurations?: readonly Record<string, unknown>[] } | undefined
        )?.LambdaConfigurations ?? []) {
          const id = resources.find(([, other]) => other.Properties === Properties)?.[0] ?? '';
          const rules =
            (each['Filter'] as { S3Key?: { Rules?: readonly Record<string, unknown>[] } } | undefined)?.S3Key?.Rules ??
            [];
          const shown = rules
            .map((rule) => `${String(rule['Name'])} ${text(rule['Value'])}`)
            .sort()
            .join(', ');
          add(each['Function'], `bucket ${names.of(id)} ${text(each['Event'])}${shown === '' ? '' : `, ${shown}`}`);
        }
        break;
      case 'AWS::Logs::SubscriptionFilter':
        add(p['DestinationArn'], `logs ${text(p['LogGroupName'])} ${text(p['FilterPattern'] ?? '')}`);
        break;
      case 'AWS::IoT::TopicRule': {
        const payload = p['TopicRulePayload'] as Record<string, unknown> | undefined;
        for (const action of (payload?.['Actions'] ?? []) as readonly Record<string, unknown>[])
          add(action['Lambda'], `IoT ${text(payload?.['Sql'])}`);
        break;
      }
      case 'AWS::Cognito::UserPool':
        for (const [trigger, target] of Object.entries((p['LambdaConfig'] ?? {}) as Record<string, unknown>))
          add(target, `user pool ${trigger}`);
        break;
      case 'AWS::Lambda::Url':
        add(p['TargetFunctionArn'], `URL, authorization ${String(p['AuthType'])}`);
        break;
    }
  }
  return triggers;
}

function idIn(value: unknown): string | undefined {
  const map = (value ?? {}) as Record<string, unknown>;
  if (typeof map['Ref'] === 'string') return map['Ref'];
  const attribute = map['Fn::GetAtt'];
  return Array.isArray(attribute) ? String(attribute[0]) : undefined;
}

/** Patterns as text or as maps. */
function filters(criteria: unknown): unknown {
  const list = (criteria as { Filters?: readonly { Pattern?: unknown }[] } | undefined)?.Filters;
  return list?.map(({ Pattern }) => jsonOf(Pattern));
}

function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export { short };

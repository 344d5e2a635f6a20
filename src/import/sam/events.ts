// The events of a SAM function, one row for each type.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { idIn, reference, type SamTemplate, withOurIds } from './template.ts';

interface Event {
  readonly sam: SamTemplate;
  /** The name of the event in the template. */
  readonly name: string;
  readonly properties: Cursor;
  readonly path: Path;
}
type Rule = (event: Event) => void;
type Settings = Readonly<Record<string, Plain | undefined>>;

const clean = (settings: Settings): Record<string, Plain> =>
  Object.fromEntries(Object.entries(settings).filter((entry): entry is [string, Plain] => entry[1] !== undefined));

function add({ sam, path, properties }: Event, kind: string, value: Plain | Settings): Path {
  return sam.draft.push(
    path,
    { [kind]: isMap(value as Plain) ? clean(value as Settings) : (value as Plain) },
    placeOf(properties),
  );
}

/** Keys with the same meaning, under fx's names. */
function taken(sam: SamTemplate, cursor: Cursor, names: Readonly<Record<string, string>>): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([theirs, ours]) => {
      const value = cursor.child(theirs);
      return value === undefined ? [] : [[ours, withOurIds(sam, value.plain())] as const];
    }),
  );
}

/** `Enabled: false` or `State: DISABLED`. */
function enabled(properties: Cursor): Settings {
  const flag = properties.child('Enabled')?.flag();
  const state = properties.child('State')?.text();
  return flag === false || state === 'DISABLED' ? { enabled: false } : {};
}

function parsedFilters(sam: SamTemplate, properties: Cursor): Settings {
  const filters = properties.child('FilterCriteria')?.child('Filters')?.plain();
  if (!Array.isArray(filters)) return {};
  const patterns = filters.map((filter: Plain) => {
    const pattern = isMap(filter) ? filter['Pattern'] : filter;
    return typeof pattern === 'string' ? parsed(pattern) : withOurIds(sam, (pattern ?? null) as Plain);
  });
  return { filters: patterns };
}

function parsed(text: string): Plain {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return text;
  }
}

const batches = {
  BatchSize: 'batchSize',
  MaximumBatchingWindowInSeconds: 'batchWindow',
  KmsKeyArn: 'filterKey',
} as const;

const reports = (properties: Cursor): Settings =>
  properties.child('FunctionResponseTypes')?.plain() === undefined ? {} : { reportFailures: true };

function onFailure(sam: SamTemplate, properties: Cursor): Settings {
  const target = properties.child('DestinationConfig')?.child('OnFailure');
  target?.child('Type')?.plain();
  return { onFailure: reference(sam, target?.child('Destination')?.plain()) };
}

function streamSettings(sam: SamTemplate, properties: Cursor): Settings {
  const position = properties.child('StartingPosition')?.plain();
  const seconds = properties.child('StartingPositionTimestamp')?.number();
  const limit = (theirs: string, ours: string): Settings => {
    const value = properties.child(theirs)?.plain();
    return value === undefined || value === -1 ? {} : { [ours]: withOurIds(sam, value) };
  };
  return {
    ...(position === undefined || position === 'TRIM_HORIZON' ? {} : { startingPosition: withOurIds(sam, position) }),
    ...(seconds === undefined ? {} : { startingTimestamp: new Date(seconds * 1000).toISOString() }),
    ...taken(sam, properties, {
      ...batches,
      ParallelizationFactor: 'parallelization',
      BisectBatchOnFunctionError: 'bisect',
      TumblingWindowInSeconds: 'tumblingWindow',
    }),
    ...limit('MaximumRetryAttempts', 'maximumRetryAttempts'),
    ...limit('MaximumRecordAgeInSeconds', 'maximumRecordAge'),
    ...onFailure(sam, properties),
    ...enabled(properties),
    ...reports(properties),
    ...parsedFilters(sam, properties),
  };
}

function inputOf(sam: SamTemplate, properties: Cursor): Settings {
  const input = properties.child('Input')?.plain();
  return input === undefined ? {} : { input: typeof input === 'string' ? parsed(input) : withOurIds(sam, input) };
}

function retryOf(properties: Cursor): Settings {
  const retry = properties.child('RetryPolicy');
  if (retry === undefined) return {};
  return {
    retry: clean({
      attempts: retry.child('MaximumRetryAttempts')?.plain(),
      age: retry.child('MaximumEventAgeInSeconds')?.plain(),
    }),
  };
}

/** `{Arn}` of a queue, or one that SAM makes. */
function deadLetters(sam: SamTemplate, properties: Cursor): Settings {
  const config = properties.child('DeadLetterConfig');
  if (config === undefined) return {};
  const arn = config.child('Arn')?.plain();
  config.child('Type')?.plain();
  config.child('QueueLogicalId')?.plain();
  return { deadLetters: arn === undefined ? true : reference(sam, arn) };
}

const schedule: Rule = (event) => {
  const { sam, properties } = event;
  add(event, 'schedule', {
    expression: withOurIds(sam, properties.child('Schedule')?.plain() ?? null),
    ...taken(sam, properties, { Name: 'name', Description: 'description' }),
    ...enabled(properties),
    ...inputOf(sam, properties),
    rule: true,
  });
  dropRest(event, ['RetryPolicy', 'DeadLetterConfig']);
};

/** A rate is the same in every time zone. */
function timezoneOf(properties: Cursor): Plain | undefined {
  const timezone = properties.child('ScheduleExpressionTimezone')?.plain();
  return properties.child('ScheduleExpression')?.text()?.startsWith('rate(') === true ? undefined : timezone;
}

const scheduleV2: Rule = (event) => {
  const { sam, properties } = event;
  const window = properties.child('FlexibleTimeWindow')?.child('MaximumWindowInMinutes')?.plain();
  properties.child('FlexibleTimeWindow')?.child('Mode')?.plain();
  properties.child('OmitName')?.plain();
  add(event, 'schedule', {
    expression: withOurIds(sam, properties.child('ScheduleExpression')?.plain() ?? null),
    timezone: timezoneOf(properties),
    ...taken(sam, properties, { Name: 'name', Description: 'description', StartDate: 'start', EndDate: 'end' }),
    group: reference(sam, properties.child('GroupName')?.plain()),
    ...(window === undefined ? {} : { flexibleWindow: window }),
    ...enabled(properties),
    ...inputOf(sam, properties),
    ...retryOf(properties),
    ...deadLetters(sam, properties),
  });
};

const eventBridge: Rule = (event) => {
  const { sam, properties } = event;
  const bus = reference(sam, properties.child('EventBusName')?.plain());
  const transformer = properties.child('InputTransformer');
  const template = transformer?.child('InputTemplate')?.text();
  properties.child('Target')?.child('Id')?.plain();
  add(event, 'eventbridge', {
    bus: bus === 'default' ? undefined : bus,
    pattern: withOurIds(sam, properties.child('Pattern')?.plain() ?? null),
    ...taken(sam, properties, { InputPath: 'inputPath', RuleName: 'name' }),
    ...enabled(properties),
    ...inputOf(sam, properties),
    ...retryOf(properties),
    ...deadLetters(sam, properties),
    ...(transformer === undefined
      ? {}
      : {
          transformer: clean({
            paths: transformer.child('InputPathsMap')?.plain(),
            template:
              template === undefined
                ? undefined
                : parsed(template.replace(/(?<=[:,[]\s*)<([\w.-]+)>(?=\s*[,}\]])/g, '"<$1>"')),
          }),
        }),
  });
};

const sqs: Rule = (event) => {
  const { sam, properties } = event;
  const queue = reference(sam, properties.child('Queue')?.plain());
  const settings = {
    ...taken(sam, properties, batches),
    ...enabled(properties),
    ...reports(properties),
    ...parsedFilters(sam, properties),
    maximumConcurrency: properties.child('ScalingConfig')?.child('MaximumConcurrency')?.plain(),
  };
  const isAlone = Object.keys(clean(settings)).length === 0 && typeof queue === 'string';
  add(event, 'sqs', isAlone ? queue : { queue, ...settings });
};

const sns: Rule = (event) => {
  const { sam, properties } = event;
  const topic = reference(sam, properties.child('Topic')?.plain());
  const subscription = properties.child('SqsSubscription');
  const viaQueue = subscription?.isMap === true || subscription?.flag() === true;
  if (subscription?.isMap === true) subscription.plain();
  const redrive = properties.child('RedrivePolicy')?.child('deadLetterTargetArn')?.plain();
  const settings = {
    ...taken(sam, properties, {
      FilterPolicy: 'filterPolicy',
      FilterPolicyScope: 'filterPolicyScope',
      Region: 'region',
    }),
    ...(redrive === undefined ? {} : { deadLetters: reference(sam, redrive) }),
    ...(viaQueue ? { sqs: true } : {}),
  };
  add(event, 'sns', Object.keys(settings).length === 0 && typeof topic === 'string' ? topic : { topic, ...settings });
};

const s3: Rule = (event) => {
  const { sam, properties } = event;
  const bucket = reference(sam, properties.child('Bucket')?.plain());
  const events = ([properties.child('Events')?.plain() ?? 's3:ObjectCreated:*'].flat() as readonly Plain[]).map(
    (kind) => String(kind).replace(/^s3:/, ''),
  );
  const rules = properties.child('Filter')?.child('S3Key')?.child('Rules')?.items() ?? [];
  const parts = Object.fromEntries(
    rules.map((rule) => [
      String(rule.child('Name')?.text()).toLowerCase(),
      withOurIds(sam, rule.child('Value')?.plain() ?? ''),
    ]),
  );
  const isDefault = events.length === 1 && events[0] === 'ObjectCreated:*';
  if (isDefault && rules.length === 0 && typeof bucket === 'string') return void add(event, 's3', bucket);
  add(event, 's3', { bucket, ...(isDefault ? {} : { events }), ...parts });
};

const dynamodb: Rule = (event) => {
  const { sam, properties } = event;
  const stream = properties.child('Stream')?.plain();
  const id = idIn(stream);
  const isOwn = typeof stream !== 'string' && id !== undefined && sam.resources.has(id);
  add(event, 'dynamodb', {
    ...(isOwn ? { table: id } : { stream: stream === undefined ? undefined : withOurIds(sam, stream) }),
    ...streamSettings(sam, properties),
  });
};

const kinesis: Rule = (event) => {
  const { sam, properties } = event;
  add(event, 'kinesis', {
    stream: reference(sam, properties.child('Stream')?.plain()),
    ...streamSettings(sam, properties),
  });
};

const logs: Rule = (event) => {
  const { sam, properties } = event;
  const group = reference(sam, properties.child('LogGroupName')?.plain());
  const pattern = properties.child('FilterPattern')?.plain();
  if (pattern === undefined || pattern === '')
    return void add(event, 'logs', typeof group === 'string' ? group : { groups: [group ?? null] });
  add(event, 'logs', { groups: [group ?? null], pattern: withOurIds(sam, pattern) });
};

const iot: Rule = (event) => {
  const { sam, properties } = event;
  const version = properties.child('AwsIotSqlVersion')?.plain();
  add(event, 'iot', { sql: withOurIds(sam, properties.child('Sql')?.plain() ?? null), sqlVersion: version });
};

const alexa: Rule = (event) => {
  const { sam, properties } = event;
  const skill = properties.child('SkillId')?.plain();
  if (skill !== undefined) return void add(event, 'alexa', withOurIds(sam, skill));
  sam.draft.dropped(placeOf(properties), 'any Alexa skill could call the function', {
    remedy: 'name yours: - alexa: amzn1.ask.skill.…',
    beside: event.path.slice(0, 2),
  });
};

const cognito: Rule = (event) => {
  const { sam, properties } = event;
  const pool = reference(sam, properties.child('UserPool')?.plain());
  for (const trigger of [properties.child('Trigger')?.plain() ?? []].flat() as readonly Plain[])
    add(event, 'cognito', { pool, trigger });
};

const msk: Rule = (event) => {
  const { sam, properties } = event;
  const topics = properties.child('Topics')?.plain();
  add(event, 'msk', {
    cluster: withOurIds(sam, properties.child('Stream')?.plain() ?? null),
    topic: ([topics ?? []].flat() as readonly Plain[])[0],
    ...taken(sam, properties, { ConsumerGroupId: 'consumerGroup' }),
    ...streamSettings(sam, properties),
  });
};

const mq: Rule = (event) => {
  const { sam, properties } = event;
  const queues = properties.child('Queues')?.plain();
  const accesses = properties.child('SourceAccessConfigurations')?.items() ?? [];
  const secret = accesses
    .find((access) => access.child('Type')?.text() === 'BASIC_AUTH')
    ?.child('URI')
    ?.plain();
  const host = accesses
    .find((access) => access.child('Type')?.text() === 'VIRTUAL_HOST')
    ?.child('URI')
    ?.plain();
  properties.child('DynamicPolicyName')?.plain();
  add(event, 'mq', {
    broker: withOurIds(sam, properties.child('Broker')?.plain() ?? null),
    queue: ([queues ?? []].flat() as readonly Plain[])[0],
    secret: secret === undefined ? undefined : withOurIds(sam, secret),
    virtualHost: host,
    ...taken(sam, properties, batches),
    ...enabled(properties),
    ...parsedFilters(sam, properties),
  });
};

/** The API of an event: that of its section, or one by name. */
function apiOf(sam: SamTemplate, id: string | undefined): Settings {
  const name = id === undefined ? undefined : sam.apis.get(id)?.name;
  return name === undefined ? {} : { api: name };
}

/** An API of the template; one of elsewhere is reported. */
function apiIdOf(sam: SamTemplate, cursor: Cursor | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = idIn(cursor.plain());
  if (id !== undefined && sam.apis.has(id)) return id;
  sam.draft.dropped(placeOf(cursor), 'the API of the event is not in this template', {
    remedy: 'name it under apis with its id, and in the event: api',
  });
  return undefined;
}

const rest: Rule = (event) => {
  const { sam, properties } = event;
  const method = (properties.child('Method')?.text() ?? 'any').toUpperCase();
  const path = properties.child('Path')?.text() ?? '/';
  const id = apiIdOf(sam, properties.child('RestApiId'));
  const { draft } = sam;
  if (id === undefined && !draft.has(['rest', 'stage'])) draft.set(['rest', 'stage'], 'Prod');
  const auth = properties.child('Auth');
  const authorizer = auth?.child('Authorizer')?.text();
  const scopes = auth?.child('AuthorizationScopes')?.plain();
  const apiKey = auth?.child('ApiKeyRequired')?.flag();
  auth?.child('OverrideApiAuth')?.plain();
  auth?.child('InvokeRole')?.plain();
  properties.child('TimeoutInMillis')?.plain();
  const parameters = properties.child('RequestParameters')?.each() ?? [];
  const request: { query?: Record<string, boolean>; headers?: Record<string, boolean> } = {};
  for (const parameter of parameters) {
    const texts = parameter.isMap ? parameter.keys() : [parameter.text() ?? ''];
    for (const text of texts) {
      const required = parameter.isMap ? parameter.child(text)?.child('Required')?.flag() === true : false;
      if (parameter.isMap) parameter.child(text)?.child('Caching')?.plain();
      const [, , kind, name = ''] = /^(method\.request)\.(querystring|header|path)\.(.+)$/.exec(text) ?? [];
      if (kind === 'querystring') request.query = { ...request.query, [name]: required };
      if (kind === 'header') request.headers = { ...request.headers, [name]: required };
      if (kind === undefined) {
        if (parameter.isMap) parameter.child(text)?.plain();
        draft.dropped(placeOf(parameter), `"${text}" is no parameter of a request`, {
          remedy: 'write it under request',
        });
      }
    }
  }
  const model = properties.child('RequestModel');
  const body = model?.child('Model')?.plain();
  for (const key of ['Required', 'ValidateBody', 'ValidateParameters']) model?.child(key)?.plain();
  const hasRequest = Object.keys(request).length > 0 || body !== undefined;
  const settings: Settings = {
    ...apiOf(sam, id),
    authorizer: authorizer === 'NONE' ? 'none' : authorizer === 'AWS_IAM' ? 'iam' : authorizer,
    scopes,
    apiKey: apiKey === true ? true : undefined,
    request: hasRequest ? ({ ...request, ...(body === undefined ? {} : { body }) } as Plain) : undefined,
  };
  const route = `${method} ${path.startsWith('/') ? path : `/${path}`}`;
  add(event, 'rest', Object.values(settings).every((value) => value === undefined) ? route : { route, ...settings });
};

const http: Rule = (event) => {
  const { sam, properties } = event;
  const method = (properties.child('Method')?.text() ?? 'any').toUpperCase();
  const path = properties.child('Path')?.text();
  const id = apiIdOf(sam, properties.child('ApiId'));
  const auth = properties.child('Auth');
  const authorizer = auth?.child('Authorizer')?.text();
  const millis = properties.child('TimeoutInMillis')?.number();
  const settings: Settings = {
    ...apiOf(sam, id),
    authorizer: authorizer === 'NONE' ? 'none' : authorizer === 'AWS_IAM' ? 'iam' : authorizer,
    scopes: auth?.child('AuthorizationScopes')?.plain(),
    payload: properties.child('PayloadFormatVersion')?.text(),
    timeout: millis === undefined ? undefined : Math.max(1, Math.floor(millis / 1000)),
  };
  const route =
    path === undefined || path === '$default'
      ? '$default'
      : `${method === 'X-AMAZON-APIGATEWAY-ANY-METHOD' ? 'ANY' : method} ${path}`;
  add(event, 'http', Object.values(settings).every((value) => value === undefined) ? route : { route, ...settings });
};

/** What a rule of fx's `schedule` has no place for. */
function dropRest({ sam, properties, path }: Event, keys: readonly string[]): void {
  for (const key of keys) {
    const value = properties.child(key);
    if (value === undefined) continue;
    value.plain();
    sam.draft.dropped(placeOf(value), `a rule of fx has no ${key} for a schedule`, {
      remedy: 'remove rule: true, and set retry or deadLetters',
      beside: path.slice(0, 2),
    });
  }
}

const rules: Readonly<Record<string, Rule>> = {
  Api: rest,
  HttpApi: http,
  Schedule: schedule,
  ScheduleV2: scheduleV2,
  EventBridgeRule: eventBridge,
  CloudWatchEvent: eventBridge,
  SQS: sqs,
  SNS: sns,
  S3: s3,
  DynamoDB: dynamodb,
  Kinesis: kinesis,
  CloudWatchLogs: logs,
  IoTRule: iot,
  AlexaSkill: alexa,
  Cognito: cognito,
  MSK: msk,
  MQ: mq,
};

/** The events under a function or a state machine. */
export function eventsOf(sam: SamTemplate, events: Cursor, path: Path): void {
  for (const [name, event] of events.entries()) {
    const type = event.child('Type')?.text() ?? '';
    const properties = event.child('Properties') ?? event;
    const rule = Object.hasOwn(rules, type) ? rules[type] : undefined;
    if (rule === undefined) {
      event.plain();
      sam.draft.dropped(placeOf(event), `fx has no event "${type}"`, {
        remedy: 'add what it needs under resources',
        beside: path.slice(0, 2),
      });
      continue;
    }
    sam.draft.carried(placeOf(event), `the event ${name}, ${type}`);
    rule({ sam, name, properties, path });
  }
}

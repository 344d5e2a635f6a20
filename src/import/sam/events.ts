// The events of a SAM function, one row for each type.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { documentDb, kafka, mq, msk } from './events/brokers.ts';
import {
  add,
  batches,
  clean,
  type Event,
  enabled,
  parsed,
  parsedFilters,
  type Rule,
  reports,
  type Settings,
  streamSettings,
  taken,
} from './events/event.ts';
import { http, rest } from './events/routes.ts';
import { idIn, reference, type SamTemplate, withOurIds } from './template.ts';

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
  SelfManagedKafka: kafka,
  DocumentDB: documentDb,
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

// Queues, topics and streams: sqs, sns, stream, kafka, msk, activemq, rabbitmq, documentdb.

import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { withoutLookups } from '../../lookup-text.ts';
import { alphanumeric, idIn, type Service, withOurIds } from '../service.ts';
import { add, clean, type EventRule, enabledOf, reference, type Settings, taken } from './rule.ts';

/** `[{body: …}]` of filterPatterns. */
const filters = (config: Cursor): Settings => {
  const value = config.child('filterPatterns')?.plain();
  return value === undefined ? {} : { filters: [value].flat() as Plain };
};

const reports = (config: Cursor): Settings => {
  const type = config.child('functionResponseType')?.plain();
  return type === undefined ? {} : { reportFailures: true };
};

const poller = (config: Cursor): Settings => {
  const value = config.child('provisionedPollerConfig');
  if (value === undefined) return {};
  return {
    provisionedPollers: clean(
      taken(value, { minimumPollers: 'minimum', maximumPollers: 'maximum', pollerGroupName: 'group' }),
    ),
  };
};

export const sqs: EventRule = (context) => {
  const { service, config } = context;
  const arn = config.isMap && config.has('arn') ? config.child('arn') : config;
  const queue = reference(service, arn?.plain());
  if (arn === config) return void add(context, 'sqs', queue ?? null);
  add(context, 'sqs', {
    queue,
    ...taken(config, {
      batchSize: 'batchSize',
      maximumBatchingWindow: 'batchWindow',
      maximumConcurrency: 'maximumConcurrency',
      filterKeyArn: 'filterKey',
    }),
    ...enabledOf(config),
    ...reports(config),
    ...filters(config),
    ...poller(config),
  });
};

const isArn = (text: string) => text.startsWith('arn:');

export const sns: EventRule = (context) => {
  const { service, config } = context;
  const arn = config.isMap ? config.child('arn') : undefined;
  const name = config.isMap ? config.child('topicName')?.text() : config.text();
  const plain = arn?.plain() ?? (config.isMap && name === undefined ? config.plain() : undefined);
  const topic =
    plain !== undefined
      ? typeof plain === 'string' && !isArn(plain)
        ? madeTopic(service, plain, config)
        : reference(service, plain)
      : isArn(name ?? '')
        ? name
        : madeTopic(service, name ?? 'topic', config);
  const filterPolicy = config.isMap ? config.child('filterPolicy')?.plain() : undefined;
  const redrive = config.isMap ? config.child('redrivePolicy') : undefined;
  const deadLetters = redrive === undefined ? undefined : deadLetterOf(service, redrive);
  if (config.isMap && filterPolicy === undefined && redrive === undefined && config.has('arn'))
    config.child('displayName')?.plain();
  const settings: Settings = {
    topic,
    filterPolicy,
    ...(config.isMap ? taken(config, { filterPolicyScope: 'filterPolicyScope' }) : {}),
    deadLetters,
  };
  const isShort = Object.values(settings).filter((value) => value !== undefined).length === 1;
  add(context, 'sns', isShort && typeof topic === 'string' ? topic : settings);
};

/** `{deadLetterTargetArn}`, `{deadLetterTargetRef}` or `{deadLetterTargetImport: {arn, url}}`. */
function deadLetterOf(service: Service, redrive: Cursor): Plain | undefined {
  const ref = redrive.child('deadLetterTargetRef')?.text();
  if (ref !== undefined) return ref;
  const arn = redrive.child('deadLetterTargetArn') ?? redrive.child('deadLetterTargetImport')?.child('arn');
  redrive.child('deadLetterTargetImport')?.child('url')?.plain();
  return reference(service, arn?.plain());
}

/** The first event that names a topic makes it; further ones refer to it. */
function madeTopic(service: Service, name: string, config: Cursor): Plain {
  const display = config.isMap ? config.child('displayName')?.plain() : undefined;
  const key = `topic:${name}`;
  const known = service.made.get(key);
  if (known !== undefined) return known;
  const theirs = `SNSTopic${alphanumeric(withoutLookups(name))}`;
  if (service.resources.has(theirs)) return theirs;
  const id = [...service.made.values()].includes(theirs) ? `${theirs}${service.made.size}` : theirs;
  service.made.set(key, id);
  service.draft.set(
    ['resources', id],
    { Type: 'AWS::SNS::Topic', Properties: clean({ TopicName: name, DisplayName: display }) },
    placeOf(config),
  );
  return id;
}

/** The default of the Serverless Framework; Lambda's is 100.
 * https://www.serverless.com/framework/docs/providers/aws/events/streams#batch-with-partial-responses */
const streamBatch = 10;

export const stream: EventRule = (context) => {
  const { service, config } = context;
  const arn = config.isMap ? config.child('arn') : config;
  const plain = arn?.plain();
  const id = plain === undefined ? undefined : idIn(plain);
  const resourceType = id === undefined ? undefined : service.resources.get(id)?.child('Type')?.text();
  const written = config.isMap ? config.child('type')?.text() : undefined;
  const guessed =
    typeof plain === 'string' && plain.includes(':dynamodb:')
      ? 'dynamodb'
      : JSON.stringify(plain ?? '').includes('StreamArn')
        ? 'dynamodb'
        : 'kinesis';
  const kind = written ?? (resourceType?.startsWith('AWS::DynamoDB::') ? 'dynamodb' : guessed);
  const isOwn = id !== undefined && service.resources.has(id);
  const target: Settings = isOwn
    ? { [kind === 'dynamodb' ? 'table' : 'stream']: id }
    : { stream: plain === undefined ? undefined : withOurIds(service, plain) };
  if (!config.isMap || !config.has('arn')) {
    return void add(context, kind, { ...target, batchSize: streamBatch });
  }
  const consumer = config.child('consumer')?.plain();
  const position = config.child('startingPosition')?.plain();
  const timestamp = config.child('startingPositionTimestamp');
  const seconds = timestamp?.number();
  const destination = config.child('destinations')?.child('onFailure');
  const target2 = destination?.isMap === true && destination.has('arn') ? destination.child('arn') : destination;
  destination?.child('type')?.plain();
  add(context, kind, {
    ...target,
    ...(consumer === undefined ? {} : { consumer: consumer as Plain }),
    // both begin at TRIM_HORIZON unless told otherwise
    ...(position === undefined || position === 'TRIM_HORIZON' ? {} : { startingPosition: position }),
    ...(timestamp === undefined
      ? {}
      : { startingTimestamp: seconds === undefined ? timestamp.plain() : new Date(seconds * 1000).toISOString() }),
    batchSize: config.has('batchSize') ? undefined : streamBatch,
    ...taken(config, {
      batchSize: 'batchSize',
      batchWindow: 'batchWindow',
      parallelizationFactor: 'parallelization',
      bisectBatchOnFunctionError: 'bisect',
      tumblingWindowInSeconds: 'tumblingWindow',
      filterKeyArn: 'filterKey',
    }),
    ...limit(config, 'maximumRetryAttempts', 'maximumRetryAttempts'),
    ...limit(config, 'maximumRecordAgeInSeconds', 'maximumRecordAge'),
    onFailure: reference(service, target2?.plain()),
    ...enabledOf(config),
    ...reports(config),
    ...filters(config),
  });
};

/** -1 means without limit, which is fx's default. */
function limit(config: Cursor, theirs: string, ours: string): Settings {
  const value = config.child(theirs)?.plain();
  return value === undefined || value === -1 ? {} : { [ours]: value };
}

const kafkaSettings: Readonly<Record<string, string>> = {
  topic: 'topic',
  batchSize: 'batchSize',
  maximumBatchingWindow: 'batchWindow',
  consumerGroupId: 'consumerGroup',
  filterKeyArn: 'filterKey',
};

function kafkaAuth(service: Service, accesses: Cursor | undefined): Settings {
  if (accesses === undefined) return {};
  const auth: Record<string, Plain> = {};
  const names: Readonly<Record<string, string>> = {
    saslPlainAuth: 'basic',
    saslScram256Auth: 'saslScram256',
    saslScram512Auth: 'saslScram512',
    clientCertificateTlsAuth: 'clientCertificate',
    serverRootCaCertificate: 'serverRootCa',
  };
  for (const [theirs, ours] of Object.entries(names)) {
    const value = accesses.child(theirs)?.plain();
    if (value !== undefined) auth[ours] = withOurIds(service, [value].flat()[0] ?? null);
  }
  const subnets = accesses.child('vpcSubnet')?.plain();
  const groups = accesses.child('vpcSecurityGroup')?.plain();
  const bare = (value: Plain | undefined) =>
    [value ?? []]
      .flat()
      .map((item) => (typeof item === 'string' ? item.replace(/^(subnet|security_group):/, '') : item)) as Plain[];
  return {
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
    ...(subnets === undefined ? {} : { vpc: { subnetIds: bare(subnets), securityGroupIds: bare(groups) } }),
  };
}

const kafkaStart = (config: Cursor): Settings => {
  const position = config.child('startingPosition')?.plain();
  const seconds = config.child('startingPositionTimestamp')?.number();
  return {
    ...(position === undefined || position === 'TRIM_HORIZON' ? {} : { startingPosition: position }),
    ...(seconds === undefined ? {} : { startingTimestamp: new Date(seconds * 1000).toISOString() }),
  };
};

export const msk: EventRule = (context) => {
  const { service, config } = context;
  const secret = config.child('saslScram512')?.plain();
  add(context, 'msk', {
    cluster: withOurIds(service, config.child('arn')?.plain() ?? null),
    ...taken(config, kafkaSettings),
    ...kafkaStart(config),
    ...(secret === undefined ? {} : { auth: { saslScram512: secret } }),
    ...enabledOf(config),
    ...filters(config),
    ...poller(config),
  });
};

export const kafka: EventRule = (context) => {
  const { service, config } = context;
  add(context, 'kafka', {
    bootstrapServers: [config.child('bootstrapServers')?.plain() ?? []].flat() as Plain,
    ...taken(config, kafkaSettings),
    ...kafkaStart(config),
    ...kafkaAuth(service, config.child('accessConfigurations')),
    ...enabledOf(config),
    ...filters(config),
    ...poller(config),
  });
};

const broker: EventRule = (context) => {
  const { service, config } = context;
  add(context, 'mq', {
    broker: withOurIds(service, config.child('arn')?.plain() ?? null),
    queue: config.child('queue')?.plain(),
    secret: withOurIds(service, config.child('basicAuthArn')?.plain() ?? null),
    ...taken(config, {
      virtualHost: 'virtualHost',
      batchSize: 'batchSize',
      maximumBatchingWindow: 'batchWindow',
      filterKeyArn: 'filterKey',
    }),
    ...enabledOf(config),
    ...filters(config),
  });
};
export const activemq = broker;
export const rabbitmq = broker;

export const documentDb: EventRule = (context) => {
  const { service, config } = context;
  const auth = config.child('auth')?.plain();
  add(context, 'documentdb', {
    cluster: withOurIds(service, config.child('cluster')?.plain() ?? null),
    secret: withOurIds(service, config.child('smk')?.plain() ?? auth ?? null),
    ...taken(config, {
      db: 'database',
      collection: 'collection',
      batchSize: 'batchSize',
      batchWindow: 'batchWindow',
      document: 'fullDocument',
    }),
    // theirs begins with the oldest change, and fx with what is new
    startingPosition: 'TRIM_HORIZON',
    ...kafkaStart(config),
    ...enabledOf(config),
  });
};

// `constructs` of the plugin serverless-lift → queues, buckets, tables and webhooks of fx.
// https://github.com/getlift/lift#constructs
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { convertFunction, type Shared } from './functions.ts';
import { functionNameOf, normalized, type Service } from './service.ts';

const idOf = (name: string) => normalized(name.replace(/[^A-Za-z0-9_-]/g, ''));

/** What `${construct:NAME.PROPERTY}` stands for. */
export function constructValue(constructs: Cursor | undefined, address: string): Plain | undefined {
  const [name = '', property = ''] = address.split('.');
  const construct = constructs?.child(name);
  if (construct === undefined) return undefined;
  const id = idOf(name);
  const values: Readonly<Record<string, Readonly<Record<string, Plain>>>> = {
    queue: {
      queueUrl: { Ref: id },
      queueArn: { 'Fn::GetAtt': [id, 'Arn'] },
      dlqUrl: { Ref: `${id}DeadLetters` },
      dlqArn: { 'Fn::GetAtt': [`${id}DeadLetters`, 'Arn'] },
    },
    storage: { bucketName: { Ref: id }, bucketArn: { 'Fn::GetAtt': [id, 'Arn'] } },
    'database/dynamodb-single-table': {
      tableName: { Ref: id },
      tableArn: { 'Fn::GetAtt': [id, 'Arn'] },
      tableStreamArn: { 'Fn::GetAtt': [id, 'StreamArn'] },
    },
  };
  return values[construct.child('type')?.text() ?? '']?.[property];
}

/** Functions that constructs have: their names count before anything is converted. */
export function constructFunctions(
  constructs: Cursor | undefined,
): readonly (readonly [key: string, cursor: Cursor])[] {
  return (constructs?.entries() ?? []).flatMap(([name, construct]) =>
    ['worker', 'authorizer'].flatMap((role) => {
      const cursor = construct.child(role);
      return cursor === undefined ? [] : [[`${name}${role.charAt(0).toUpperCase()}${role.slice(1)}`, cursor] as const];
    }),
  );
}

export function convertConstructs(service: Service, constructs: Cursor, shared: Shared): void {
  const { draft } = service;
  for (const [name, construct] of constructs.entries()) {
    const type = construct.child('type')?.text() ?? '';
    const id = idOf(name);
    const before = draft.findings.length;
    if (type === 'queue') queue(service, { name, id, construct, shared });
    else if (type === 'storage') storage(service, id, construct);
    else if (type === 'database/dynamodb-single-table') table(service, id, construct);
    else {
      construct.plain();
      draft.dropped(placeOf(construct), `fx has no construct "${type}"`, {
        remedy: type.includes('website')
          ? 'fx serves static files: see site'
          : 'write what it makes under resources and events',
        beside: ['functions'],
      });
      continue;
    }
    if (draft.findings.length === before) draft.carried(placeOf(construct), `the construct "${name}"`);
    else draft.changed(placeOf(construct), `the ${type} "${name}" is one of fx now`);
  }
}

interface Queue {
  readonly name: string;
  readonly id: string;
  readonly construct: Cursor;
  readonly shared: Shared;
}

/** A queue with its worker and a queue for failed messages, after three attempts. */
function queue(service: Service, { name, id, construct, shared }: Queue): void {
  const { draft } = service;
  const worker = construct.child('worker');
  const key = `${name}Worker`;
  const ours = service.functions.get(key) ?? functionNameOf(key);
  const optional = (theirs: string, key: string) => {
    const value = construct.child(theirs)?.plain();
    return value === undefined ? {} : { [key]: value };
  };
  const settings = {
    queue: {
      make: id,
      ...(construct.child('fifo')?.flag() === true ? { fifo: true } : {}),
      ...optional('delay', 'delay'),
      deadLetters: { maxReceives: construct.child('maxRetries')?.plain() ?? 3 },
    },
    ...optional('batchSize', 'batchSize'),
    ...optional('maxBatchingWindow', 'batchWindow'),
    ...optional('maxConcurrency', 'maximumConcurrency'),
    reportFailures: true,
  };
  const alarm = construct.child('alarm');
  if (alarm !== undefined) {
    alarm.plain();
    draft.dropped(placeOf(alarm), 'fx sends no mail about failed messages', {
      remedy: `add an alarm on ${id}DeadLetters under resources`,
    });
  }
  if (worker === undefined) return;
  convertFunction(service, { key, name: ours, cursor: worker, shared });
  draft.push(['functions', ours, 'events'], { sqs: settings }, placeOf(construct));
  const producers = [...service.functions.values()].filter((other) => other !== ours);
  // the plugin lets every function of the service send
  for (const producer of producers)
    draft.push(['functions', producer, 'permissions'], `sqs:SendMessage on ${id}`, placeOf(construct));
}

function storage(service: Service, id: string, construct: Cursor): void {
  const { draft } = service;
  construct.child('encryption')?.plain();
  draft.set(
    ['resources', id],
    {
      Type: 'AWS::S3::Bucket',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    },
    placeOf(construct),
  );
  draft.push(
    ['defaults', 'permissions'],
    `s3:PutObject,GetObject,DeleteObject,ListBucket on ${id}`,
    placeOf(construct),
  );
}

function table(service: Service, id: string, construct: Cursor): void {
  const { draft } = service;
  const indexes = construct.child('gsiCount')?.number() ?? 0;
  const local = construct.child('localSecondaryIndexes')?.flag() === true;
  const names = Array.from({ length: indexes }, (_, index) => `GSI-${index + 1}`);
  const attributes = ['PK', 'SK', ...names.flatMap((name) => [`${name}-PK`, `${name}-SK`])];
  if (local)
    draft.dropped(placeOf(construct), 'the local secondary indexes are not carried over', {
      remedy: `add them to ${id} under resources`,
    });
  draft.set(
    ['resources', id],
    {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'PK', KeyType: 'HASH' },
          { AttributeName: 'SK', KeyType: 'RANGE' },
        ],
        ...(names.length === 0
          ? {}
          : {
              GlobalSecondaryIndexes: names.map((IndexName) => ({
                IndexName,
                KeySchema: [
                  { AttributeName: `${IndexName}-PK`, KeyType: 'HASH' },
                  { AttributeName: `${IndexName}-SK`, KeyType: 'RANGE' },
                ],
                Projection: { ProjectionType: 'ALL' },
              })),
            }),
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        TimeToLiveSpecification: { AttributeName: 'TimeToLive', Enabled: true },
      },
    },
    placeOf(construct),
  );
  draft.push(
    ['defaults', 'permissions'],
    `dynamodb:GetItem,BatchGetItem,Query,Scan,BatchWriteItem,PutItem,DeleteItem,UpdateItem,ConditionCheckItem on ${id}`,
    placeOf(construct),
  );
}

// Mappings of brokers outside the local AWS: checked, kept and described, and idle.
import { expect, test } from 'vitest';
import type { Input } from '../../cloud.ts';
import { createFunction } from '../fixture.ts';
import { startTestLambda } from '../test-lambda.ts';

const { cloud, Role, call } = await startTestLambda({
  Effect: 'Allow',
  Action: ['kafka:*', 'mq:*', 'ec2:*'],
  Resource: '*',
});
const FunctionName = await createFunction(cloud, 'export const handler = () => {}', { Role });
const URI = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:broker-Ab12Cd';
const of = (servers: string[]) => ({
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: servers } },
  SourceAccessConfigurations: [{ Type: 'BASIC_AUTH' as const, URI }],
  StartingPosition: 'TRIM_HORIZON' as const,
  FunctionName,
});
const create = (input: Input<'lambda', 'CreateEventSourceMapping'>) => call('CreateEventSourceMapping', input);

test('a topic of a Kafka cluster, which Lambda cannot reach', async () => {
  const { SourceAccessConfigurations: _, ...incomplete } = of(['kafka:1000']);
  await expect(create({ ...incomplete, Topics: ['topic'] })).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: "Required 'sourceAccessConfigurations' parameter is missing.",
  });
  const created = await create({ ...of(['kafka:1000']), Topics: ['topic'] });
  expect(created).toMatchObject({ BatchSize: 100, LastProcessingResult: 'No records processed', Topics: ['topic'] });
  expect(created.EventSourceArn).toBeUndefined();
  // an id of its own, as AWS gives it: recorded
  expect(created.SelfManagedKafkaEventSourceConfig).toEqual({ ConsumerGroupId: created.UUID });
  await expect
    .poll(async () => (await call('GetEventSourceMapping', { UUID: created.UUID })).LastProcessingResult)
    .toBe('PROBLEM: Connection error. Please check your event source connection configuration.');
  const conflict = `An event source mapping with event source ("kafka:1000"), function ("${created.FunctionArn}"), topics ("topic") already exists. Please update or delete the existing mapping with UUID ${created.UUID}`;
  await expect(create({ ...of(['kafka:1000']), Topics: ['topic'] })).rejects.toMatchObject({ message: conflict });
  const other = await create({ ...of(['kafka:1000']), Topics: ['other'], BatchSize: 1 });
  expect(other).toMatchObject({ Topics: ['other'], BatchSize: 1 });
});

test('the role needs the broker, and what no other source has is refused by name', async () => {
  const source = {
    EventSourceArn: 'arn:aws:rds:us-east-1:000000000000:cluster:shop',
    DocumentDBEventSourceConfig: { DatabaseName: 'shop' },
    StartingPosition: 'LATEST' as const,
    SourceAccessConfigurations: [{ Type: 'BASIC_AUTH' as const, URI }],
    FunctionName,
  };
  await expect(create(source)).rejects.toMatchObject({
    message: 'The provided execution role does not have permissions to call DescribeDBClusters on DocumentDB',
  });
  const broker = {
    EventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:shop:b-1',
    Queues: ['orders'],
    SourceAccessConfigurations: [{ Type: 'BASIC_AUTH' as const, URI }],
    FunctionName,
  };
  await expect(create({ ...broker, ParallelizationFactor: 2 })).rejects.toMatchObject({
    message: 'ParallelizationFactor of an event source mapping of MQ is not implemented by the fx local AWS',
  });
  expect(await create(broker)).toMatchObject({ Queues: ['orders'], State: 'Creating' });
});

// Kafka, MQ and DocumentDB as event sources: what is refused before a deploy, and what the role is allowed.
import { expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-Ab12Cd';
const cluster = 'arn:aws:kafka:eu-west-1:111122223333:cluster/shop/0a1b2c3d-1';
const servers = 'bootstrapServers: ["b1.example.com:9096"], topic: orders';
const project = (event: string) =>
  `name: s\nregion: eu-west-1\nfunctions:\n  a:\n    handler: a.handler\n    events:\n      - ${event}\n`;

test.each([
  [`kafka: {${servers}}`, 'kafka needs auth or vpc'],
  [`kafka: {${servers}, auth: {role: iam, oauth: "${secret}"}}`, 'auth.role and auth.oauth exclude each other'],
  [`kafka: {${servers}, auth: {role: token}}`, 'auth.role: token needs auth.audience'],
  [`kafka: {${servers}, auth: {basic: "${secret}", scope: kafka}}`, 'auth.scope needs auth.oauth'],
  [
    `kafka: {${servers}, auth: {role: iam}, consumptionMode: Queue, batchWindow: 1}`,
    'consumptionMode: Queue has no batchWindow',
  ],
  [
    `kafka: {${servers}, auth: {role: iam}, consumptionMode: Queue, maximumRetryAttempts: -1}`,
    'consumptionMode: Queue ends its retries, so maximumRetryAttempts cannot be -1',
  ],
  ['kafka: {bootstrapServers: [b1], topic: orders, auth: {role: iam}}', 'expected host:port, found "b1"'],
  [`msk: {cluster: "${cluster}", topic: orders, consumptionMode: Queue}`, 'unknown key "consumptionMode"'],
  [
    `msk: {cluster: "${cluster}", topic: orders, startingPosition: AT_TIMESTAMP}`,
    'startingPosition: AT_TIMESTAMP and startingTimestamp need each other',
  ],
  [
    `msk: {cluster: "${cluster}", topic: orders, filters: [{body: [1]}]}`,
    'no record has "body", so the filter {"body":[1]} would drop all of them',
  ],
  [
    'msk: {cluster: shop, topic: orders}',
    'expected the ARN of a cluster or of a VPC connection, or an intrinsic, found "shop"',
  ],
  [
    `documentdb: {cluster: "arn:aws:rds:eu-west-1:111122223333:cluster:shop", database: shop, secret: "${secret}", startingPosition: AT_TIMESTAMP}`,
    'startingPosition: AT_TIMESTAMP and startingTimestamp need each other',
  ],
  [
    `mq: {broker: "arn:aws:mq:eu-west-1:111122223333:broker:shop:b-1", queue: orders, secret: x}`,
    'expected the ARN of a secret, or an intrinsic, found "x"',
  ],
])('%s', async (event, message) => {
  const refused = projectOf(project(event)).catch((error: unknown) => error);
  expect(((await refused) as FxError).problems.map((problem) => problem.message)).toEqual([message]);
  expect(await refused).toBeInstanceOf(FxError);
});

test('a cluster of MSK takes the role for proof, unless there is a secret', async () => {
  const statements = async (event: string) => {
    const { template } = await compiled(project(event));
    const { Properties } = template.Resources['ARole'] as unknown as {
      Properties: { Policies: { PolicyDocument: { Statement: { Action: string[] }[] } }[] };
    };
    return Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(
      ({ Action }) => Action,
    );
  };
  expect(await statements(`msk: {cluster: "${cluster}", topic: orders}`)).toContain('kafka-cluster:ReadData');
  const withSecret = await statements(`msk: {cluster: "${cluster}", topic: orders, auth: {saslScram512: "${secret}"}}`);
  expect(withSecret).toContain('secretsmanager:GetSecretValue');
  expect(withSecret.filter((action) => action.startsWith('kafka-cluster:'))).toEqual([]);
});

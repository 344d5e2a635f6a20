// What two templates mean, whatever their logical ids: differences are found, and the same thing in other words is none.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf, schemas, today } from '../../../test/support/project.ts';
import { differencesFrom, importProject } from '../import.ts';

const service = `service: shop
provider:
  name: aws
  runtime: nodejs22.x
  region: eu-west-1
  environment: {TABLE: !Ref Bikes}
  iam: {role: {statements: [{Effect: Allow, Action: ["dynamodb:GetItem"], Resource: !GetAtt Bikes.Arn}]}}
functions:
  hello:
    handler: hello.handler
    events:
      - httpApi: GET /hello
      - sqs: !GetAtt Jobs.Arn
resources:
  Resources:
    Bikes:
      Type: AWS::DynamoDB::Table
      Properties:
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
    Jobs: {Type: AWS::SQS::Queue}
`;

/** As another tool would package it: other ids, one role for all, joins in place of references. */
const packaged = {
  Resources: {
    HelloLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'shop-dev-hello',
        Handler: 'hello.handler',
        Runtime: 'nodejs22.x',
        MemorySize: 1024,
        Timeout: 6,
        Environment: { Variables: { TABLE: { Ref: 'Bikes' } } },
        Role: { 'Fn::GetAtt': ['OneRole', 'Arn'] },
        Code: { S3Bucket: 'a', S3Key: 'b' },
      },
    },
    OneRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [
          {
            PolicyName: 'all',
            PolicyDocument: {
              Statement: [
                { Effect: 'Allow', Action: ['logs:PutLogEvents'], Resource: ['*'] },
                { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: { 'Fn::GetAtt': ['Bikes', 'Arn'] } },
                { Effect: 'Allow', Action: ['sqs:ReceiveMessage'], Resource: [{ 'Fn::GetAtt': ['Jobs', 'Arn'] }] },
              ],
            },
          },
        ],
      },
    },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'dev-shop', ProtocolType: 'HTTP' } },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ApiId: { Ref: 'Api' }, IntegrationUri: { 'Fn::GetAtt': ['HelloLambdaFunction', 'Arn'] } },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { RouteKey: 'GET /hello', Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] } },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: 10,
        Enabled: true,
        EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['HelloLambdaFunction', 'Arn'] },
      },
    },
    Bikes: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [{ AttributeType: 'S', AttributeName: 'id' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
    Jobs: { Type: 'AWS::SQS::Queue' },
  },
};

async function differences(text: string) {
  const folder = await folderOf({ 'serverless.yml': text });
  const file = join(folder, 'packaged.json');
  writeFileSync(file, JSON.stringify(packaged));
  const context = { shownFrom: folder, schemas, today };
  const imported = await importProject({ ...context, path: folder, from: undefined, stage: undefined, variables: {} });
  return differencesFrom(file, imported, context);
}

test('the same in other words is no difference', async () => {
  expect(await differences(service)).toEqual([]);
});

test('settings, variables, rights, triggers and resources that differ are found', async () => {
  const changed = service
    .replace('handler: hello.handler', 'handler: hello.handler\n    timeout: 9\n    environment: {MORE: "1"}')
    .replace('dynamodb:GetItem', 'dynamodb:Query')
    .replace('GET /hello', 'GET /goodbye')
    .replace('PAY_PER_REQUEST', 'PAY_PER_REQUEST\n        TableName: bikes')
    .replace('sqs: !GetAtt Jobs.Arn', 'sqs: {arn: !GetAtt Jobs.Arn, batchSize: 2}');
  const found = await differences(changed);
  const of = (what: string) =>
    found.filter((difference) => difference.what === what).map(({ theirs, ours }) => [theirs, ours]);
  expect(of('Timeout')).toEqual([['6', '9']]);
  expect(of('variable MORE')).toEqual([[undefined, '1']]);
  expect(of('right')).toEqual([
    ['dynamodb:GetItem on <DynamoDB::Table.Arn>', undefined],
    [undefined, 'dynamodb:Query on <DynamoDB::Table bikes.Arn>'],
  ]);
  expect(of('trigger')).toContainEqual(['route GET /hello, authorization NONE', undefined]);
  expect(of('trigger')).toContainEqual([undefined, 'route GET /goodbye, authorization NONE']);
  expect(of('trigger')).toHaveLength(4);
  expect(found.filter(({ what }) => what === 'resource')).toHaveLength(2);
});

test('a file that is no template is refused', async () => {
  const folder = await folderOf({ 'serverless.yml': service, 'wrong.json': '[]' });
  const context = { shownFrom: folder, schemas, today };
  const imported = await importProject({ ...context, path: folder, from: undefined, stage: undefined, variables: {} });
  await expect(differencesFrom(join(folder, 'wrong.json'), imported, context)).rejects.toThrow(
    'wrong.json has no Resources',
  );
});

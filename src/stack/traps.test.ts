// Changes that CloudFormation or Lambda refuses only at run time.
import { expect, test } from 'vitest';
import { schemas } from '../../test/support/project.ts';
import type { Resource } from '../cfn/resource.ts';
import { singleStack, stackTemplate } from '../template/stack-set.ts';
import { difference } from './difference.ts';
import { trapsOf } from './traps.ts';

type Resources = Record<string, Resource>;
const stack = (Resources: Resources) =>
  singleStack(stackTemplate({ AWSTemplateFormatVersion: '2010-09-09', Description: '', Resources }));
const traps = (before: Resources, after: Resources) => {
  const [live, next] = [stack(before), stack(after)];
  return trapsOf({ live, next }, difference(live, next, schemas), schemas);
};
const lambda = (properties: Resource['Properties']): Resources => ({
  F: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'shop-f', ...properties } },
});
const table = (properties: Resource['Properties']): Resources => ({
  T: {
    Type: 'AWS::DynamoDB::Table',
    Properties: { KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }], ...properties },
  },
});
const otherKeys = { KeySchema: [{ AttributeName: 'b', KeyType: 'HASH' }] };

test.each([
  [{}, { PackageType: 'Image' }, 'PackageType'],
  [{ PackageType: 'Image' }, {}, 'PackageType'],
  [{}, { DurableConfig: { ExecutionTimeout: 60 } }, 'DurableConfig'],
  [{ DurableConfig: { ExecutionTimeout: 60 } }, {}, 'DurableConfig'],
  [{}, { TenancyConfig: { TenantIsolationMode: 'PER_TENANT' } }, 'TenancyConfig'],
])('a function of one name from %j to %j is one error, at the property', (before, after, property) => {
  const found = traps(lambda(before), lambda(after));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ severity: 'error', path: ['Properties', property] });
  expect(found[0]?.hint).toContain('functionName');
});

test('a durable function may change its configuration, and a renamed function anything', () => {
  const durable = (seconds: number) => lambda({ DurableConfig: { ExecutionTimeout: seconds } });
  expect(traps(durable(60), durable(90))).toEqual([]);
  expect(traps(lambda({}), lambda({ PackageType: 'Image', FunctionName: 'shop-f2' }))).toEqual([]);
});

test('a resource with a fixed name cannot be replaced; one without, or with a new name, can', () => {
  expect(traps(table({ TableName: 't' }), table({ TableName: 't', ...otherKeys }))).toEqual([
    expect.objectContaining({
      severity: 'error',
      logicalId: 'T',
      path: ['Properties', 'KeySchema', '0', 'AttributeName'],
      hint: 'change TableName, now t, or leave it out: CloudFormation then chooses a name',
    }),
  ]);
  expect(traps(table({}), table(otherKeys))).toEqual([]);
  expect(traps(table({ TableName: 't' }), table({ TableName: 't2', ...otherKeys }))).toEqual([]);
  expect(traps(table({ TableName: 't' }), table({ TableName: 't', BillingMode: 'PAY_PER_REQUEST' }))).toEqual([]);
});

test('the alias of a function that gets another name is replaced without a collision', () => {
  const alias: Resource = { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'F' }, Name: 'live' } };
  expect(traps({ ...lambda({}), A: alias }, { ...lambda({ FunctionName: 'g' }), A: alias })).toEqual([]);
});

test('a new logical id finds its own name taken', () => {
  const queue: Resource = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } };
  expect(traps({ Old: queue }, { New: queue })).toEqual([
    expect.objectContaining({
      logicalId: 'New',
      message: expect.stringContaining('which Old has: it is deleted only after the new one exists'),
    }),
  ]);
  const [old, fresh] = [
    { ...queue, Properties: {} },
    { ...queue, Properties: { QueueName: 'other' } },
  ];
  expect(traps({ Old: old }, { New: old })).toEqual([]);
  expect(traps({ Old: queue }, { New: fresh })).toEqual([]);
});

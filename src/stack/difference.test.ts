// The difference of two templates, by property and value.
import { expect, test } from 'vitest';
import { schemas } from '../../test/support/project.ts';
import type { Resource, Template } from '../cfn/resource.ts';
import { singleStack, stackTemplate } from '../template/stack-set.ts';
import { difference } from './difference.ts';

const template = (Resources: Record<string, Resource>): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: '',
  Resources,
});
const stack = (resources: Record<string, Resource>) => singleStack(stackTemplate(template(resources)));
const changes = (before: Record<string, Resource>, after: Record<string, Resource>) =>
  difference(stack(before), stack(after), schemas);
const queue = (properties: Resource['Properties'] = {}): Resource => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
});

test('each value that differs has its path, the value before and the value after', () => {
  const [change] = changes(
    { Q: { ...queue({ DelaySeconds: 1, Tags: [{ Key: 'a', Value: '1' }] }), DeletionPolicy: 'Retain' } },
    { Q: queue({ VisibilityTimeout: 30, Tags: [{ Key: 'a', Value: '2' }] }) },
  );
  expect(change).toMatchObject({
    action: 'modify',
    properties: ['DelaySeconds', 'Tags.0.Value', 'VisibilityTimeout', 'DeletionPolicy'],
    details: [
      { path: ['Properties', 'DelaySeconds'], before: 1, replaces: 'no' },
      { path: ['Properties', 'Tags', '0', 'Value'], before: '1', after: '2' },
      { path: ['Properties', 'VisibilityTimeout'], after: 30 },
      { path: ['DeletionPolicy'], before: 'Retain' },
    ],
  });
  expect(change?.details[0]).not.toHaveProperty('after');
});

test('a list that one template lacks is compared as a whole', () => {
  const Tags = [{ Key: 'a', Value: '1' }];
  const path = ['Properties', 'Tags'];
  expect(changes({ Q: queue({ Tags }) }, { Q: queue() })).toMatchObject([{ details: [{ path, before: Tags }] }]);
  expect(changes({ Q: queue() }, { Q: queue({ Tags }) })).toMatchObject([{ details: [{ path, after: Tags }] }]);
});

test('lists of different lengths and intrinsics are compared as a whole', () => {
  const [change] = changes(
    { Q: queue({ Tags: [{ Key: 'a', Value: '1' }], QueueName: { Ref: 'A' } }) },
    { Q: queue({ Tags: [], QueueName: { Ref: 'B' } }) },
  );
  expect(change?.properties).toEqual(['Tags', 'QueueName']);
  expect(change?.action).toBe('replace');
});

test('what refers to a replaced resource changes with it, and is replaced where its own property demands that', () => {
  const mapping: Resource = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { FunctionName: 'f', EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] } },
  };
  const alarm: Resource = { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::Sub': 'of ${Mapping}' } } };
  const [queueChange, mapped, named, ...others] = changes(
    { Q: queue({ FifoQueue: false }), Mapping: mapping, Named: alarm, Other: queue() },
    { Q: queue({ FifoQueue: true }), Mapping: mapping, Named: alarm, Other: queue() },
  );
  expect(queueChange).toMatchObject({ logicalId: 'Q', action: 'replace' });
  expect(mapped).toMatchObject({
    logicalId: 'Mapping',
    action: 'replace',
    details: [{ path: ['Properties', 'EventSourceArn'], replaces: 'yes', because: 'Q' }],
  });
  expect(named).toMatchObject({ logicalId: 'Named', action: 'modify', details: [{ because: 'Mapping' }] });
  expect(others).toEqual([]);
});

test('a change that does not replace leaves what refers to the resource alone', () => {
  const topic: Resource = {
    Type: 'AWS::SNS::Topic',
    Properties: { DisplayName: { 'Fn::GetAtt': ['Q', 'QueueName'] } },
  };
  expect(changes({ Q: queue(), T: topic }, { Q: queue({ DelaySeconds: 3 }), T: topic })).toHaveLength(1);
});

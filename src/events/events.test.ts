// What users may write for each event source, and what is wrong with the rest.
import { describe, expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { readAll, type Schema } from '../base/schema.ts';
import { parseLocated } from '../base/yaml.ts';
import { eventSources } from './index.ts';

function read(kind: keyof typeof eventSources, yaml: string) {
  const { value, problems } = readAll(eventSources[kind].schema as Schema<unknown>, parseLocated(yaml, 'f', []).value);
  return problems.length > 0 ? problems.map(({ message }) => message) : value;
}

describe('http', () => {
  test.each([
    ['GET /orders/{id}', { method: 'GET', path: '/orders/{id}' }],
    ['get /', { method: 'GET', path: '/' }],
    ['"* /files/{path+}"', { method: 'ANY', path: '/files/{path+}' }],
    ['$default', { method: '$default', path: '' }],
    ['{method: post, path: /x}', { method: 'POST', path: '/x' }],
    ['{path: /x}', { method: 'ANY', path: '/x' }],
  ])('%s', (yaml, route) => {
    expect(read('http', yaml)).toEqual(route);
  });

  test.each([
    ['GET orders', 'a path begins with /'],
    ['GET /a?b=c', 'a route has no query string'],
    ['GET /a{id}', 'a parameter is a whole segment, such as {id}'],
    ['GET /{id}/{id}', '{id} stands there twice'],
    ['GET /{all+}/x', '{all+} takes the rest of the path, so it must come last'],
    ['GET /é', 'has characters that a URL path cannot have'],
    ['FETCH /', 'expected a route such as'],
    ['7', 'expected a route such as'],
  ])('%s is refused', (yaml, reason) => {
    expect(read('http', yaml)).toEqual([expect.stringContaining(reason)]);
  });

  test('routes that read alike have resources of their own', async () => {
    const routes = [
      'GET /a/b',
      'GET /ab',
      'GET /aB',
      'GET /a-b',
      'GET /a_b',
      'GET /{a}/b',
      'GET /a/parameter/b',
      'GET /{a+}',
      'ANY /a/b',
      'GET /',
      'GET /a/b/',
    ];
    const events = routes.map((route) => `{http: "${route}"}`).join(', ');
    const { template } = await compiled(`name: s\nfunctions: {a: {handler: a.handler, events: [${events}]}}\n`);
    const keys = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::ApiGatewayV2::Route' ? [Properties?.['RouteKey']] : [],
    );
    expect(keys.sort()).toEqual([...routes].sort());
  });
});

describe('schedule', () => {
  test('takes an expression, or a map with an input', async () => {
    expect(read('schedule', 'rate(5 minutes)')).toMatchObject({ expression: 'rate(5 minutes)', enabled: true });
    const text =
      'name: s\nfunctions: {a: {handler: a.handler, events: [{schedule: {expression: cron(0 9 ? * MON *), enabled: false, input: {a: 1}}}]}}\n';
    expect((await compiled(text)).template.Resources['ASchedule']?.Properties).toMatchObject({
      ScheduleExpression: 'cron(0 9 ? * MON *)',
      State: 'DISABLED',
      Targets: [{ Id: 'live', Arn: { Ref: 'AAlias' }, Input: '{"a":1}' }],
    });
  });

  test('refuses what is no schedule', () => {
    expect(read('schedule', 'daily')).toEqual(['"daily": expected rate(5 minutes) or cron(0 9 ? * MON-FRI *)']);
    expect(read('schedule', '{expression: rate(1 hour), evry: 1}')).toEqual(['unknown key "evry"']);
  });
});

describe('sqs', () => {
  test('takes a queue of the project, an ARN, or an intrinsic', async () => {
    const arn = 'arn:aws:sqs:us-east-1:111122223333:other';
    const text = `name: s\nfunctions: {a: {handler: a.handler, events: [{sqs: Jobs}, {sqs: "${arn}"}, {sqs: {queue: !ImportValue x, batchSize: 100, batchWindow: 5, reportFailures: true, maximumConcurrency: 2, filters: [{body: {a: [1]}}]}}]}}\nresources: {Jobs: {Type: AWS::SQS::Queue}}\n`;
    const { template } = await compiled(text);
    const mappings = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping',
    );
    expect(
      mappings.map(([id, { Properties }]) => [id.replace(/[0-9a-f]{8}$/, '#'), Properties?.['EventSourceArn']]),
    ).toEqual([
      ['ASqsJobs', { 'Fn::GetAtt': ['Jobs', 'Arn'] }],
      ['ASqsOther#', arn],
      ['ASqsQueue#', { 'Fn::ImportValue': 'x' }],
    ]);
    expect(mappings[2]?.[1].Properties).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
    });
  });

  test('refuses a large batch without a window, and values out of range', () => {
    expect(read('sqs', '{queue: Jobs, batchSize: 100}')).toEqual([
      'a batchSize of 100 needs a batchWindow of at least 1 second',
    ]);
    expect(read('sqs', '{queue: Jobs, maximumConcurrency: 1}')).toEqual([
      'expected a whole number from 2 to 1000, found 1',
    ]);
    expect(read('sqs', '{batchSize: 1}')).toEqual(['missing key "queue" (a value)']);
  });
});

test('queues of one name in two regions have mappings of their own', async () => {
  const arn = (region: string) => `{sqs: "arn:aws:sqs:${region}:111122223333:jobs"}`;
  const { template } = await compiled(
    `name: s\nfunctions: {a: {handler: a.handler, events: [${arn('us-east-1')}, ${arn('eu-west-1')}]}}\n`,
  );
  const mappings = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
  expect(mappings).toHaveLength(2);
});

// What is refused of pipes, and the types that functions get.
import { expect, test } from 'vitest';
import { projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { sourceContextOf } from '../project/event-uses.ts';
import { type Pipe, pipe } from './pipe.ts';

const project = (settings: string) => `name: s
region: us-east-1
functions:
  a: {handler: a.handler, events: [{pipe: ${settings}}]}
  lookup: {handler: a.handler, condition: Never}
stateMachines:
  slow: {definition: {StartAt: A, States: {A: {Type: Succeed}}}}
conditions: {Never: !Equals [a, b]}
resources:
  Jobs: {Type: AWS::SQS::Queue}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  News: {Type: AWS::SNS::Topic}
`;

test.each([
  ['Job', 'there is no queue, stream or table "Job" under resources'],
  ['News', '"News" is AWS::SNS::Topic, and a pipe cannot read it'],
  [
    'arn:aws:sns:us-east-1:111122223333:news',
    'a pipe reads a queue, a Kinesis stream or the stream of a table, not arn:aws:sns:us-east-1:111122223333:news',
  ],
  [
    'arn:aws:sqs:eu-west-1:111122223333:jobs',
    '"arn:aws:sqs:eu-west-1:111122223333:jobs" is in eu-west-1, and a pipe reads in its own region, us-east-1',
  ],
  ['{source: Jobs, bisect: true}', 'bisect is for streams, and "Jobs" is a queue'],
  [
    '{source: Jobs, filters: [{data: [a]}]}',
    'no record has "data", so the filter {"data":["a"]} would drop all of them',
  ],
  ['{source: Jobs, filters: [{body: a}]}', expect.stringContaining('EventBridge does not accept the filter')],
  ['{source: Jobs, enrichment: lokup}', 'there is no function or state machine "lokup"'],
  ['{source: Jobs, enrichment: lookup}', '"lookup" exists only if the condition "Never" holds'],
  ['{source: Jobs, enrichment: slow}', '"slow" is a standard state machine, and a pipe waits for express ones only'],
  ['{source: Jobs, enrichment: News}', '"News" is AWS::SNS::Topic, and a pipe cannot call it on the way'],
  ['{source: Jobs, enrichmentInput: <$.body>}', 'enrichmentInput needs an enrichment'],
  ['Jobs}, {pipe: {source: Jobs}', '"a" has two pipes from "Jobs"'],
])('%s', async (settings, message) => {
  const error = await projectOf(project(settings)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FxError);
  expect((error as FxError).problems.map((problem) => problem.message)).toEqual([message]);
});

test('the type of the event is that of its records, until an enrichment or an input makes another', async () => {
  const context = sourceContextOf(await projectOf(project('Jobs')), 'pipe');
  const typeOf = (config: Pipe) => pipe.typeOf?.(config, context);
  expect(typeOf({ source: 'Jobs' })).toBe('lambda.SQSRecord[]');
  expect(typeOf({ source: 'Jobs', enrichment: 'lookup' })).toBe('unknown');
  expect(typeOf({ source: 'Jobs', input: '<$.body>' })).toBe('unknown');
});

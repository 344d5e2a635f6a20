// X-Ray over the wire: what Lambda sends of traced calls, and what is read of it.
import {
  BatchGetTracesCommand,
  GetServiceGraphCommand,
  GetTraceSummariesCommand,
  PutTraceSegmentsCommand,
  XRayClient,
} from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import { createFunction, createRole, invoke, waitUntilReady } from '../lambda/fixture.ts';
import { answering, startTestLambda } from '../lambda/test-lambda.ts';
import type { Segment } from './segment.ts';

const { aws, cloud, clock, Role, call } = await startTestLambda({
  Effect: 'Allow',
  Action: ['xray:PutTraceSegments', 'lambda:InvokeFunction'],
  Resource: '*',
});
const client = new XRayClient({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const minuteMs = 60_000;
const range = () => ({ StartTime: new Date(cloud.now() - 5 * minuteMs), EndTime: new Date(cloud.now() + minuteMs) });
async function traced(source: string, role = Role): Promise<string> {
  const name = await createFunction(cloud, source, { Role: role });
  await call('UpdateFunctionConfiguration', { FunctionName: name, TracingConfig: { Mode: 'Active' } });
  await waitUntilReady(cloud, name);
  return name;
}
const summaries = async (FilterExpression?: string) =>
  (await client.send(new GetTraceSummariesCommand({ ...range(), FilterExpression }))).TraceSummaries ?? [];
const of = (name: string, more = '') => summaries(`service("${name}")${more}`);
async function segments(id: string | undefined): Promise<readonly Segment[]> {
  const { Traces } = await client.send(new BatchGetTracesCommand({ TraceIds: [id ?? ''] }));
  return (Traces?.[0]?.Segments ?? []).map(({ Document = '' }) => JSON.parse(Document) as Segment);
}

test('a function with active tracing has a segment of Lambda and one of its own, with its cold start apart', async () => {
  const name = await traced('export const handler = async () => process.env._X_AMZN_TRACE_ID;');
  const { result } = await invoke(cloud, name);
  await invoke(cloud, name);
  await expect.poll(async () => (await of(name)).length).toBe(2);
  const all = await Promise.all((await of(name)).map(({ Id }) => segments(Id)));
  const cold = all.find(([, fn]) => fn?.subsegments?.length === 3) ?? [];
  const [service, fn] = cold;
  expect(service).toMatchObject({ name, origin: 'AWS::Lambda', http: { response: { status: 200 } } });
  expect(fn).toMatchObject({ name, origin: 'AWS::Lambda::Function', parent_id: service?.id });
  expect(fn?.subsegments?.map((each) => each.name)).toEqual(['Initialization', 'Invocation', 'Overhead']);
  const warm = all.find((each) => each !== cold)?.[1];
  expect(warm?.subsegments?.map((each) => each.name)).toEqual(['Invocation', 'Overhead']);
  // the function's own segment is the parent of what it calls
  expect(result).toBe(`Root=${service?.trace_id};Parent=${fn?.id};Sampled=1`);
});

test('calls between functions are one trace, and edges of the service graph', async () => {
  const inner = await traced('export const handler = async () => { throw new Error("no"); };');
  const outer = await traced(`import { request } from 'node:http';
    export const handler = () => new Promise((done) => {
      const headers = {
        'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID,
        authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20261129/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0a',
      };
      const url = process.env.AWS_ENDPOINT_URL + '/2015-03-31/functions/${inner}/invocations';
      request(url, { method: 'POST', headers }, (answer) => { answer.resume().on('end', () => done(answer.statusCode)); }).end('{}');
    });`);
  expect((await invoke(cloud, outer)).result).toBe(200);
  await expect.poll(async () => (await of(outer, ' AND fault'))[0]?.ServiceIds?.length).toBe(4);
  const { Services = [] } = await client.send(new GetServiceGraphCommand(range()));
  const node = (name: string, type: string) => Services.find(({ Name, Type }) => Name === name && Type === type);
  const [first, second] = [node(outer, 'AWS::Lambda::Function'), node(inner, 'AWS::Lambda')];
  expect(node(outer, 'client')).toMatchObject({
    State: 'unknown',
    Edges: [{ ReferenceId: node(outer, 'AWS::Lambda')?.ReferenceId }],
  });
  expect(first?.Edges).toMatchObject([{ ReferenceId: second?.ReferenceId, SummaryStatistics: { TotalCount: 1 } }]);
  expect(node(inner, 'AWS::Lambda::Function')?.SummaryStatistics).toMatchObject({
    OkCount: 0,
    TotalCount: 1,
    FaultStatistics: { TotalCount: 1 },
  });
  expect(await of(outer, ' AND ok')).toEqual([]);
  expect(await of(outer, ' AND responsetime > 60')).toEqual([]);
});

test('without active tracing, without the permission, or if the caller does not want it, there is no trace', async () => {
  const passing = await createFunction(cloud, answering(1), { Role });
  const own = await createRole(cloud, { Effect: 'Allow', Action: 'xray:PutTraceSegments', Resource: '*' });
  const forbidden = await traced(answering(1), own);
  await cloud.call('iam', 'DeleteRolePolicy', { RoleName: own.split('/').at(-1), PolicyName: 'inline' });
  const open = await traced(answering(1));
  await invoke(cloud, passing);
  await invoke(cloud, forbidden);
  await fetch(`${aws.endpoint}/2015-03-31/functions/${open}/invocations`, {
    method: 'POST',
    body: '{}',
    headers: {
      'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20261129/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0a',
    },
  });
  const last = await traced(answering(1));
  await invoke(cloud, last);
  await expect.poll(async () => (await of(last)).length).toBe(1);
  expect([await of(passing), await of(forbidden), await of(open)]).toEqual([[], [], []]);
});

test('a throttled call is a trace with its status', async () => {
  const name = await traced(answering(1));
  await call('PutFunctionConcurrency', { FunctionName: name, ReservedConcurrentExecutions: 0 });
  await expect(invoke(cloud, name)).rejects.toThrow('Rate Exceeded');
  await expect.poll(async () => await of(name, ' AND throttle')).toMatchObject([{ Http: { HttpStatus: 429 } }]);
});

test('segments of programs are kept with calls to others, and wrong ones are told apart', async () => {
  const seconds = Math.floor(cloud.now() / 1000);
  const trace_id = `1-${seconds.toString(16)}-${'a'.repeat(24)}`;
  const id = 'b'.repeat(16);
  const segment = {
    name: 'web',
    id,
    trace_id,
    start_time: seconds,
    end_time: seconds + 2,
    http: { request: { url: 'https://shop.example/', method: 'GET' }, response: { status: 200 } },
    subsegments: [
      { id: 'c'.repeat(16), name: 'DynamoDB', namespace: 'aws', start_time: seconds, end_time: seconds + 1 },
    ],
  };
  const put = (...documents: unknown[]) =>
    client.send(
      new PutTraceSegmentsCommand({
        TraceSegmentDocuments: documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))),
      }),
    );
  const { UnprocessedTraceSegments } = await put(segment, '{', { ...segment, id: 'short' });
  expect(UnprocessedTraceSegments?.map(({ ErrorCode }) => ErrorCode)).toEqual(['ParseError', 'ParseError']);
  expect(await of('web')).toMatchObject([
    {
      Id: trace_id,
      Duration: 2,
      Http: { HttpURL: 'https://shop.example/', HttpStatus: 200 },
      EntryPoint: { Name: 'web' },
    },
  ]);
  const { Services = [] } = await client.send(new GetServiceGraphCommand(range()));
  expect(Services.find(({ Name }) => Name === 'DynamoDB')).toMatchObject({
    Type: 'AWS::DynamoDB',
    SummaryStatistics: { TotalCount: 1, TotalResponseTime: 1 },
  });
  const unknown = `1-5759e988-${'0'.repeat(24)}`;
  const { UnprocessedTraceIds } = await client.send(new BatchGetTracesCommand({ TraceIds: [trace_id, unknown] }));
  expect(UnprocessedTraceIds).toEqual([unknown]);
  await expect(summaries('annotation.a = 1')).rejects.toThrow('FilterExpression annotation.a = 1');
  await expect(
    client.send(new GetServiceGraphCommand({ ...range(), StartTime: new Date(cloud.now() - 600 * minuteMs) })),
  ).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await clock.advance(31 * 24 * 60 * minuteMs);
  await put({ ...segment, trace_id: `1-${(seconds + 31 * 86_400).toString(16)}-${'d'.repeat(24)}` });
  const gone = await client.send(new BatchGetTracesCommand({ TraceIds: [trace_id] }));
  expect(gone.UnprocessedTraceIds, 'after 30 days').toEqual([trace_id]);
});

// CloudWatch through the SDK, on the local AWS: many queries take few calls, and their answers come back in order.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startTestLambda } from '../local/lambda/test-lambda.ts';
import type { SeriesQuery } from './aws.ts';
import { sdkAws } from './sdk.ts';

const { aws, cloud } = await startTestLambda();
const minuteMs = 60_000;

test('a thousand series of two hundred functions take four calls', async () => {
  const calls: string[] = [];
  const proxy = createServer(async (incoming, outgoing) => {
    calls.push(String(incoming.headers['x-amz-target']).split('.')[1] ?? '');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers = incoming.headers as Record<string, string>;
    const answer = await fetch(aws.endpoint, { method: 'POST', headers, body: Buffer.concat(chunks) });
    outgoing.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const start = Math.floor(cloud.now() / minuteMs) * minuteMs - 180 * minuteMs;
  const principal = { kind: 'service', service: 'lambda.amazonaws.com', sourceArn: '' } as const;
  const names = Array.from({ length: 200 }, (_, index) => `f${index}`);
  const MetricData = names.flatMap((name, index) => {
    const datum = { MetricName: 'Invocations', Dimensions: [{ Name: 'FunctionName', Value: name }] };
    return [0, 90].map((minute) => ({ ...datum, Value: index, Timestamp: new Date(start + minute * minuteMs) }));
  });
  await cloud.call('monitoring', 'PutMetricData', { Namespace: 'AWS/Lambda', MetricData }, principal);
  const { metrics } = sdkAws({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    paced: false,
    signal: new AbortController().signal,
  });
  try {
    const queries = names.flatMap((FunctionName): SeriesQuery[] =>
      ['Sum', 'Maximum', 'SampleCount', 'p95', 'Average'].map((statistic) => ({
        namespace: 'AWS/Lambda',
        metric: 'Invocations',
        dimensions: { FunctionName },
        statistic,
        periodSeconds: 60,
      })),
    );
    const series = await metrics.series(queries, new Date(start), new Date(start + 180 * minuteMs));
    // of 250 queries with 180 datapoints each
    expect(calls).toEqual(Array.from({ length: 4 }, () => 'GetMetricData'));
    expect(series).toHaveLength(1000);
    expect(series.map(([, second]) => second)).toEqual(
      queries.map(({ statistic }, index) => [
        start + 90 * minuteMs,
        statistic === 'SampleCount' ? 1 : Math.floor(index / 5),
      ]),
    );
    const wide = queries.map((query) => ({ ...query, periodSeconds: 3600 }));
    calls.length = 0;
    await metrics.series(wide, new Date(start), new Date(start + 180 * minuteMs));
    expect(calls).toEqual(['GetMetricData', 'GetMetricData']);
    const found = await metrics.dimensions({ ...(queries[0] as SeriesQuery), dimensions: { FunctionName: 'f7' } });
    expect(found).toEqual([{ FunctionName: 'f7' }]);
  } finally {
    proxy.closeAllConnections();
    await new Promise((done) => proxy.close(done));
  }
});

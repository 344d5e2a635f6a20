// The data plane of load balancers: which rule answers, the event of a function, and what its answer becomes.
import { request as nodeRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Input } from '../cloud.ts';
import { startTestBalancer } from './test-balancer.ts';

const { call, createBalancer, createListener, createGroup, createRule } = await startTestBalancer();
const balancer = await createBalancer('shop');
const { ListenerArn, url } = await createListener(balancer);
const group = await createGroup();
const multi = await createGroup();
await call('ModifyTargetGroupAttributes', {
  TargetGroupArn: multi,
  Attributes: [{ Key: 'lambda.multi_value_headers.enabled', Value: 'true' }],
});
await createRule(ListenerArn, multi, [{ Field: 'path-pattern', Values: ['/multi*'] }]);
await createRule(ListenerArn, group, [{ Field: 'path-pattern', Values: ['/echo*'] }]);

interface Got {
  readonly status: number | undefined;
  readonly message: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request with headers that may repeat. */
function send(path: string, init: { method?: string; headers?: string[]; body?: string | Buffer } = {}): Promise<Got> {
  return new Promise((done, fail) => {
    const { method = 'GET', headers = [], body } = init;
    const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))];
    const sent = nodeRequest(`${url}${path}`, {
      method,
      headers: ['host', 'shop.localhost', ...headers, ...length],
      agent: false,
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        done({
          status: response.statusCode,
          message: response.statusMessage,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
const eventOf = async (...words: Parameters<typeof send>) => JSON.parse((await send(...words)).body.toString());
const answered = (answer: unknown, path = '/echo') => send(path, { headers: ['x', JSON.stringify({ answer })] });

describe('the event', () => {
  test('has the last of several values, undecoded, with the headers that the load balancer adds', async () => {
    expect(
      await eventOf('/echo/a%20b?k=1&k=a%20b&flag&=x', {
        headers: ['Cookie', 'a=1', 'Cookie', 'b=2', 'X-Forwarded-For', '192.0.2.1'],
      }),
    ).toEqual({
      requestContext: { elb: { targetGroupArn: group } },
      httpMethod: 'GET',
      path: '/echo/a%20b',
      queryStringParameters: { k: 'a%20b', flag: '', '': 'x' },
      headers: {
        host: 'shop.localhost',
        cookie: 'b=2',
        connection: 'close',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '192.0.2.1, 127.0.0.1',
        'x-forwarded-port': '80',
        'x-forwarded-proto': 'http',
      },
      body: '',
      isBase64Encoded: false,
    });
  });

  test('has all values if the group says so', async () => {
    const event = await eventOf('/multi?k=1&k=2', { headers: ['Cookie', 'a=1', 'Cookie', 'b=2'] });
    expect(event).toMatchObject({
      multiValueQueryStringParameters: { k: ['1', '2'] },
      multiValueHeaders: { cookie: ['a=1', 'b=2'], host: ['shop.localhost'], 'x-forwarded-port': ['80'] },
    });
    expect(event).not.toHaveProperty('headers');
    expect(event).not.toHaveProperty('queryStringParameters');
  });

  test.each([
    [['content-type', 'text/csv; charset=utf-8'], false],
    [['content-type', 'application/json'], false],
    [['content-type', 'application/javascript'], false],
    [['content-type', 'application/xml'], false],
    [['content-type', 'application/problem+json'], true],
    [['content-type', 'application/octet-stream'], true],
    [['content-type', 'application/json', 'content-encoding', 'identity'], true],
    [[], true],
  ])('with the headers %j is base64: %s', async (headers, isBase64Encoded) => {
    const event = await eventOf('/echo', { method: 'POST', headers, body: '{"é": 1}' });
    const body = isBase64Encoded ? Buffer.from('{"é": 1}').toString('base64') : '{"é": 1}';
    expect(event).toMatchObject({ httpMethod: 'POST', isBase64Encoded, body });
  });
});

describe('the answer', () => {
  test('becomes the response', async () => {
    const answer = {
      statusCode: 201,
      statusDescription: '201 Made',
      headers: { 'Content-Type': 'image/gif', Connection: 'upgrade', 'Content-Length': 99, 'X-Number': 7 },
      multiValueHeaders: { ignored: ['x'] },
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
    };
    const { status, message, headers, body } = await answered(answer);
    expect([status, message, [...body]]).toEqual([201, 'Made', [0, 255]]);
    expect(headers).toMatchObject({ 'content-type': 'image/gif', 'content-length': '2', 'x-number': '7' });
    expect(headers).not.toHaveProperty('ignored');
  });

  test('has several headers of a name if the group says so, and only those', async () => {
    const answer = { statusCode: 200, headers: { ignored: 'x' }, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] } };
    const { headers } = await answered(answer, '/multi');
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers).not.toHaveProperty('ignored');
  });

  test.each([
    ['a string', 'hello'],
    ['no status', { body: 'x' }],
    ['a status that is no number', { statusCode: '200' }],
    ['a status that does not exist', { statusCode: 700 }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['a header that is no text', { statusCode: 200, headers: { a: { b: 1 } } }],
    ['a header that HTTP does not allow', { statusCode: 200, headers: { a: 'x\ny' } }],
    ['nothing', null],
  ])('is 502 for %s', async (_, answer) => {
    const { status, headers, body } = await answered(answer);
    expect([status, headers['server'], headers['content-type']]).toEqual([502, 'awselb/2.0', 'text/html']);
    expect(body.toString()).toContain('502 Bad Gateway');
  });

  test('is 502 for an error, and for more than 1 MB', async () => {
    expect((await send('/echo', { headers: ['x', '{"fail": 1}'] })).status).toBe(502);
    expect((await send('/echo', { headers: ['x', '{"big": 1000000}'] })).status).toBe(200);
    expect((await send('/echo', { headers: ['x', '{"big": 1048577}'] })).status).toBe(502);
  });

  test('is 502 once the permission is gone', async () => {
    const { cloud, echo } = await alone();
    expect((await fetch(`${cloud}/x`)).status).toBe(200);
    await echo.revoke();
    expect((await fetch(`${cloud}/x`)).status).toBe(502);
  });
});

/** A listener of its own whose function loses its permission. */
async function alone() {
  const {
    cloud,
    createBalancer: other,
    createListener: listen,
    createGroup: grouped,
    createRule: ruled,
    echo,
  } = harness;
  const made = await listen(await other());
  await ruled(made.ListenerArn, await grouped());
  const revoke = async () => {
    const { Policy = '{}' } = await cloud.call('lambda', 'GetPolicy', { FunctionName: echo });
    for (const { Sid } of JSON.parse(Policy).Statement) {
      await cloud.call('lambda', 'RemovePermission', { FunctionName: echo, StatementId: Sid });
    }
  };
  return { cloud: made.url, echo: { revoke } };
}
const harness = await startTestBalancer();

describe('a load balancer itself', () => {
  test('answers 413 for more than 1 MB, and 400 for an upgrade', async () => {
    const body = Buffer.alloc(1_048_577);
    expect((await send('/echo', { method: 'POST', body })).status).toBe(413);
    expect(
      (
        await send('/echo', {
          method: 'POST',
          body: body.subarray(1),
          headers: ['x', '{"answer": {"statusCode": 204}}'],
        })
      ).status,
    ).toBe(204);
    const upgrade = ['connection', 'Upgrade', 'upgrade', 'websocket'];
    expect((await send('/echo', { headers: upgrade })).status).toBe(400);
  });

  test('answers 503 without a target, and the default action without a rule', async () => {
    await createRule(ListenerArn, await createGroup(''), [{ Field: 'path-pattern', Values: ['/empty'] }]);
    expect((await send('/empty')).status).toBe(503);
    const { status, headers, body } = await send('/other');
    expect([status, headers['content-type'], body.toString()]).toEqual([404, 'text/plain', 'nothing']);
  });

  test('redirects, on this machine to the port of the other listener', async () => {
    const lb = await createBalancer();
    const secure = await createListener(lb, 8443);
    const { ListenerArn: plain, url: from } = await createListener(lb);
    const redirects = async (RedirectConfig: object) => {
      await call('ModifyListener', {
        ListenerArn: plain,
        DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', ...RedirectConfig } }],
      });
      const response = await fetch(`${from}/a/b?c=d`, { redirect: 'manual' });
      return [response.status, response.headers.get('location')];
    };
    expect(await redirects({ Protocol: 'HTTPS', Port: '8443' })).toEqual([301, `${secure.url}/a/b?c=d`]);
    expect(await redirects({ Protocol: 'HTTPS', Port: '443' })).toEqual([301, 'https://127.0.0.1:443/a/b?c=d']);
    expect(await redirects({ Host: 'www.example.com', Path: '/new/#{path}', Query: 'x=1&#{query}' })).toEqual([
      301,
      'http://www.example.com:80/new/a/b?x=1&c=d',
    ]);
  });

  test('divides requests by weight', async () => {
    const { ListenerArn: arn, url: address } = await createListener(await createBalancer());
    const [all, none] = [await createGroup(), await createGroup()];
    const TargetGroups = [
      { TargetGroupArn: none, Weight: 0 },
      { TargetGroupArn: all, Weight: 3 },
    ];
    await call('ModifyListener', {
      ListenerArn: arn,
      DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    });
    const { requestContext } = (await (await fetch(address)).json()) as { requestContext: unknown };
    expect(requestContext).toEqual({ elb: { targetGroupArn: all } });
  });
});

describe('conditions', () => {
  const rows: [
    NonNullable<Input<'elasticloadbalancing', 'CreateRule'>['Conditions']>,
    Parameters<typeof send>,
    boolean,
  ][] = [
    [[{ Field: 'path-pattern', Values: ['/img/*/x?.png'] }], ['/img/a/b/x1.png?y=1'], true],
    [[{ Field: 'path-pattern', Values: ['/img/*/x?.png'] }], ['/img/a/x.png'], false],
    [[{ Field: 'path-pattern', Values: ['/Img'] }], ['/img'], false],
    [
      [{ Field: 'host-header', Values: ['*.EXAMPLE.com'] }],
      ['/', { headers: ['host', 'a.example.com.localhost:81'] }],
      true,
    ],
    [
      [{ Field: 'host-header', Values: ['*.example.com'] }],
      ['/', { headers: ['host', 'example.com.localhost'] }],
      false,
    ],
    [
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PUT', 'PATCH'] } }],
      ['/', { method: 'PATCH' }],
      true,
    ],
    [[{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PUT'] } }], ['/'], false],
    [
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-A', Values: ['*ONE*'] } }],
      ['/', { headers: ['x-a', 'none', 'x-a', 'two'] }],
      true,
    ],
    [
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-A', Values: ['one'] } }],
      ['/', { headers: ['x-a', 'none'] }],
      false,
    ],
    [[{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: 'ONE' }] } }], ['/?V=one'], true],
    [[{ Field: 'query-string', QueryStringConfig: { Values: [{ Value: '\\*' }] } }], ['/?v=a'], false],
    [[{ Field: 'query-string', QueryStringConfig: { Values: [{ Value: '\\*' }] } }], ['/?v=*'], true],
    [[{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8', '127.0.0.0/8'] } }], ['/'], true],
    [[{ Field: 'source-ip', SourceIpConfig: { Values: ['2001:db8::/32'] } }], ['/'], false],
    [
      [
        { Field: 'path-pattern', Values: ['/a'] },
        { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
      ],
      ['/a'],
      false,
    ],
  ];
  test.each(rows)('%j of %j: %s', async (Conditions, [path, init = {}], isMet) => {
    const created = await createListener(balancer, 1000 + Math.floor(rows.findIndex(([row]) => row === Conditions)));
    await createRule(created.ListenerArn, group, Conditions);
    const headers = init.headers ?? [];
    const response = await new Promise<number | undefined>((done, fail) => {
      const withHost = headers.includes('host') ? headers : ['host', 'localhost', ...headers];
      const sent = nodeRequest(`${created.url}${path}`, {
        method: init.method ?? 'GET',
        headers: withHost,
        agent: false,
      });
      sent.on('response', (incoming) => {
        incoming.resume();
        done(incoming.statusCode);
      });
      sent.on('error', fail);
      sent.end();
    });
    await call('DeleteListener', { ListenerArn: created.ListenerArn });
    expect(response).toBe(isMet ? 200 : 404);
  });

  test('are tried by priority', async () => {
    const { ListenerArn: arn, url: address } = await createListener(await createBalancer());
    const [first, second] = [await createGroup(), await createGroup()];
    const late = await createRule(arn, second, undefined, 20);
    const early = await createRule(arn, first, undefined, 10);
    const groupOf = async () =>
      ((await (await fetch(address)).json()) as { requestContext: { elb: { targetGroupArn: string } } }).requestContext
        .elb.targetGroupArn;
    expect(await groupOf()).toBe(first);
    await call('SetRulePriorities', {
      RulePriorities: [
        { RuleArn: late, Priority: 10 },
        { RuleArn: early, Priority: 20 },
      ],
    });
    expect(await groupOf()).toBe(second);
  });
});

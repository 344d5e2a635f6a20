// curl on the local AWS: signatures, bodies, framing, and what arrives of paths, queries, headers and cookies.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedFolder } from '../support/project.ts';
import { reasonMissing, runs } from '../support/toolchain.ts';
import { clientProject } from './project.ts';

// before 7.75 curl cannot sign: https://curl.se/docs/manpage.html#--aws-sigv4
const canSign = /--aws-sigv4/.test(runs('curl', '--help', 'all') ?? '') || undefined;
const reason = reasonMissing(canSign, 'there is no curl here that can sign, to call the local AWS');

interface Answer {
  readonly status: number;
  /** The protocol and the headers of each response, from `HTTP/1.1 100 Continue` on. */
  readonly heads: readonly string[];
  readonly body: string;
}

interface Event {
  readonly body?: string | null;
  readonly isBase64Encoded: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly [name: string]: unknown;
}

describe.skipIf(canSign === undefined)(`curl${reason}`, () => {
  const client = clientProject();
  const folder = sharedFolder();
  const address = (output: string) => client().outputs[output]?.replace(/\/$/, '') ?? '';

  function curl(...args: readonly string[]): Promise<Answer> {
    // its own settings only
    const env = { PATH: process.env['PATH'], HOME: folder };
    const child = spawn('curl', ['--silent', '--show-error', '--noproxy', '*', '--include', ...args], { env });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    return new Promise((done, fail) => {
      child.once('error', fail);
      child.once('close', (code) => {
        if (code !== 0) return fail(new Error(`curl ${args.join(' ')} ended with ${code}: ${text.stderr}`));
        const [head = ''] = /^(HTTP\/.*?\r\n\r\n)+/s.exec(text.stdout) ?? [];
        const heads = head.trim().split('\r\n\r\n');
        done({ status: Number(heads.at(-1)?.split(' ')[1]), heads, body: text.stdout.slice(head.length) });
      });
    });
  }
  const eventOf = async (...args: readonly string[]): Promise<Event> => {
    const { status, body } = await curl(...args);
    expect(status, body).toBe(200);
    return JSON.parse(body);
  };

  const apis = [
    ['an HTTP API', 'HttpApiUrl'],
    ['a REST API', 'RestApiUrl'],
    ['a function URL', 'EchoUrl'],
  ] as const;

  test.each(apis.slice(0, 2))('signs for a route of %s with IAM authorization', async (_, output) => {
    const url = `${address(output)}/signed?b=2&a=1`;
    expect((await curl(url)).status).toBe(403);
    const sign = (service: string) => ['--aws-sigv4', `aws:amz:us-east-1:${service}`, '--user', 'AKIDCURL:secret', url];
    expect((await curl(...sign('s3'))).status).toBe(403);
    const { requestContext } = await eventOf(...sign('execute-api'));
    expect(JSON.stringify(requestContext)).toContain('"accessKey":"AKIDCURL"');
  });

  // the paths and what AWS made of them are measured: https://github.com/hotsock/voker/pull/8, vokerhttp/testdata/ingress-paths.json
  test.each([
    ['plain', 'plain'],
    ['space%20value', 'space value'],
    ['question%3Fvalue', 'question'],
    ['hash%23value', 'hash#value'],
    ['slash%2Fvalue', 'slash/value'],
    ['unicode-%CE%BB-%E4%B8%96', 'unicode-λ-世'],
    ['literal%252Fvalue', 'literal/value'],
    ['literal%253Fvalue', 'literal?value'],
    ['literal%2525value', 'literal%value'],
    ['percent%25done', undefined],
  ])('sends the path %s, which an HTTP API decodes twice, and others not at all', async (sent, decoded) => {
    const query = 'value=a%3Fb%25c%23d&repeat=one&repeat=two';
    const http = `${address('HttpApiUrl')}/echo/${sent}?${query}`;
    if (decoded === undefined)
      expect(await curl(http)).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
    else {
      expect(await eventOf(http)).toMatchObject({
        rawPath: `/echo/${decoded}`,
        requestContext: { http: { path: `/echo/${decoded}` } },
        pathParameters: { rest: decoded },
        rawQueryString: query,
        queryStringParameters: { value: 'a?b%c#d', repeat: 'one,two' },
      });
    }
    expect(await eventOf(`${address('RestApiUrl')}/echo/${sent}?${query}`)).toMatchObject({
      path: `/echo/${sent}`,
      requestContext: { path: `/live/echo/${sent}` },
      pathParameters: { rest: sent },
      queryStringParameters: { value: 'a?b%c#d', repeat: 'two' },
      multiValueQueryStringParameters: { repeat: ['one', 'two'] },
    });
    const { rawPath, rawQueryString, requestContext } = await eventOf(`${address('EchoUrl')}/${sent}?${query}`);
    const once = decodeURIComponent(sent);
    expect({ rawPath, rawQueryString, requestContext }).toMatchObject({
      rawPath: `/${sent}`,
      rawQueryString: query,
      requestContext: { http: { path: `/${once}` }, accountId: 'anonymous' },
    });
  });

  test('sends repeated headers and cookies', async () => {
    const given = ['-H', 'X-Two: first', '-H', 'X-Two: second', '--cookie', 'session=abc123; theme=dark'];
    const cookies = ['session=abc123', 'theme=dark'];
    const http = await eventOf(...given, `${address('HttpApiUrl')}/echo/x`);
    expect(http).toMatchObject({ headers: { 'x-two': 'first,second' }, cookies });
    expect(http.headers).not.toHaveProperty('cookie');
    // measured: https://github.com/hotsock/voker/pull/8, vokerhttp/testdata/functionurl-request.json
    const url = await eventOf(...given, `${address('EchoUrl')}/x`);
    expect(url).toMatchObject({ headers: { 'x-two': 'first,second', cookie: cookies.join('; ') }, cookies });
    expect(await eventOf(...given, `${address('RestApiUrl')}/echo/x`)).toMatchObject({
      headers: { 'X-Two': 'second', Cookie: cookies.join('; ') },
      multiValueHeaders: { 'X-Two': ['first', 'second'], Cookie: [cookies.join('; ')] },
    });
  });

  test.each(apis)('uploads to %s: in chunks, after 100-continue, binary, and empty', async (name, output) => {
    const url = `${address(output)}/echo/x`;
    const json = ['-X', 'PUT', '-H', 'content-type: application/json', '--data-binary', '{"λ":1}'];
    const chunked = await eventOf(...json, '-H', 'transfer-encoding: chunked', url);
    expect(chunked).toMatchObject({ body: '{"λ":1}', isBase64Encoded: false });
    expect(Object.keys(chunked.headers).map((header) => header.toLowerCase())).not.toContain('transfer-encoding');
    const expected = await curl(...json, '-H', 'expect: 100-continue', url);
    expect(expected.heads.map((head) => head.split('\r\n')[0])).toEqual(['HTTP/1.1 100 Continue', 'HTTP/1.1 200 OK']);
    expect(JSON.parse(expected.body).headers).not.toHaveProperty('expect');
    const file = join(folder, 'binary');
    writeFileSync(file, Buffer.from([0, 255, 254, 128, 97]));
    const binary = await eventOf('-T', file, '-H', 'content-type: application/octet-stream', url);
    // a REST API has no binary media types unless it lists them
    if (name !== 'a REST API') expect(binary).toMatchObject({ body: 'AP/+gGE=', isBase64Encoded: true });
    else expect(binary).toMatchObject({ body: '\0���a', isBase64Encoded: false });
    expect((await eventOf('-X', 'POST', '-H', 'content-length: 0', url)).body ?? null).toBeNull();
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, …/limits.html: 10 MB;
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB
  test.each([
    ['HttpApiUrl', '{"message":"Request Entity Too Large"}'],
    ['RestApiUrl', '{"message":"Request Too Long"}'],
    ['EchoUrl', '{"Message":"Request must be smaller than 6291456 bytes"}'],
  ])('uploads megabytes to %s', async (output, tooLarge) => {
    const url = `${address(output)}/echo/x`;
    const bytes = (count: number) => {
      const file = join(folder, `bytes-${count}`);
      writeFileSync(file, Buffer.alloc(count, 'x'));
      return ['-T', file, '-H', 'content-type: text/plain', url];
    };
    const { body } = await eventOf(...bytes(5_500_000));
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(hash(body ?? '')).toBe(hash('x'.repeat(5_500_000)));
    expect(await curl(...bytes(10 * 1024 * 1024 + 1))).toMatchObject({ status: 413, body: tooLarge });
    expect(await curl('-H', 'transfer-encoding: chunked', ...bytes(11_000_000))).toMatchObject({ status: 413 });
  });

  test.each(apis)('asks %s by HTTP/1.0, HEAD and OPTIONS', async (name, output) => {
    const url = `${address(output)}/echo/x`;
    const old = await curl('--http1.0', url);
    expect(JSON.stringify(JSON.parse(old.body).requestContext)).toContain('"protocol":"HTTP/1.0"');
    expect(old.heads[0]).toMatch(/connection: close/i);
    const head = await curl('--head', url);
    expect(head).toMatchObject({ status: 200, body: '' });
    const options = await curl('-X', 'OPTIONS', url);
    // without an origin it is no preflight: only the REST API has a method of its own for it
    expect(options.status).toBe(name === 'a REST API' ? 204 : 200);
    const preflight = ['-H', `origin: ${client().shop}`, '-H', 'access-control-request-method: PUT'];
    const answered = await curl('-X', 'OPTIONS', ...preflight, url);
    expect(answered.status).toBe(name === 'a function URL' ? 200 : 204);
    expect(answered.heads[0]?.toLowerCase()).toContain(`access-control-allow-origin: ${client().shop}\r\n`);
    expect(answered.body).toBe('');
  });

  test.each([
    ['StreamUrl', '/'],
    ['RestApiUrl', '/stream'],
  ])('reads a stream of %s%s by HTTP/1.0 too, to its end', async (output, path) => {
    for (const version of ['--http1.0', '--http1.1']) {
      for (let parts = 0; parts < 2; parts++) client().openGate();
      const { body, heads } = await curl(version, '--no-buffer', address(output) + path);
      expect(body).toBe('one two three');
      const isChunked = /transfer-encoding: chunked/i.test(heads[0] ?? '');
      expect(isChunked).toBe(version === '--http1.1');
    }
  });
});

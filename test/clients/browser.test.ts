// A browser on the local AWS: cross-origin calls by its own rules, answers that arrive in parts, and WebSocket connections.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium, chromiumProgram, type Page } from '../support/chromium.ts';
import { reasonMissing } from '../support/toolchain.ts';
import { clientProject } from './project.ts';

const program = chromiumProgram();
const reason = reasonMissing(program, 'there is no Chromium here, to call the local AWS from a web page');

describe.skipIf(program === undefined)(`a page in Chromium${reason}`, () => {
  const client = clientProject();
  let browser: Chromium;
  const pages = new Map<string, Page>();
  beforeAll(async () => {
    browser = new Chromium(program ?? '');
    for (const name of ['shop', 'admin', 'stranger'] as const) pages.set(name, await browser.open(client()[name]));
  });
  afterAll(() => browser?.end());

  const address = (output: string) => client().outputs[output]?.replace(/\/$/, '') ?? '';
  const page = (name: string) => pages.get(name) as Page;

  interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly event: { readonly headers: Readonly<Record<string, string>>; readonly cookies?: readonly string[] };
  }

  /** Calls by fetch. Undefined if the browser withheld the answer. */
  async function call(from: string, url: string, init: object = {}): Promise<Answer | undefined> {
    const answer = await page(
      from,
    ).evaluate<Answer | null>(`fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
      async (answer) => ({ status: answer.status, headers: Object.fromEntries(answer.headers), event: await answer.json() }),
      () => null)`);
    return answer ?? undefined;
  }
  const withToken = { method: 'PUT', headers: { 'x-token': 't', 'content-type': 'application/json' }, body: '{}' };

  describe.each([
    ['an HTTP API', 'HttpApiUrl'],
    ['a function URL', 'EchoUrl'],
  ])('calls %s', (_, output) => {
    test('that allows its origin, and reads the exposed headers', async () => {
      const simple = `${address(output)}/echo/simple`;
      const answer = await call('shop', simple);
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json', 'x-count': '7' } });
      expect(answer?.headers).not.toHaveProperty('x-secret');
      expect(answer?.event.headers['origin']).toBe(client().shop);
      const other = `${address(output)}/echo/after`;
      await call('shop', other, withToken);
      await page('shop').preflight(other);
      expect(page('shop').preflights).not.toContain(simple);
    });

    test('with other methods and headers after a preflight', async () => {
      const url = `${address(output)}/echo/put`;
      const answer = await call('shop', url, withToken);
      await page('shop').preflight(url);
      expect(answer?.event.headers['x-token']).toBe('t');
    });

    test('not with a method or a header that it does not allow', async () => {
      const url = `${address(output)}/echo`;
      expect(await call('shop', `${url}/deleted`, { method: 'DELETE' })).toBeUndefined();
      expect(await call('shop', `${url}/header`, { headers: { 'x-other': '1' } })).toBeUndefined();
      await page('shop').preflight(`${url}/deleted`);
      await page('shop').preflight(`${url}/header`);
    });

    test('not from another origin, with or without a preflight', async () => {
      expect(await call('stranger', `${address(output)}/echo/x`)).toBeUndefined();
      expect(await call('stranger', `${address(output)}/echo/x`, withToken)).toBeUndefined();
    });
  });

  test('sends cookies to an API that allows credentials, and is refused by one that does not', async () => {
    const include = { credentials: 'include' };
    const setting = encodeURIComponent(
      JSON.stringify({ statusCode: 200, cookies: ['taste=sweet; Path=/'], body: '{}' }),
    );
    expect((await call('shop', `${address('HttpApiUrl')}/echo/x?answer=${setting}`, include))?.status).toBe(200);
    const answer = await call('shop', `${address('HttpApiUrl')}/echo/x`, { ...withToken, ...include });
    expect(answer?.event.cookies).toEqual(['taste=sweet']);
    expect((await call('shop', `${address('HttpApiUrl')}/echo/x`))?.event.cookies, 'same-origin').toBeUndefined();
    expect(await call('shop', `${address('EchoUrl')}/x`, include)).toBeUndefined();
  });

  test('reads the errors of an HTTP API: no route, a failed function, a body that is too large', async () => {
    const url = address('HttpApiUrl');
    expect(await call('shop', `${url}/none`)).toMatchObject({ status: 404, event: { message: 'Not Found' } });
    const failing = encodeURIComponent('{"statusCode":"none"}');
    expect((await call('shop', `${url}/echo/x?answer=${failing}`))?.status).toBe(500);
    expect((await call('shop', `${url}/signed`))?.status).toBe(403);
    const status = await page('shop').evaluate(
      `fetch(${JSON.stringify(`${url}/echo/x`)}, { method: 'PUT', body: new Blob(['x'.repeat(10 * 1024 * 1024 + 1)]) }).then(({ status }) => status)`,
    );
    expect(status).toBe(413);
  });

  test.each(['shop', 'admin'])('of one of two origins, %s, calls a REST API', async (name) => {
    const url = address('RestApiUrl');
    const answer = await call(name, `${url}/echo/put`, withToken);
    await page(name).preflight(`${url}/echo/put`);
    expect(answer?.event.headers['x-token']).toBe('t');
    expect(await call(name, `${url}/none`), 'an error of the API').toMatchObject({ status: 403 });
  });

  test('of a stranger does not pass the preflight of a REST API, nor one without preflights', async () => {
    expect(await call('stranger', `${address('RestApiUrl')}/echo/put`, withToken)).toBeUndefined();
    const unanswered = `${address('RestApiUrl')}/signed`;
    expect(await call('shop', unanswered, { headers: { 'x-token': 't' } })).toBeUndefined();
    await page('shop').preflight(unanswered);
  });

  test.each([
    ['a function URL', 'StreamUrl', '/'],
    ['a REST API', 'RestApiUrl', '/stream'],
  ])('reads a stream of %s part by part, each before the next is written', async (_, output, path) => {
    const parts = await page('shop').evaluate(`(async () => {
      const answer = await fetch(${JSON.stringify(address(output) + path)});
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parts = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return parts;
        parts.push(value);
        if (parts.length < 3) await fetch('/open');
      }
    })()`);
    expect(parts).toEqual(['one ', 'two ', 'three']);
  });

  /** Opens a connection, runs the code with `socket` and `next` (the next message), and says how the connection ended. */
  const connected = <T>(code: string, query = '') =>
    page('shop').evaluate<{ value: T; code: number; clean: boolean; reason: string }>(`(async () => {
      const socket = new WebSocket(${JSON.stringify((client().outputs['WebSocketApiUrl'] ?? '') + query)});
      const closed = new Promise((done) => socket.addEventListener('close', done));
      const messages = [];
      let take;
      socket.onmessage = ({ data }) => { messages.push(data); take?.(); };
      const next = async () => {
        while (messages.length === 0) await new Promise((done) => { take = done; });
        return messages.shift();
      };
      const opened = await Promise.race([new Promise((done) => { socket.onopen = () => done(true); }), closed.then(() => false)]);
      const value = opened ? await (async () => { ${code} })() : undefined;
      const { code, wasClean: clean, reason } = await closed;
      return { value, code, clean, reason };
    })()`);

  test('talks to a WebSocket API: an answer, a pushed message, its own end', async () => {
    const ended = client().ended();
    const talk = await connected(`
      socket.send(JSON.stringify({ action: 'ask', text: 'λ'.repeat(300) }));
      const answer = await next();
      socket.send(JSON.stringify({ action: 'push', text: 'news' }));
      const pushed = await next();
      socket.close(4001, 'enough');
      return [answer, pushed];`);
    expect(talk).toEqual({ value: ['{"heard":300}', 'news'], code: 4001, clean: true, reason: 'enough' });
    expect(await ended).toEqual({ code: 4001, reason: 'enough' });
  });

  test('sees a WebSocket API end connections', async () => {
    expect(await connected(`socket.send('{"action":"end"}')`)).toMatchObject({ code: 1000, clean: true });
    expect((await client().ended()).code).toBe(1000);
    expect(await connected('socket.send(new Uint8Array([1]))')).toMatchObject({ code: 1003 });
    await client().ended();
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html: frames of 32 KB
    const sending = (bytes: number) => `socket.send(JSON.stringify({ action: 'ask', text: 'x'.repeat(${bytes}) }))`;
    expect(
      await connected(`${sending(32_000)}; const answer = await next(); socket.close(); return answer;`),
    ).toMatchObject({ value: '{"heard":32000}', code: 1005 });
    await client().ended();
    expect(await connected(sending(40_000))).toMatchObject({ code: 1009, reason: 'Message too big' });
    await client().ended();
    expect(await connected('', '?refuse=1'), 'a refused handshake').toMatchObject({ code: 1006, clean: false });
  });
});

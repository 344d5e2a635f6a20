// Streamed answers of function URLs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startTestLambda } from './test-lambda.ts';
import { publicUrl } from './test-url.ts';

const lambda = await startTestLambda();

describe('a stream', () => {
  const InvokeMode = 'RESPONSE_STREAM';

  /** The folder of the files that let a function continue, and the code that waits for one. */
  const folder = mkdtempSync(join(tmpdir(), 'fx-streams-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const waiting = `import { existsSync } from 'node:fs';
    const until = async (file) => { while (!existsSync(file)) await new Promise((done) => setTimeout(done, 5)); };`;

  test('reaches the client in chunks, with its status, headers and cookies', async () => {
    const signal = join(folder, 'first-was-read');
    const url = await publicUrl(
      lambda,
      `${waiting}
       export const handler = awslambda.streamifyResponse(async (event, stream) => {
         const out = awslambda.HttpResponseStream.from(stream, {
           statusCode: 201, headers: { 'Content-Type': 'text/event-stream' }, cookies: ['a=1'],
         });
         out.write('first');
         await until(${JSON.stringify(signal)});
         out.write('last');
         out.end();
       });`,
      { InvokeMode },
    );
    const response = await fetch(url);
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    expect(response.headers.get('content-length')).toBeNull();
    let text = '';
    for await (const part of response.body ?? []) {
      text += new TextDecoder().decode(part as Uint8Array);
      if (text === 'first') writeFileSync(signal, '');
    }
    expect(text).toBe('firstlast');
  });

  test('without metadata is a success; a handler that does not stream is answered whole', async () => {
    const plain = await publicUrl(
      lambda,
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
         stream.setContentType('text/plain'); stream.write('plain'); stream.end();
       });`,
      { InvokeMode },
    );
    const response = await fetch(plain);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain',
      'plain',
    ]);
    const whole = await publicUrl(lambda, `export const handler = async () => ({ a: 1 });`, { InvokeMode });
    expect(await (await fetch(whole)).json()).toEqual({ a: 1 });
  });

  test('that breaks before its first byte is a 502; one that breaks later breaks the connection', async () => {
    const signal = join(folder, 'headers-were-read');
    const url = await publicUrl(
      lambda,
      `${waiting}
       export const handler = awslambda.streamifyResponse(async (event, stream) => {
         if (event.rawPath === '/early') throw new Error('early');
         stream.write('some');
         await until(${JSON.stringify(signal)});
         process.exit(1);
       });`,
      { InvokeMode },
    );
    expect((await fetch(`${url}early`)).status).toBe(502);
    const late = await fetch(`${url}late`);
    expect(late.status).toBe(200);
    writeFileSync(signal, '');
    await expect(late.text()).rejects.toThrow();
  });
});

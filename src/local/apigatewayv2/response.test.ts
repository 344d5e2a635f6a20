// The response of an HTTP API, from what its function returned.
import { beforeAll, describe, expect, test } from 'vitest';
import { answered, startTestApi } from './test-api.ts';

const { createApi } = await startTestApi();

describe('the response', () => {
  let url: string;
  beforeAll(async () => {
    url = (await createApi(['ANY /'])).ApiEndpoint;
  });

  test.each<[unknown, number, string, string | null]>([
    [{ hello: 1 }, 200, '{"hello":1}', 'application/json'],
    ['text', 200, 'text', 'application/json'],
    [null, 200, 'null', 'application/json'],
    [[1], 200, '[1]', 'application/json'],
    [{ statusCode: 201, body: 'made' }, 201, 'made', 'text/plain;charset=utf-8'],
    [{ statusCode: 404, headers: { 'Content-Type': 'text/html' }, body: '<p>' }, 404, '<p>', 'text/html'],
    [
      { statusCode: 200, body: 'aGk=', isBase64Encoded: true, headers: { 'content-type': 'image/x' } },
      200,
      'hi',
      'image/x',
    ],
    [{ statusCode: 204 }, 204, '', null],
    [{ statusCode: 200, body: { a: 1 } }, 500, '{"message":"Internal Server Error"}', 'application/json'],
    [{ statusCode: 'bad' }, 500, '{"message":"Internal Server Error"}', 'application/json'],
  ])('to %j', async (answer, status, text, type) => {
    const response = await answered(url, answer);
    expect([response.status, response.text, response.headers.get('content-type')]).toEqual([status, text, type]);
    expect(response.headers.get('apigw-requestid')).toBeTruthy();
  });

  test('each cookie has its own header', async () => {
    const { headers } = await answered(url, { statusCode: 200, cookies: ['a=1; Secure', 'b=2'], headers: { n: 1 } });
    expect(headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(headers.get('n')).toBe('1');
  });
});

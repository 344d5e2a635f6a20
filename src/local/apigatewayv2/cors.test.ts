// Cross-origin requests to an HTTP API.
import { describe, expect, test } from 'vitest';
import { get, startTestApi } from './test-api.ts';

const { createApi } = await startTestApi();

describe('CORS', () => {
  const CorsConfiguration = {
    AllowOrigins: ['https://a.example', 'https://*.b.example'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['x-custom'],
    ExposeHeaders: ['x-out'],
    AllowCredentials: true,
    MaxAge: 60,
  };
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET' },
  });

  test('a preflight is answered without a route', async () => {
    const { ApiEndpoint } = await createApi(['GET /'], { api: { CorsConfiguration } });
    const { status, headers } = await get(ApiEndpoint, preflight('https://x.b.example'));
    expect(status).toBe(204);
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': 'https://x.b.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-custom',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
    });
    const other = await get(ApiEndpoint, preflight('https://evil.example'));
    expect(other.status).toBe(204);
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('responses get the configured headers in place of the function’s', async () => {
    const { ApiEndpoint } = await createApi(['GET /'], { api: { CorsConfiguration } });
    const x = JSON.stringify({ answer: { statusCode: 200, headers: { 'access-control-allow-origin': 'own' } } });
    const { headers } = await get(ApiEndpoint, { headers: { origin: 'https://a.example', x } });
    expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(headers.get('access-control-expose-headers')).toBe('x-out');
  });

  test('without a configuration OPTIONS is a request like any other', async () => {
    const { ApiEndpoint } = await createApi(['GET /']);
    expect((await get(ApiEndpoint, preflight('https://a.example'))).status).toBe(404);
  });
});

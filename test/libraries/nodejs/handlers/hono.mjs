import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';

const app = new Hono().get('/', (context) => context.text('hono'));
const inner = handle(app);

export const handler = async () =>
  (
    await inner({
      version: '2.0',
      rawPath: '/',
      rawQueryString: '',
      headers: { host: 'x' },
      requestContext: { domainName: 'x', http: { method: 'GET', path: '/' } },
    })
  ).body;

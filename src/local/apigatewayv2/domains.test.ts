// Domain names of APIs on the local AWS: they answer with .localhost after the name, and the longest base path wins.
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startTestApi } from './test-api.ts';

const { aws, call, createApi } = await startTestApi();

const DomainNameConfigurations = [
  { CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/1', EndpointType: 'REGIONAL' as const },
];

/** A request under a host name, on the port of the local AWS. */
const at = (host: string, path: string) =>
  new Promise<{ status: number | undefined; text: string }>((done, fail) => {
    const asked = request({ host: '127.0.0.1', port: aws.port, path, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => done({ status: response.statusCode, text }));
    });
    asked.once('error', fail).end();
  });

test('the longest base path decides, and stays in the path of the event', async () => {
  const whole = await createApi(['GET /orders/{id}'], { api: { DisableExecuteApiEndpoint: true } });
  const admin = await createApi(['GET /users'], { stage: 'v1' });
  const described = await call('CreateDomainName', { DomainName: 'api.example.com', DomainNameConfigurations });
  expect(described.DomainNameConfigurations?.[0]?.ApiGatewayDomainName).toMatch(/^d-\w+\.execute-api\.us-east-1\./);
  await call('CreateApiMapping', { DomainName: 'api.example.com', ApiId: whole.ApiId, Stage: '$default' });
  const mapped = { DomainName: 'api.example.com', ApiId: admin.ApiId, Stage: 'v1', ApiMappingKey: 'admin/v1' };
  await call('CreateApiMapping', mapped);
  const host = `api.example.com.localhost:${aws.port}`;
  const { event } = JSON.parse((await at(host, '/orders/7')).text);
  expect(event).toMatchObject({ routeKey: 'GET /orders/{id}', pathParameters: { id: '7' }, rawPath: '/orders/7' });
  expect(event.requestContext).toMatchObject({ apiId: whole.ApiId, domainName: host, domainPrefix: 'api' });
  const below = JSON.parse((await at(host, '/admin/v1/users?a=1')).text).event;
  expect(below).toMatchObject({ routeKey: 'GET /users', rawPath: '/admin/v1/users', requestContext: { stage: 'v1' } });
  expect((await at(host, '/admin/v2/users')).status).toBe(404);
  await expect(call('CreateApiMapping', mapped)).rejects.toMatchObject({ code: 'ConflictException' });
});

test('a path that no mapping takes is forbidden', async () => {
  await call('CreateDomainName', { DomainName: 'empty.example.com', DomainNameConfigurations });
  expect(await at('empty.example.com.localhost', '/')).toMatchObject({ status: 403 });
});

test('mappings that are made at one moment are all kept', async () => {
  const { ApiId } = await createApi(['GET /']);
  await call('CreateDomainName', { DomainName: 'many.example.com', DomainNameConfigurations });
  const keys = ['a', 'b', 'c', 'd'];
  const mapping = { DomainName: 'many.example.com', ApiId, Stage: '$default' };
  await Promise.all(keys.map((ApiMappingKey) => call('CreateApiMapping', { ...mapping, ApiMappingKey })));
  const { Items = [] } = await call('GetApiMappings', { DomainName: 'many.example.com' });
  expect(Items.map(({ ApiMappingKey }) => ApiMappingKey).sort()).toEqual(keys);
});

test('a wildcard takes every name below it', async () => {
  const { ApiId } = await createApi(['GET /']);
  await call('CreateDomainName', { DomainName: '*.example.org', DomainNameConfigurations });
  await call('CreateApiMapping', { DomainName: '*.example.org', ApiId, Stage: '$default' });
  expect((await at('a.example.org.localhost', '/')).status).toBe(200);
});

test.each<[string, () => Promise<unknown>, object]>([
  [
    'a mapping to a stage that does not exist',
    async () => {
      const { ApiId } = await createApi(['GET /']);
      await call('CreateDomainName', { DomainName: 'b.example.com', DomainNameConfigurations });
      return call('CreateApiMapping', { DomainName: 'b.example.com', ApiId, Stage: 'none' });
    },
    { code: 'BadRequestException', message: 'Invalid stage identifier specified' },
  ],
  [
    'a domain that does not exist',
    () => call('GetDomainName', { DomainName: 'none.example.com' }),
    { code: 'NotFoundException', message: 'Invalid domain name identifier specified' },
  ],
])('%s is refused', async (_, act, refusal) => {
  await expect(act()).rejects.toMatchObject(refusal);
});

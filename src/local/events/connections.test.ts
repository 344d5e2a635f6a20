// EventBridge's connections and API destinations.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Cloud, Input, OperationName } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createRole } from '../lambda/fixture.ts';
import { event, openQueue } from './test-events.ts';

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
});
afterAll(async () => {
  await local[Symbol.asyncDispose]();
});
const call = <O extends OperationName<'events'>>(operation: O, input: Input<'events', O>) =>
  cloud.call('events', operation, input);
const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const key = { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'secret' } };
const times = { CreationTime: expect.any(Date), LastModifiedTime: expect.any(Date) };

test('a connection is created, described and deleted, and its secret is in Secrets Manager', async () => {
  const created = await call('CreateConnection', { Name: 'key', AuthorizationType: 'API_KEY', AuthParameters: key });
  const ConnectionArn = expect.stringMatching(/:connection\/key\/[0-9a-f-]{36}$/);
  expect(created).toEqual({ ConnectionArn, ConnectionState: 'AUTHORIZED', ...times });
  const described = await call('DescribeConnection', { Name: 'key' });
  expect(described).toEqual({
    ...{ ...created, Name: 'key', AuthorizationType: 'API_KEY', LastAuthorizedTime: expect.any(Date) },
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key' } },
    SecretArn: expect.stringMatching(/:secret:events!connection\/key\/[0-9a-f-]{36}-\w{6}$/),
  });
  const { SecretString } = await cloud.call('secretsmanager', 'GetSecretValue', { SecretId: described.SecretArn });
  expect(JSON.parse(SecretString ?? '')).toEqual({ api_key_name: 'X-Key', api_key_value: 'secret' });
  expect(await call('DeleteConnection', { Name: 'key' })).toMatchObject({ ConnectionState: 'DELETING' });
  await expect(call('DescribeConnection', { Name: 'key' })).rejects.toEqual(
    refused('ResourceNotFoundException', "Failed to describe the connection(s). Connection 'key' does not exist."),
  );
});

test('an OAuth connection is being authorized, and shows no secret', async () => {
  const OAuthParameters = {
    ClientParameters: { ClientID: 'id', ClientSecret: 'secret' },
    ...{ AuthorizationEndpoint: 'https://example.com/oauth', HttpMethod: 'POST' as const },
  };
  const Name = 'oauth';
  const AuthorizationType = 'OAUTH_CLIENT_CREDENTIALS';
  const created = await call('CreateConnection', { Name, AuthorizationType, AuthParameters: { OAuthParameters } });
  expect(created.ConnectionState).toBe('AUTHORIZING');
  expect((await call('DescribeConnection', { Name })).AuthParameters).toEqual({
    OAuthParameters: { ...OAuthParameters, ClientParameters: { ClientID: 'id' } },
  });
});

test('a connection with wrong parameters is refused with all of them', async () => {
  const Name = `This has spaces ${'x'.repeat(60)}`;
  const input = { Name, AuthorizationType: 'INVALID' as 'BASIC', AuthParameters: {} };
  await expect(call('CreateConnection', input)).rejects.toEqual(
    refused(
      'ValidationException',
      `3 validation errors detected: Value '${Name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+; Value '${Name}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 64; Value 'INVALID' at 'authorizationType' failed to satisfy constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]`,
    ),
  );
});

test('an API destination on this machine receives events, and one elsewhere does not', async () => {
  const { ConnectionArn } = await call('CreateConnection', {
    Name: 'c',
    AuthorizationType: 'API_KEY',
    AuthParameters: key,
  });
  let received: (request: { incoming: IncomingMessage; body: string }) => void = () => {};
  const arrived = new Promise<{ incoming: IncomingMessage; body: string }>((done) => {
    received = done;
  });
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      received({ incoming, body: Buffer.concat(chunks).toString() });
      response.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const InvocationEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/*`;
  const destination = { Name: 'd', ConnectionArn, InvocationEndpoint, HttpMethod: 'POST' as const };
  const created = await call('CreateApiDestination', destination);
  expect(created).toEqual({
    ...{
      ApiDestinationArn: expect.stringMatching(/:api-destination\/d\/[0-9a-f-]{36}$/),
      ApiDestinationState: 'ACTIVE',
    },
    ...times,
  });
  const listed = { ...created, ...destination, InvocationRateLimitPerSecond: 300 };
  expect(await call('DescribeApiDestination', { Name: 'd' })).toEqual(listed);
  expect(await call('ListApiDestinations', {})).toEqual({ ApiDestinations: [listed] });
  const far = { ...destination, Name: 'far', InvocationEndpoint: 'https://example.com/' };
  const { ApiDestinationArn: farArn } = await call('CreateApiDestination', far);

  const allowed = { Effect: 'Allow', Action: 'events:InvokeApiDestination', Resource: '*' };
  const RoleArn = await createRole(cloud, allowed, 'events.amazonaws.com');
  const dead = await openQueue(cloud, 'far-dead');
  await call('PutRule', { Name: 'call', EventPattern: '{"source":["call"]}' });
  const HttpParameters = {
    PathParameterValues: ['a b'],
    QueryStringParameters: { q: '1' },
    HeaderParameters: { 'X-A': 'b' },
  };
  const near = { Id: 'near', Arn: created.ApiDestinationArn, HttpParameters, InputPath: '$.detail' };
  await expect(call('PutTargets', { Rule: 'call', Targets: [near] })).rejects.toMatchObject({
    code: 'ValidationException',
  });
  await call('PutTargets', {
    Rule: 'call',
    Targets: [
      { ...near, RoleArn },
      { Id: 'far', Arn: farArn, RoleArn, DeadLetterConfig: { Arn: dead.arn } },
    ],
  });
  await call('PutEvents', { Entries: [event('call', { a: 1 })] });
  const { incoming, body } = await arrived;
  expect([incoming.method, incoming.url, body]).toEqual(['POST', '/hook/a%20b?q=1', '{"a":1}']);
  expect(incoming.headers).toMatchObject({ 'x-key': 'secret', 'x-a': 'b' });
  const [letter] = await dead.messages();
  expect(letter?.MessageAttributes?.['ERROR_MESSAGE']?.StringValue).toContain('addresses of this machine only');

  await call('UpdateApiDestination', { Name: 'd', HttpMethod: 'PUT', Description: 'new' });
  expect(await call('DescribeApiDestination', { Name: 'd' })).toMatchObject({ HttpMethod: 'PUT', Description: 'new' });
  await call('DeleteApiDestination', { Name: 'd' });
  await expect(call('DescribeApiDestination', { Name: 'd' })).rejects.toEqual(
    refused(
      'ResourceNotFoundException',
      "Failed to describe the api-destination(s). An api-destination 'd' does not exist.",
    ),
  );
});

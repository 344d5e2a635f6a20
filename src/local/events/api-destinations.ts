// EventBridge's API destinations: HTTP endpoints as targets of rules. The local AWS calls addresses of this machine only.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
import { randomUUID } from 'node:crypto';
import type { HttpParameters } from '@aws-sdk/client-eventbridge';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { isLoopbackHost } from '../loopback.ts';
import { pageByName } from '../paging.ts';
import { type Connection, connectionArn } from './connections.ts';
import { ruleNameRule } from './rules.ts';
import { type EventsContext, eventsArn, notFound } from './state.ts';

export interface ApiDestination {
  readonly name: string;
  readonly id: string;
  readonly connectionArn: string;
  readonly endpoint: string;
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT';
  readonly rate: number;
  readonly description?: string;
  readonly created: number;
  readonly modified: number;
}

const methods = ['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'];
const defaultRate = 300;
/** "EventBridge requests to an API destination endpoint must have a maximum client execution timeout of 5 seconds." */
const timeoutMs = 5000;

const members = [
  ...(['Name', 'Description', 'ConnectionArn', 'InvocationEndpoint', 'HttpMethod'] as const),
  'InvocationRateLimitPerSecond' as const,
];

export function apiDestinationOperations(context: EventsContext): Operations<'events'> {
  const { cloud, destinations } = context;
  const find = (name: string | undefined): ApiDestination => {
    const destination = destinations.get(name ?? '');
    if (destination !== undefined) return destination;
    throw notFound(`Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`);
  };
  return {
    CreateApiDestination: {
      members,
      run(input) {
        const name = input.Name ?? '';
        checkDestination(context, input);
        if (destinations.has(name)) {
          throw new AwsError('ResourceAlreadyExistsException', `An api-destination '${name}' already exists.`);
        }
        const now = cloud.now();
        const destination: ApiDestination = {
          ...{ name, id: randomUUID(), connectionArn: input.ConnectionArn ?? '', created: now, modified: now },
          endpoint: input.InvocationEndpoint ?? '',
          method: input.HttpMethod ?? 'POST',
          rate: input.InvocationRateLimitPerSecond ?? defaultRate,
          ...(input.Description === undefined ? {} : { description: input.Description }),
        };
        destinations.set(name, destination);
        return stateOf(context, destination);
      },
    },
    UpdateApiDestination: {
      members,
      run(input) {
        const before = find(input.Name);
        checkDestination(context, input);
        const destination: ApiDestination = {
          ...before,
          modified: cloud.now(),
          ...(input.ConnectionArn === undefined ? {} : { connectionArn: input.ConnectionArn }),
          ...(input.InvocationEndpoint === undefined ? {} : { endpoint: input.InvocationEndpoint }),
          ...(input.HttpMethod === undefined ? {} : { method: input.HttpMethod }),
          ...(input.InvocationRateLimitPerSecond === undefined ? {} : { rate: input.InvocationRateLimitPerSecond }),
          ...(input.Description === undefined ? {} : { description: input.Description }),
        };
        destinations.set(before.name, destination);
        return stateOf(context, destination);
      },
    },
    DescribeApiDestination: {
      members: ['Name'],
      run({ Name }) {
        const destination = find(Name);
        const { description } = destination;
        return { ...listed(context, destination), ...(description === undefined ? {} : { Description: description }) };
      },
    },
    ListApiDestinations: {
      members: ['NamePrefix', 'ConnectionArn', 'NextToken', 'Limit'],
      run({ NamePrefix = '', ConnectionArn, NextToken: token, Limit: most = 100 }) {
        const found = destinations
          .filter(({ name }) => name.startsWith(NamePrefix))
          .filter(({ connectionArn: arn }) => ConnectionArn === undefined || arn === ConnectionArn)
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(found, ({ name }) => name, { token, most });
        return {
          ApiDestinations: items.map((destination) => listed(context, destination)),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    DeleteApiDestination: {
      members: ['Name'],
      run({ Name }) {
        destinations.delete(find(Name).name);
        return {};
      },
    },
  };
}

function checkDestination(context: EventsContext, input: Partial<Input<'events', 'CreateApiDestination'>>): void {
  checkConstraints('ValidationException', [
    ['name', input.Name, ruleNameRule],
    ['description', input.Description, { max: 512 }],
    ['httpMethod', input.HttpMethod, { oneOf: methods }],
    ['invocationRateLimitPerSecond', input.InvocationRateLimitPerSecond, { min: 1 }],
    ['invocationEndpoint', input.InvocationEndpoint, { min: 1, max: 2048 }],
  ]);
  const { ConnectionArn } = input;
  if (ConnectionArn !== undefined && connectionOf(context, ConnectionArn) === undefined) {
    throw notFound(`Connection '${ConnectionArn.split('/').at(-2)}' does not exist.`);
  }
}

function connectionOf(context: EventsContext, arn: string): Connection | undefined {
  return context.connections.find((connection) => connectionArn(context, connection) === arn);
}

export function apiDestinationAt(context: EventsContext, arn: string): ApiDestination | undefined {
  return context.destinations.find((destination) => destinationArn(context, destination) === arn);
}

function destinationArn(context: EventsContext, { name, id }: ApiDestination): string {
  return eventsArn(context, 'api-destination', `${name}/${id}`);
}

function stateOf(context: EventsContext, destination: ApiDestination) {
  return {
    ApiDestinationArn: destinationArn(context, destination),
    ApiDestinationState: 'ACTIVE' as const,
    CreationTime: new Date(destination.created),
    LastModifiedTime: new Date(destination.modified),
  };
}

function listed(context: EventsContext, destination: ApiDestination) {
  return {
    ...stateOf(context, destination),
    ConnectionArn: destination.connectionArn,
    HttpMethod: destination.method,
    InvocationEndpoint: destination.endpoint,
    InvocationRateLimitPerSecond: destination.rate,
    Name: destination.name,
  };
}

/** Calls the endpoint. A status of 429 or 5xx can be tried again, others cannot. */
export async function callDestination(
  context: EventsContext,
  destination: ApiDestination,
  body: string,
  parameters: HttpParameters = {},
): Promise<void> {
  const connection = connectionOf(context, destination.connectionArn);
  if (connection === undefined) throw notFound('The connection of the API destination does not exist.');
  const values = [...(parameters.PathParameterValues ?? [])];
  const url = localUrl(destination.endpoint.replaceAll('*', () => encodeURIComponent(values.shift() ?? '')));
  const own = connection.auth.InvocationHttpParameters ?? {};
  const headers = new Headers({ 'Content-Type': 'application/json; charset=utf-8', ...parameters.HeaderParameters });
  for (const { Key = '', Value = '' } of own.HeaderParameters ?? []) headers.set(Key, Value);
  const query = Object.entries(parameters.QueryStringParameters ?? {});
  for (const [name, value] of query) url.searchParams.set(name, value);
  for (const { Key = '', Value = '' } of own.QueryStringParameters ?? []) url.searchParams.set(Key, Value);
  const authorization = await authorizationOf(connection);
  headers.set(...authorization);
  const hasBody = !['GET', 'HEAD'].includes(destination.method);
  const response = await fetched(url, {
    method: destination.method,
    headers,
    ...(hasBody ? { body: withParameters(body, own.BodyParameters) } : {}),
  });
  if (response.ok) return;
  throw new AwsError('ERROR_FROM_TARGET', `The endpoint answered with ${response.status}.`, response.status);
}

function localUrl(text: string): URL {
  const url = new URL(text);
  if (isLoopbackHost(url.host)) return url;
  throw new AwsError('NotImplemented', `the fx local AWS calls addresses of this machine only, not ${url.host}`, 501);
}

async function fetched(url: URL, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    await response.clone().arrayBuffer();
    return response;
  } catch (error) {
    throw new AwsError('CONNECTION_FAILURE', error instanceof Error ? error.message : String(error), 503);
  }
}

async function authorizationOf({ auth }: Connection): Promise<[name: string, value: string]> {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = auth;
  if (key !== undefined) return [key.ApiKeyName ?? '', key.ApiKeyValue ?? ''];
  if (basic !== undefined) {
    return ['Authorization', `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64')}`];
  }
  const { AuthorizationEndpoint = '', HttpMethod = 'POST', ClientParameters } = oauth ?? {};
  const form = new URLSearchParams({
    ...{ grant_type: 'client_credentials', client_id: ClientParameters?.ClientID ?? '' },
    client_secret: ClientParameters?.ClientSecret ?? '',
  });
  const url = localUrl(AuthorizationEndpoint);
  if (HttpMethod === 'GET') for (const [name, value] of form) url.searchParams.set(name, value);
  const response = await fetched(url, { method: HttpMethod, ...(HttpMethod === 'GET' ? {} : { body: form }) });
  const { access_token: token } = (await response.json().catch(() => ({}))) as { access_token?: string };
  if (!response.ok || token === undefined) {
    throw new AwsError('AccessDeniedException', 'The authorization endpoint gave no token.', 403);
  }
  return ['Authorization', `Bearer ${token}`];
}

/** The connection's own members of the body, if that is a JSON object. */
function withParameters(
  body: string,
  parameters: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): string {
  if (parameters.length === 0 || !body.trimStart().startsWith('{')) return body;
  const added = Object.fromEntries(parameters.map(({ Key = '', Value }) => [Key, Value]));
  return JSON.stringify({ ...(JSON.parse(body) as object), ...added });
}

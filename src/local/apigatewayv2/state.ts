// The records of API Gateway's HTTP APIs, and how they are found.
import type { Cors } from '@aws-sdk/client-apigatewayv2';
import { badRequest, notFound } from '../api-gateway.ts';
import type { Cloud } from '../cloud.ts';
import { pageFrom } from '../paging.ts';
import type { Collection } from '../store.ts';

export interface Integration {
  readonly id: string;
  readonly uri: string;
  readonly payloadFormat: '1.0' | '2.0';
  readonly timeoutMs: number;
  readonly description?: string;
  /** The role that calls the function; without it, the function's policy must allow the call. */
  readonly credentialsArn?: string;
}

/** Asks a function, or takes JSON Web Tokens. */
export type Authorizer = {
  readonly id: string;
  readonly name: string;
  readonly identity: readonly string[];
} & (
  | {
      readonly type: 'REQUEST';
      readonly uri: string;
      readonly payloadFormat: '1.0' | '2.0';
      readonly simple: boolean;
      readonly ttlSeconds: number;
      readonly credentialsArn?: string;
    }
  | { readonly type: 'JWT'; readonly issuer: string; readonly audience: readonly string[] }
);

/** The limits of a route, for each second. */
export interface RouteLimits {
  readonly burst?: number;
  readonly rate?: number;
  readonly detailedMetrics?: boolean;
}

export interface Route {
  readonly id: string;
  readonly key: string;
  /** `integrations/<id>`; a route without one returns an error. */
  readonly target?: string;
  readonly operationName?: string;
  /** Of a WebSocket API: what the function returns goes back to the client. */
  readonly responds?: boolean;
  readonly responses?: Readonly<Record<string, RouteResponse>>;
  readonly authorization?:
    | { readonly type: 'AWS_IAM' }
    | { readonly type: 'CUSTOM' | 'JWT'; readonly authorizerId: string; readonly scopes?: readonly string[] };
}

export interface RouteResponse {
  readonly id: string;
  readonly key: string;
}

/** What a stage serves. */
export interface Served {
  readonly routes: Readonly<Record<string, Route>>;
  readonly integrations: Readonly<Record<string, Integration>>;
  /** Absent in what an older build saved. */
  readonly authorizers?: Readonly<Record<string, Authorizer>>;
}

export interface Deployment {
  readonly id: string;
  readonly createdAt: number;
  readonly autoDeployed: boolean;
  readonly description?: string;
  readonly served: Served;
}

export interface Stage {
  readonly name: string;
  /** Serves the current API, not the last deployment. */
  readonly autoDeploy: boolean;
  readonly deploymentId?: string;
  readonly description?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly limits?: RouteLimits;
  /** By route key. */
  readonly routeLimits?: Readonly<Record<string, RouteLimits>>;
  readonly accessLog?: { readonly destinationArn: string; readonly format: string };
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Api extends Served {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly cors?: Cors;
  /** Set for a WebSocket API: where in a message its route is. */
  readonly routeSelection?: string;
  /** Answers only at its domain names. */
  readonly endpointDisabled?: boolean;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly stages: Readonly<Record<string, Stage>>;
  readonly deployments: Readonly<Record<string, Deployment>>;
  /** The loopback port of its listener; stored, so the address survives a restart. */
  readonly port: number;
}

export const isWebSocket = ({ routeSelection }: Pick<Api, 'routeSelection'>): boolean => routeSelection !== undefined;

export interface ApiContext {
  readonly cloud: Cloud;
  readonly apis: Collection<Api>;
}

export function existingApi({ apis, cloud }: ApiContext, id: string | undefined): Api {
  const api = apis.get(id ?? '');
  if (api === undefined) throw notFound(`Invalid API identifier specified ${cloud.accountId}:${id}`);
  return api;
}

/** Finds one of an API's parts by id. */
export function existingPart<T>(parts: Readonly<Record<string, T>>, kind: string, id: string | undefined): T {
  const part = Object.hasOwn(parts, id ?? '') ? parts[id ?? ''] : undefined;
  if (part === undefined) throw notFound(`Invalid ${kind} identifier specified`);
  return part;
}

interface PageRequest {
  readonly MaxResults?: string | undefined;
  readonly NextToken?: string | undefined;
}

/** API Gateway's paging: numbers are strings, and without MaxResults everything is on one page. */
export function page<T>(
  items: readonly T[],
  { MaxResults = String(items.length), NextToken }: PageRequest,
): { Items: T[]; NextToken?: string } {
  const onPage = pageFrom(items, { token: NextToken, most: Number(MaxResults) });
  if (onPage === undefined) throw badRequest('Invalid paging token');
  return { Items: onPage.items, ...(onPage.nextToken === undefined ? {} : { NextToken: onPage.nextToken }) };
}

// The records of API Gateway's REST APIs, and how they are found. Their parts have the shapes of AWS's own API.
import type {
  Authorizer,
  CacheClusterSize,
  CanarySettings,
  DocumentationPart,
  EndpointConfiguration,
  Method,
  MethodSetting,
  Model,
  PutGatewayResponseCommandOutput,
  RequestValidator,
} from '@aws-sdk/client-api-gateway';
import { badRequest, notFound, without } from '../api-gateway.ts';
import type { Cloud } from '../cloud.ts';
import { pageFrom } from '../paging.ts';
import { lettersAndDigits, randomLetters } from '../random.ts';
import type { Collection } from '../store.ts';

export type Parts<T> = Readonly<Record<string, T>>;
export type Texts = Parts<string>;
export type GatewayResponse = Omit<PutGatewayResponseCommandOutput, '$metadata'>;

export interface Resource {
  readonly id: string;
  /** Absent for the root. */
  readonly parentId?: string;
  readonly pathPart?: string;
  readonly path: string;
  readonly methods: Parts<Method>;
}

/** What a stage serves: a deployment is a copy of it. */
export interface Served {
  readonly resources: Parts<Resource>;
  readonly authorizers: Parts<Authorizer>;
  readonly models: Parts<Model>;
  readonly requestValidators: Parts<RequestValidator>;
  readonly gatewayResponses: Parts<GatewayResponse>;
  readonly binaryMediaTypes?: readonly string[];
  readonly minimumCompressionSize?: number;
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  readonly disableExecuteApiEndpoint: boolean;
  readonly policy?: string;
}

export interface Deployment {
  readonly id: string;
  readonly createdDate: number;
  readonly description?: string;
  readonly served: Served;
}

export interface Stage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description?: string;
  readonly cacheClusterEnabled: boolean;
  readonly cacheClusterSize?: CacheClusterSize;
  readonly clientCertificateId?: string;
  readonly documentationVersion?: string;
  readonly variables?: Texts;
  readonly methodSettings: Parts<MethodSetting>;
  readonly accessLogSettings?: { readonly destinationArn?: string; readonly format?: string };
  readonly canarySettings?: CanarySettings;
  readonly tracingEnabled: boolean;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  readonly tags?: Texts;
}

export interface DocumentationVersion {
  readonly version: string;
  readonly createdDate: number;
  readonly description?: string;
}

export interface Api extends Served {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly version?: string;
  readonly createdDate: number;
  readonly endpointConfiguration: EndpointConfiguration;
  readonly rootResourceId: string;
  readonly documentationParts: Parts<DocumentationPart>;
  readonly documentationVersions: Parts<DocumentationVersion>;
  readonly stages: Parts<Stage>;
  readonly tags?: Texts;
  /** The loopback port of its listener; stored, so the address survives a restart. */
  readonly port: number;
}

export interface ApiContext {
  readonly cloud: Cloud;
  readonly apis: Collection<Api>;
  /** By the ids of API and deployment: see `deploymentKey`. */
  readonly deployments: Collection<Deployment>;
}

export const deploymentKey = (apiId: string, deploymentId: string | undefined) => `${apiId}/${deploymentId}`;

export function existingApi({ apis, cloud }: ApiContext, id: string | undefined): Api {
  const api = apis.get(id ?? '');
  if (api === undefined) throw notFound(`Invalid API identifier specified ${cloud.accountId}:${id}`);
  return api;
}

/** Finds a resource. An unknown API counts as an unknown resource, the same as on AWS. */
export function existingResource({ apis }: ApiContext, apiId: string | undefined, id: string | undefined) {
  const api = apis.get(apiId ?? '');
  const resource = api && own(api.resources, id);
  if (api === undefined || resource === undefined) throw notFound('Invalid Resource identifier specified');
  return { api, resource };
}

export interface MethodReference {
  readonly restApiId: string | undefined;
  readonly resourceId: string | undefined;
  readonly httpMethod: string | undefined;
}

export function existingMethod(context: ApiContext, { restApiId, resourceId, httpMethod }: MethodReference) {
  const { api, resource } = existingResource(context, restApiId, resourceId);
  const method = own(resource.methods, httpMethod);
  if (method === undefined) throw notFound('Invalid Method identifier specified');
  return { api, resource, method };
}

export interface MethodPlace {
  readonly api: Api;
  readonly resource: Resource;
}

/** Saves a method, or removes it. */
export function keepMethod(
  { apis }: ApiContext,
  { api, resource }: MethodPlace,
  name: string,
  method: Method | undefined,
): void {
  const methods = method === undefined ? without(resource.methods, name) : { ...resource.methods, [name]: method };
  apis.set(api.id, { ...api, resources: { ...api.resources, [resource.id]: { ...resource, methods } } });
}

/** Finds one of the parts of an API. */
export function existingPart<T>(parts: Parts<T> | undefined, id: string | undefined, message: string): T {
  const part = parts && own(parts, id);
  if (part === undefined) throw notFound(message);
  return part;
}

export function own<T>(parts: Parts<T>, id: string | undefined): T | undefined {
  return id !== undefined && Object.hasOwn(parts, id) ? parts[id] : undefined;
}

export const newKeyValue = (): string => randomLetters(40, lettersAndDigits);

/** Without the members that are undefined. */
export function defined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

interface PageRequest {
  readonly position?: string | undefined;
  readonly limit?: number | undefined;
}

// https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html
const defaultLimit = 25;
const mostItems = 500;

export function page<T>(items: readonly T[], { position, limit }: PageRequest): { items: T[]; position?: string } {
  const most = Math.min(limit ?? defaultLimit, mostItems);
  const onPage = pageFrom(items, { token: position, most });
  if (onPage === undefined) throw badRequest('Invalid position parameter');
  return { items: onPage.items, ...(onPage.nextToken === undefined ? {} : { position: onPage.nextToken }) };
}

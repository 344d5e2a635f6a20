// OpenAPI documents with API Gateway's extensions, of versions 2.0 and 3.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
import { parse as parseYaml } from 'yaml';
import { badRequest } from '../api-gateway.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly schema?: Json;
}

export interface OpenApiResponse {
  readonly headers?: Json;
  /** Version 2.0. */
  readonly schema?: Json;
  /** Version 3.0. */
  readonly content?: Readonly<Record<string, { readonly schema?: Json }>>;
}

export interface OpenApiOperation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Json }>> };
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly responses?: Readonly<Record<string, OpenApiResponse>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-amazon-apigateway-integration'?: Json;
  readonly 'x-amazon-apigateway-request-validator'?: string;
  readonly 'x-amazon-apigateway-auth'?: { readonly type?: string };
}

export interface SecurityScheme {
  readonly type?: string;
  readonly name?: string;
  readonly in?: string;
  readonly 'x-amazon-apigateway-authtype'?: string;
  readonly 'x-amazon-apigateway-authorizer'?: Json;
}

export interface OpenApi extends OpenApiOperation {
  readonly swagger?: string;
  readonly openapi?: string;
  readonly info?: { readonly title?: string; readonly description?: string; readonly version?: string | number };
  readonly basePath?: string;
  readonly servers?: readonly {
    readonly url?: string;
    readonly variables?: Readonly<Record<string, { readonly default?: string }>>;
    readonly 'x-amazon-apigateway-endpoint-configuration'?: Json;
  }[];
  readonly paths?: Readonly<Record<string, Json>>;
  readonly definitions?: Readonly<Record<string, Json>>;
  readonly securityDefinitions?: Readonly<Record<string, SecurityScheme>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Json>>;
    readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
    readonly parameters?: Readonly<Record<string, Parameter>>;
    readonly responses?: Readonly<Record<string, OpenApiResponse>>;
  };
  readonly 'x-amazon-apigateway-api-key-source'?: string;
  readonly 'x-amazon-apigateway-binary-media-types'?: readonly string[];
  readonly 'x-amazon-apigateway-endpoint-configuration'?: Json;
  readonly 'x-amazon-apigateway-gateway-responses'?: Readonly<Record<string, Json>>;
  readonly 'x-amazon-apigateway-minimum-compression-size'?: number;
  readonly 'x-amazon-apigateway-policy'?: Json;
  readonly 'x-amazon-apigateway-request-validators'?: Readonly<Record<string, Json>>;
}

/** Reads a document in JSON or YAML. */
export function parseOpenApi(body: Buffer): OpenApi {
  const text = body.toString('utf8');
  let document: unknown;
  try {
    document = parseYaml(text) as unknown;
  } catch {
    throw invalid();
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw invalid();
  const { swagger, openapi } = document as OpenApi;
  if (!/^2\./.test(String(swagger)) && !/^3\./.test(String(openapi))) throw invalid();
  return document as OpenApi;
}

const invalid = () => badRequest('Invalid OpenAPI input.');

/** The path of the document's server. */
export function basePathOf({ basePath, servers = [] }: OpenApi): string {
  if (basePath !== undefined) return basePath;
  const [{ url = '', variables = {} } = {}] = servers;
  const filled = url.replace(/\{(\w+)\}/g, (_, name: string) => variables[name]?.default ?? '');
  const path = filled.replace(/^(https?:)?\/\/[^/]*/, '').replace(/\/+/g, '/');
  return path === '' || path.startsWith('/') ? path : `/${path}`;
}

/** What precedes each path. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html */
export function prefixOf(document: OpenApi, mode: string): string {
  const base = basePathOf(document).replace(/\/+$/, '');
  if (mode === 'prepend') return base;
  if (mode === 'split') return base.replace(/^\/[^/]*/, '');
  return '';
}

/** The object that a reference within the document names, or the object itself. */
export function resolve<T extends object>(document: OpenApi, value: T): T {
  const ref = (value as { $ref?: unknown }).$ref;
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return value;
  let found: unknown = document;
  for (const part of ref.slice(2).split('/')) {
    const name = decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~');
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  }
  return (found ?? {}) as T;
}

export const schemesOf = ({ securityDefinitions, components }: OpenApi): Readonly<Record<string, SecurityScheme>> =>
  securityDefinitions ?? components?.securitySchemes ?? {};

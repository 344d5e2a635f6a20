// Adds what an OpenAPI document describes to an API.
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import { badRequest, newId } from '../api-gateway.ts';
import { AwsError } from '../cloud.ts';
import { newAuthorizer } from './authorizers.ts';
import { newGatewayResponse } from './gateway-responses.ts';
import { type Json, type OpenApi, prefixOf, schemesOf } from './openapi-document.ts';
import { methodOf, verbs } from './openapi-method.ts';
import { modelsOf } from './openapi-models.ts';
import { childOf } from './resources.ts';
import { compressionSize } from './rest-apis.ts';
import { type Api, defined, type Resource } from './state.ts';

export interface Imported {
  readonly api: Api;
  readonly warnings: readonly string[];
}

export function addDocument(document: OpenApi, before: Api, basePathMode: string): Imported {
  const api = addSettings(document, before);
  const withParts: Api = {
    ...api,
    models: { ...api.models, ...modelsOf(document, api.id) },
    authorizers: authorizersOf(document, api),
    requestValidators: validatorsOf(document, api),
    gatewayResponses: { ...api.gatewayResponses, ...responsesOf(document) },
  };
  return addPaths(document, withParts, prefixOf(document, basePathMode));
}

function addSettings(document: OpenApi, api: Api): Api {
  const { info = {} } = document;
  const endpoint =
    document['x-amazon-apigateway-endpoint-configuration'] ??
    document.servers?.[0]?.['x-amazon-apigateway-endpoint-configuration'] ??
    {};
  const vpcEndpointIds = endpoint['vpcEndpointIds'] as string[] | undefined;
  const types = document['x-amazon-apigateway-binary-media-types'] ?? [];
  const binaryMediaTypes = [...new Set([...(api.binaryMediaTypes ?? []), ...types])];
  const policy = document['x-amazon-apigateway-policy'];
  const changes = defined({
    name: info.title || undefined,
    description: info.description || undefined,
    version: info.version === undefined ? undefined : String(info.version),
    binaryMediaTypes: binaryMediaTypes.length === 0 ? undefined : binaryMediaTypes,
    minimumCompressionSize: compressionSize(document['x-amazon-apigateway-minimum-compression-size']),
    apiKeySource: document['x-amazon-apigateway-api-key-source'] as Api['apiKeySource'] | undefined,
    policy: policy && JSON.stringify(policy),
    disableExecuteApiEndpoint: endpoint['disableExecuteApiEndpoint'] as boolean | undefined,
    endpointConfiguration: vpcEndpointIds && { ...api.endpointConfiguration, vpcEndpointIds },
  });
  return { ...api, ...changes };
}

function authorizersOf(document: OpenApi, api: Api): Api['authorizers'] {
  const authorizers: Record<string, Authorizer> = { ...api.authorizers };
  for (const [name, scheme] of Object.entries(schemesOf(document))) {
    const extension = scheme['x-amazon-apigateway-authorizer'];
    if (extension === undefined) continue;
    const before = Object.values(authorizers).find((authorizer) => authorizer.name === name);
    const { type = 'token', ...settings } = extension as Json & Authorizer;
    const identitySource =
      settings.identitySource ?? (scheme.name ? `method.request.header.${scheme.name}` : undefined);
    const authorizer = newAuthorizer(
      defined({
        ...settings,
        id: before?.id ?? newId(6),
        name,
        type: String(type).toUpperCase() as 'TOKEN',
        authType: scheme['x-amazon-apigateway-authtype'],
        identitySource,
      }),
    );
    authorizers[authorizer.id ?? ''] = authorizer;
  }
  return authorizers;
}

function validatorsOf(document: OpenApi, api: Api): Api['requestValidators'] {
  const validators = { ...api.requestValidators };
  for (const [name, settings] of Object.entries(document['x-amazon-apigateway-request-validators'] ?? {})) {
    const id = Object.values(validators).find((validator) => validator.name === name)?.id ?? newId(6);
    const validateRequestBody = settings['validateRequestBody'] === true;
    const validateRequestParameters = settings['validateRequestParameters'] === true;
    validators[id] = { id, name, validateRequestBody, validateRequestParameters };
  }
  return validators;
}

function responsesOf(document: OpenApi): Api['gatewayResponses'] {
  return Object.fromEntries(
    Object.entries(document['x-amazon-apigateway-gateway-responses'] ?? {}).map(([type, settings]) => {
      const { statusCode, responseParameters, responseTemplates } = settings as {
        statusCode?: string | number;
        responseParameters?: Record<string, string>;
        responseTemplates?: Record<string, string>;
      };
      const status = statusCode === undefined ? undefined : String(statusCode);
      const given = { responseType: type as 'DEFAULT_4XX', statusCode: status, responseParameters, responseTemplates };
      return [type, newGatewayResponse(given)];
    }),
  );
}

function addPaths(document: OpenApi, before: Api, prefix: string): Imported {
  let api = before;
  const warnings: string[] = [];
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    const full = `${prefix}${path.startsWith('/') ? path : `/${path}`}`;
    const placed = ensureResource(api, full);
    api = placed.api;
    for (const [verb, name] of verbs) {
      const operation = item[verb];
      if (typeof operation !== 'object' || operation === null) continue;
      try {
        const made = methodOf(document, api, { resource: placed.resource, item, operation, httpMethod: name });
        warnings.push(...made.warnings);
        const resource = api.resources[placed.resource.id] ?? placed.resource;
        const methods = { ...resource.methods, [name]: made.method };
        const resources = { ...api.resources, [resource.id]: { ...resource, methods } };
        api = { ...api, resources, models: { ...api.models, ...made.models } };
      } catch (error) {
        if (!(error instanceof AwsError) || error.code === 'NotImplemented') throw error;
        throw importError(`Unable to put method '${name}' on resource at path '${full}': ${error.message}`);
      }
    }
  }
  return { api, warnings };
}

function importError(message: string): AwsError {
  return badRequest(`Errors found during import:\n\t${message}`);
}

/** The resource at a path, with those above it. */
function ensureResource(before: Api, path: string): { readonly api: Api; readonly resource: Resource } {
  let api = before;
  let resource = api.resources[api.rootResourceId] ?? { id: api.rootResourceId, path: '/', methods: {} };
  for (const part of path.split('/').filter(Boolean)) {
    const parent: Resource = resource;
    const found = Object.values(api.resources).find((other) => other.parentId === parent.id && other.pathPart === part);
    resource = found ?? childOf(api.resources, parent, part, newId(6));
    if (found === undefined) api = { ...api, resources: { ...api.resources, [resource.id]: resource } };
  }
  return { api, resource };
}

// Makes a method of an OpenAPI operation.
import type { Integration, IntegrationResponse, Method, MethodResponse, Model } from '@aws-sdk/client-api-gateway';
import { badRequest, newId } from '../api-gateway.ts';
import { newResponse } from './integration-responses.ts';
import { newIntegration } from './integrations.ts';
import { checkResponseMappings } from './mapping-rules.ts';
import { checkMethod } from './methods.ts';
import {
  type Json,
  type OpenApi,
  type OpenApiOperation,
  type Parameter,
  resolve,
  schemesOf,
} from './openapi-document.ts';
import { modelOf } from './openapi-models.ts';
import { type Api, defined, type Resource } from './state.ts';

export const verbs: readonly (readonly [verb: string, httpMethod: string])[] = [
  ...['get', 'put', 'post', 'delete', 'patch', 'options', 'head'].map((verb) => [verb, verb.toUpperCase()] as const),
  ['x-amazon-apigateway-any-method', 'ANY'],
];

interface Place {
  readonly resource: Resource;
  readonly item: Json;
  readonly operation: OpenApiOperation;
  readonly httpMethod: string;
}

export interface MadeMethod {
  readonly method: Method;
  readonly warnings: readonly string[];
  /** Made of schemas that have no name. */
  readonly models: Readonly<Record<string, Model>>;
}

export function methodOf(document: OpenApi, api: Api, place: Place): MadeMethod {
  const { operation, item, httpMethod, resource } = place;
  const models: Record<string, Model> = {};
  const modelName = (schema: Json | undefined): string | undefined => {
    if (schema === undefined) return undefined;
    const ref = schema['$ref'];
    if (typeof ref === 'string') return ref.split('/').at(-1);
    const name = `MODEL${newId(6)}`;
    models[name] = modelOf(name, schema, api.id);
    return name;
  };
  const parameters = [...((item['parameters'] as Parameter[] | undefined) ?? []), ...(operation.parameters ?? [])].map(
    (parameter) => resolve(document, parameter),
  );
  const described: Method = defined({
    httpMethod,
    ...securityOf(document, api, operation),
    operationName: operation.operationId,
    requestParameters: requestParametersOf(parameters),
    requestModels: requestModelsOf(document, operation, parameters, modelName),
    requestValidatorId: validatorOf(document, api, operation),
    methodResponses: methodResponsesOf(document, operation, modelName),
  });
  const method = checkMethod({ ...api, models: { ...api.models, ...models } }, described);
  const { integration, warnings } = integrationOf(operation, method, { path: resource.path, id: resource.id });
  return {
    method: integration === undefined ? method : { ...method, methodIntegration: integration },
    warnings,
    models,
  };
}

const places: Readonly<Record<string, string>> = { query: 'querystring', header: 'header', path: 'path' };

function requestParametersOf(parameters: readonly Parameter[]): Record<string, boolean> | undefined {
  const entries = parameters.flatMap(({ name, in: where = '', required = false }) => {
    const place = places[where];
    return place === undefined ? [] : [[`method.request.${place}.${name}`, required === true] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

type NameModel = (schema: Json | undefined) => string | undefined;

function requestModelsOf(
  document: OpenApi,
  operation: OpenApiOperation,
  parameters: readonly Parameter[],
  modelName: NameModel,
) {
  const body = parameters.find((parameter) => parameter.in === 'body');
  const types = operation.consumes ?? document.consumes ?? ['application/json'];
  const content =
    body === undefined
      ? Object.entries(
          operation.requestBody === undefined ? {} : (resolve(document, operation.requestBody).content ?? {}),
        )
      : types.map((type) => [type, { schema: body.schema }] as const);
  const entries = content.flatMap(([type, { schema }]) => {
    const name = modelName(schema);
    return name === undefined ? [] : [[type, name] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function methodResponsesOf(
  document: OpenApi,
  operation: OpenApiOperation,
  modelName: NameModel,
): Record<string, MethodResponse> | undefined {
  const types = operation.produces ?? document.produces ?? ['application/json'];
  const entries = Object.entries(operation.responses ?? {})
    .filter(([status]) => /^[1-5]\d\d$/.test(status))
    .map(([statusCode, given]) => {
      const response = resolve(document, given);
      const headers = Object.keys(response.headers ?? {}).map(
        (name) => [`method.response.header.${name}`, false] as const,
      );
      const content =
        response.schema === undefined
          ? Object.entries(response.content ?? {})
          : types.map((type) => [type, { schema: response.schema }] as const);
      const named = content.flatMap(([type, { schema }]) => {
        const name = modelName(schema);
        return name === undefined ? [] : [[type, name] as const];
      });
      return [
        statusCode,
        defined({
          statusCode,
          responseParameters: headers.length === 0 ? undefined : Object.fromEntries(headers),
          responseModels: named.length === 0 ? undefined : Object.fromEntries(named),
        }),
      ] as const;
    });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function validatorOf(document: OpenApi, api: Api, operation: OpenApiOperation): string | undefined {
  const name = operation['x-amazon-apigateway-request-validator'] ?? document['x-amazon-apigateway-request-validator'];
  if (name === undefined) return undefined;
  return Object.values(api.requestValidators).find((validator) => validator.name === name)?.id ?? name;
}

function securityOf(document: OpenApi, api: Api, operation: OpenApiOperation): Method {
  const none: Method = { authorizationType: 'NONE', apiKeyRequired: false };
  const type = operation['x-amazon-apigateway-auth']?.type;
  if (type !== undefined) return { ...none, authorizationType: type.toUpperCase() === 'NONE' ? 'NONE' : type };
  let method = none;
  for (const [name, scopes] of (operation.security ?? document.security ?? []).flatMap((entry) =>
    Object.entries(entry),
  )) {
    const scheme = schemesOf(document)[name];
    if (scheme?.['x-amazon-apigateway-authtype']?.toLowerCase() === 'awssigv4') {
      method = { ...method, authorizationType: 'AWS_IAM' };
    } else if (scheme?.['x-amazon-apigateway-authorizer'] !== undefined) {
      const authorizer = Object.values(api.authorizers).find((other) => other.name === name);
      const isPool = authorizer?.type === 'COGNITO_USER_POOLS';
      method = {
        ...method,
        authorizationType: isPool ? 'COGNITO_USER_POOLS' : 'CUSTOM',
        authorizerId: authorizer?.id,
        ...(isPool && scopes.length > 0 ? { authorizationScopes: [...scopes] } : {}),
      };
    } else if (scheme?.type === 'apiKey') method = { ...method, apiKeyRequired: true };
  }
  return method;
}

const upper = (value: unknown) => (typeof value === 'string' ? value.toUpperCase() : undefined);

function integrationOf(
  operation: OpenApiOperation,
  method: Method,
  { path, id }: { readonly path: string; readonly id: string },
): { readonly integration: Integration | undefined; readonly warnings: readonly string[] } {
  const given = operation['x-amazon-apigateway-integration'];
  if (given === undefined) return { integration: undefined, warnings: [] };
  const { responses, type, passthroughBehavior, requestParameters, timeoutInMillis, ...settings } = given;
  const warnings: string[] = [];
  const parameters = Object.entries((requestParameters ?? {}) as Json).filter(([name, value]) => {
    if (typeof value === 'string') return true;
    warnings.push(
      `Invalid format for 'requestParameters'. Expected type string for property '${name}' of resource '${path}' and method '${method.httpMethod}' but got '${String(value)}'`,
    );
    return false;
  });
  const kind = upper(type) as Integration['type'];
  if (kind === undefined) throw badRequest('Enumeration value for integration type must be non-empty');
  const integration = newIntegration(
    defined({
      ...(settings as Integration),
      type: kind,
      httpMethod: kind === 'MOCK' ? undefined : upper(settings['httpMethod']),
      passthroughBehavior: upper(passthroughBehavior),
      timeoutInMillis: timeoutInMillis === undefined ? undefined : Number(timeoutInMillis),
      connectionType: upper(settings['connectionType']) as 'INTERNET' | undefined,
      requestParameters:
        parameters.length === 0 ? undefined : (Object.fromEntries(parameters) as Record<string, string>),
    }),
    method,
    id,
  );
  const integrationResponses = responsesOf((responses ?? {}) as Readonly<Record<string, Json>>, method);
  return { integration: defined({ ...integration, integrationResponses }), warnings };
}

function responsesOf(responses: Readonly<Record<string, Json>>, method: Method) {
  const entries = Object.entries(responses).map(([pattern, settings]) => {
    const { statusCode, contentHandling, responseParameters, responseTemplates } = settings as IntegrationResponse;
    const response = newResponse(
      defined({
        statusCode: String(statusCode),
        selectionPattern: pattern === 'default' ? undefined : pattern,
        responseParameters,
        responseTemplates,
        contentHandling,
      }),
    );
    checkResponseMappings(response, method);
    return [String(statusCode), response] as const;
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

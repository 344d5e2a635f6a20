// API Gateway's imports: APIs and their documentation from OpenAPI documents.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html

import { badRequest } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { Listeners } from './listeners.ts';
import { addDocument } from './openapi.ts';
import { type OpenApi, parseOpenApi } from './openapi-document.ts';
import { describeApi, newApi, openApi } from './rest-apis.ts';
import { type Api, type ApiContext, existingApi } from './state.ts';

type Parameters = Readonly<Record<string, string>>;

export function importOperations(context: ApiContext, listeners: Listeners): Operations<'apigateway'> {
  const { apis } = context;
  return {
    ImportRestApi: {
      members: ['body', 'failOnWarnings', 'parameters'],
      async run({ body, failOnWarnings, parameters = {} }) {
        const document = parseOpenApi(bytesOf(body));
        const types = parameters['endpointConfigurationTypes'];
        const blank: Omit<Api, 'port' | 'id'> = {
          ...newApi(document.info?.title ?? '', context),
          ...(types === undefined
            ? {}
            : { endpointConfiguration: { types: [types as 'EDGE'], ipAddressType: 'ipv4' } }),
        };
        // the document is read before there is an API, so that a wrong one leaves none behind
        read(document, { ...blank, id: 'new', port: 0 }, parameters, failOnWarnings);
        const opened = await openApi(context, listeners, blank);
        const { api, warnings } = read(document, opened, parameters, failOnWarnings);
        apis.set(api.id, api);
        const { tags: _, ...described } = describeApi(api);
        return { ...described, ...(warnings.length === 0 ? {} : { warnings: [...warnings] }) };
      },
    },
    PutRestApi: {
      members: ['restApiId', 'body', 'mode', 'failOnWarnings', 'parameters'],
      run({ restApiId, body, mode = 'merge', failOnWarnings, parameters = {} }) {
        const before = existingApi(context, restApiId);
        const document = parseOpenApi(bytesOf(body));
        const from = mode === 'overwrite' ? emptied(before) : before;
        const { api, warnings } = read(document, from, parameters, failOnWarnings);
        apis.set(api.id, api);
        return { ...describeApi(api), ...(warnings.length === 0 ? {} : { warnings: [...warnings] }) };
      },
    },
    ImportDocumentationParts: {
      members: ['restApiId', 'body', 'mode', 'failOnWarnings'],
      run({ restApiId, body }) {
        existingApi(context, restApiId);
        try {
          parseOpenApi(bytesOf(body));
        } catch {
          throw badRequest('Unable to build importer with provided input.');
        }
        throw notImplemented('apigateway:ImportDocumentationParts');
      },
    },
  };
}

/** In process a body may be text. */
function bytesOf(body: unknown): Buffer {
  return Buffer.from((body as Uint8Array | string | undefined) ?? '');
}

function read(document: OpenApi, api: Api, parameters: Parameters, failOnWarnings = false) {
  const unknown = Object.keys(parameters).find(
    (name) => !['basepath', 'endpointConfigurationTypes', 'ignore', 'mode', 'failonwarnings'].includes(name),
  );
  if (unknown !== undefined) throw notImplemented(`an import with the parameter ${unknown}`);
  const result = addDocument(document, api, parameters['basepath'] ?? 'ignore');
  if (failOnWarnings && result.warnings.length > 0) {
    throw badRequest(`Warnings found during import:\n\t${result.warnings.join('\n\t')}`);
  }
  return result;
}

/** Everything that a document describes is replaced, but not the stages, and the root keeps its id. */
function emptied({ description: _, version: __, policy: ___, binaryMediaTypes: ____, ...api }: Api): Api {
  return {
    ...api,
    resources: { [api.rootResourceId]: { id: api.rootResourceId, path: '/', methods: {} } },
    authorizers: {},
    models: {},
    requestValidators: {},
    gatewayResponses: {},
  };
}

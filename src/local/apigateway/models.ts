// API Gateway's operations on the models and request validators of REST APIs.
import type { Model, RequestValidator } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, without } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkSupported, isTrue, type Patch, readPatches } from './patch.ts';
import { type Api, type ApiContext, defined, existingApi, existingPart, own, type Parts, page } from './state.ts';

const draft = 'http://json-schema.org/draft-04/schema#';

/** The models that a new API has. */
export function defaultModels(): Parts<Model> {
  const contentType = 'application/json';
  const empty = { $schema: draft, title: 'Empty Schema', type: 'object' };
  const error = {
    $schema: draft,
    title: 'Error Schema',
    type: 'object',
    properties: { message: { type: 'string' } },
  };
  const text = (schema: object) => JSON.stringify(schema, undefined, 2);
  return {
    Empty: {
      id: newId(6),
      name: 'Empty',
      description: 'This is a default empty schema model',
      schema: text(empty),
      contentType,
    },
    Error: {
      id: newId(6),
      name: 'Error',
      description: 'This is a default error schema model',
      schema: text(error),
      contentType,
    },
  };
}

export function modelOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis } = context;
  const existingModel = (apiId: string | undefined, name: string | undefined) => {
    const unknown = `Invalid model name specified: ${name}`;
    return existingPart(apis.get(apiId ?? '')?.models, name, unknown);
  };
  const keep = (api: Api, model: Model) => {
    apis.set(api.id, { ...api, models: { ...api.models, [model.name ?? '']: model } });
    return model;
  };
  return {
    CreateModel: {
      members: ['restApiId', 'name', 'contentType', 'description', 'schema'],
      run({ restApiId, ...input }) {
        const api = existingApi(context, restApiId);
        if (!/^[a-zA-Z0-9]+$/.test(input.name ?? ''))
          throw badRequest(`Model name must be alphanumeric: ${input.name}`);
        if (own(api.models, input.name) !== undefined) {
          throw conflict('Model name already exists for this REST API');
        }
        checkSchema(input.schema);
        return keep(api, defined({ id: newId(6), ...input }));
      },
    },
    GetModel: {
      members: ['restApiId', 'modelName'],
      run: ({ restApiId, modelName }) => existingModel(restApiId, modelName),
    },
    GetModels: {
      members: ['restApiId', 'position', 'limit'],
      run: (input) => page(Object.values(existingApi(context, input.restApiId).models).sort(byName), input),
    },
    UpdateModel: {
      members: ['restApiId', 'modelName', 'patchOperations'],
      run({ restApiId, modelName, patchOperations }) {
        const patches = readPatches('updateModelInput', patchOperations);
        let model = existingModel(restApiId, modelName);
        for (const patch of patches) {
          checkSupported(patch, { replace: ['/description', '/schema'] });
          if (patch.path === '/schema') checkSchema(patch.value);
          model = { ...model, [patch.path.slice(1)]: patch.value };
        }
        return keep(existingApi(context, restApiId), model);
      },
    },
    DeleteModel: {
      members: ['restApiId', 'modelName'],
      run({ restApiId, modelName = '' }) {
        existingModel(restApiId, modelName);
        const api = existingApi(context, restApiId);
        refuseUsed(api, modelName);
        apis.set(api.id, { ...api, models: without(api.models, modelName) });
        return {};
      },
    },
  };
}

const byName = (left: Model, right: Model) => ((left.name ?? '') < (right.name ?? '') ? -1 : 1);

function checkSchema(schema: string | undefined): void {
  if (!schema?.trim()) throw badRequest('Model schema must have at least 1 property or array items defined');
  try {
    JSON.parse(schema);
  } catch {
    throw badRequest('Invalid model schema specified. Model schema must be valid JSON');
  }
}

function refuseUsed({ resources }: Api, name: string): void {
  for (const { path, methods } of Object.values(resources)) {
    for (const [verb, { requestModels = {}, methodResponses = {} }] of Object.entries(methods)) {
      const inRequest = Object.values(requestModels).includes(name);
      const inResponse = Object.values(methodResponses).some((response) =>
        Object.values(response.responseModels ?? {}).includes(name),
      );
      if (!inRequest && !inResponse) continue;
      const where = `method ${inRequest ? 'request' : 'response'}: ${path}/${verb}`;
      throw conflict(`Cannot delete model '${name}', is referenced in ${where}`);
    }
  }
}

export function validatorOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis } = context;
  const existing = (apiId: string | undefined, id: string | undefined) =>
    existingPart(apis.get(apiId ?? '')?.requestValidators, id, 'Invalid Request Validator identifier specified');
  const keep = (api: Api, validator: RequestValidator) => {
    apis.set(api.id, { ...api, requestValidators: { ...api.requestValidators, [validator.id ?? '']: validator } });
    return validator;
  };
  return {
    CreateRequestValidator: {
      members: ['restApiId', 'name', 'validateRequestBody', 'validateRequestParameters'],
      run({ restApiId, name, validateRequestBody = false, validateRequestParameters = false }) {
        const api = existingApi(context, restApiId);
        return keep(api, defined({ id: newId(6), name, validateRequestBody, validateRequestParameters }));
      },
    },
    GetRequestValidator: {
      members: ['restApiId', 'requestValidatorId'],
      run: ({ restApiId, requestValidatorId }) => existing(restApiId, requestValidatorId),
    },
    GetRequestValidators: {
      members: ['restApiId', 'position', 'limit'],
      run: (input) => page(Object.values(existingApi(context, input.restApiId).requestValidators), input),
    },
    UpdateRequestValidator: {
      members: ['restApiId', 'requestValidatorId', 'patchOperations'],
      run({ restApiId, requestValidatorId, patchOperations }) {
        const patches = readPatches('updateRequestValidatorInput', patchOperations);
        const validator = patches.reduce(patched, existing(restApiId, requestValidatorId));
        return keep(existingApi(context, restApiId), validator);
      },
    },
    DeleteRequestValidator: {
      members: ['restApiId', 'requestValidatorId'],
      run({ restApiId, requestValidatorId = '' }) {
        existing(restApiId, requestValidatorId);
        const api = existingApi(context, restApiId);
        apis.set(api.id, { ...api, requestValidators: without(api.requestValidators, requestValidatorId) });
        return {};
      },
    },
  };
}

const validatorPaths = { replace: ['/name', '/validateRequestParameters', '/validateRequestBody'] };

function patched(validator: RequestValidator, patch: Patch): RequestValidator {
  checkSupported(patch, validatorPaths);
  if (patch.path !== '/name') return { ...validator, [patch.path.slice(1)]: isTrue(patch.value) };
  if (!patch.value) throw badRequest('Request Validator name cannot be blank');
  return { ...validator, name: patch.value };
}

// Validates requests: required parameters, and bodies by the models of the API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
import type { Model } from '@aws-sdk/client-api-gateway';
import AjvModule from 'ajv-draft-04';
import { GatewayFailure } from './failure.ts';
import { headerValue, type RestRequest, requestType } from './request.ts';
import { own, type Parts } from './state.ts';

/** Throws a 400 if the method's validator refuses the request. */
export function validate(request: RestRequest): void {
  const { method, served } = request;
  const validator = own(served.requestValidators, method.requestValidatorId);
  if (validator?.validateRequestParameters) validateParameters(request);
  if (validator?.validateRequestBody) validateBody(request);
}

const places = ['querystring', 'header', 'path'] as const;

function validateParameters(request: RestRequest): void {
  const { requestParameters = {} } = request.method;
  const required = Object.entries(requestParameters).filter(([, isRequired]) => isRequired);
  const missing = places.flatMap((place) =>
    required
      .map(([parameter]) => parameter.split('.'))
      .filter(([, , where]) => where === place)
      .map((parts) => parts.slice(3).join('.'))
      .filter((name) => isMissing(request, place, name)),
  );
  if (missing.length === 0) return;
  const names = missing.join(', ');
  throw new GatewayFailure('BAD_REQUEST_PARAMETERS', `Missing required request parameters: [${names}]`);
}

function isMissing(request: RestRequest, place: (typeof places)[number], name: string): boolean {
  if (place === 'header') return !headerValue(request.headers, name);
  if (place === 'path') return !request.pathParameters[name];
  return !request.query.some(([key, value]) => key === name && value !== '');
}

function validateBody(request: RestRequest): void {
  const models = request.method.requestModels ?? {};
  const name = own(models, requestType(request)) ?? own(models, '$default');
  if (name === undefined) return;
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8') || '{}');
  } catch {
    throw invalidBody('the body is not JSON');
  }
  const ajv = validatorOf(request.served.models);
  const check = ajv.getSchema(`model:${name}`);
  if (check === undefined) return;
  if (check(body) !== true) throw invalidBody(ajv.errorsText(check.errors, { dataVar: '' }));
}

function invalidBody(detail: string): GatewayFailure {
  return new GatewayFailure('BAD_REQUEST_BODY', 'Invalid request body', { detail: `[${detail}]` });
}

// the package is CommonJS, with the class as its default
const Ajv = AjvModule.default;
type Validator = InstanceType<typeof Ajv>;
const known = new WeakMap<Parts<Model>, Validator>();

/** Compiles the models once per deployment. */
function validatorOf(models: Parts<Model>): Validator {
  let ajv = known.get(models);
  if (ajv === undefined) {
    ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false });
    for (const [name, { schema = '{}' }] of Object.entries(models)) {
      const { id: _, $schema: __, ...rules } = relative(JSON.parse(schema)) as Record<string, unknown>;
      ajv.addSchema(rules, `model:${name}`);
    }
    known.set(models, ajv);
  }
  return ajv;
}

/** References to models of any API, such as the one that it was imported from, mean this API's. */
function relative(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relative);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const model =
        key === '$ref' && typeof item === 'string' ? /\/models\/([a-zA-Z0-9]+)$/.exec(item)?.[1] : undefined;
      return [key, model === undefined ? relative(item) : `model:${model}`];
    }),
  );
}

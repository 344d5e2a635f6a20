// API Gateway's operations on REST APIs themselves.
import type { RestApi } from '@aws-sdk/client-api-gateway';
import { badRequest, newId } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { checkEndpoint, defaultEndpoint } from './endpoint.ts';
import type { Listeners } from './listeners.ts';
import { defaultModels } from './models.ts';
import { invalidPath, isTrue, type Patch, patchedList, readPatches, unescapePointer } from './patch.ts';
import { type Api, type ApiContext, defined, deploymentKey, existingApi, page } from './state.ts';

export function newApi(name: string, { cloud }: ApiContext): Omit<Api, 'port' | 'id'> {
  const rootResourceId = newId(10);
  return {
    name,
    createdDate: cloud.now(),
    apiKeySource: 'HEADER',
    endpointConfiguration: defaultEndpoint,
    disableExecuteApiEndpoint: false,
    rootResourceId,
    resources: { [rootResourceId]: { id: rootResourceId, path: '/', methods: {} } },
    authorizers: {},
    models: {},
    requestValidators: {},
    gatewayResponses: {},
    documentationParts: {},
    documentationVersions: {},
    stages: {},
  };
}

/** Saves a new API and listens for it. */
export async function openApi({ apis }: ApiContext, listeners: Listeners, api: Omit<Api, 'port' | 'id'>): Promise<Api> {
  const id = newId(10);
  const opened = { ...api, id, port: await listeners.open(id, undefined) };
  apis.set(id, opened);
  return opened;
}

export function restApiOperations(context: ApiContext, listeners: Listeners): Operations<'apigateway'> {
  const { apis, deployments } = context;
  return {
    CreateRestApi: {
      members: [
        'name',
        'description',
        'version',
        'cloneFrom',
        'binaryMediaTypes',
        'minimumCompressionSize',
        'apiKeySource',
        'endpointConfiguration',
        'policy',
        'tags',
        'disableExecuteApiEndpoint',
      ],
      async run(input) {
        const endpointConfiguration = checkEndpoint('createRestApiInput', input);
        if (!input.name) throw badRequest('Name cannot be empty');
        checkKeySource(input.apiKeySource);
        const {
          id: _,
          port: __,
          stages: ___,
          ...original
        } = input.cloneFrom === undefined ? ({} as Partial<Api>) : existingApi(context, input.cloneFrom);
        const api = await openApi(context, listeners, {
          ...newApi(input.name, context),
          ...(input.cloneFrom === undefined ? { models: defaultModels() } : original),
          ...defined({
            name: input.name,
            description: input.description,
            version: input.version,
            binaryMediaTypes: input.binaryMediaTypes?.length ? [...input.binaryMediaTypes] : undefined,
            minimumCompressionSize: compressionSize(input.minimumCompressionSize),
            apiKeySource: input.apiKeySource,
            policy: checkPolicy(input.policy),
            tags: input.tags,
          }),
          endpointConfiguration,
          disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
          createdDate: context.cloud.now(),
        });
        const { tags, ...described } = describeApi(api);
        return Object.keys(tags ?? {}).length === 0 ? described : { ...described, tags };
      },
    },
    GetRestApi: { members: ['restApiId'], run: ({ restApiId }) => describeApi(existingApi(context, restApiId)) },
    GetRestApis: {
      members: ['position', 'limit'],
      run: (input) => page([...apis.values()].map(describeListed), input),
    },
    UpdateRestApi: {
      members: ['restApiId', 'patchOperations'],
      run({ restApiId, patchOperations }) {
        const patches = readPatches('updateRestApiInput', patchOperations);
        const api = patches.reduce(patched, existingApi(context, restApiId));
        const endpointConfiguration = checkEndpoint('updateRestApiInput', api);
        apis.set(api.id, { ...api, endpointConfiguration });
        return describeApi({ ...api, endpointConfiguration });
      },
    },
    DeleteRestApi: {
      members: ['restApiId'],
      async run({ restApiId }) {
        const api = existingApi(context, restApiId);
        await listeners.close(api.id);
        apis.delete(api.id);
        for (const key of [...deployments.keys()].filter((name) => name.startsWith(deploymentKey(api.id, '')))) {
          deployments.delete(key);
        }
        return {};
      },
    },
  };
}

// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateRestApi-Patch
function patched(api: Api, patch: Patch): Api {
  const { op, segments, value = '' } = patch;
  const [first = '', second, third] = segments;
  if (first === 'binaryMediaTypes' && second !== undefined && third === undefined) {
    const kept = op === 'add' ? (api.binaryMediaTypes ?? []) : patchedList(api.binaryMediaTypes, 'remove', [second]);
    const added = op === 'add' ? [second] : op === 'replace' ? [unescapePointer(value)] : [];
    const { binaryMediaTypes: _, ...others } = api;
    const types = patchedList(kept, 'add', added);
    return types.length === 0 ? others : { ...others, binaryMediaTypes: types };
  }
  if (first === 'endpointConfiguration') return { ...api, endpointConfiguration: patchedEndpoint(api, patch) };
  if (second !== undefined || !['replace', 'remove', 'add'].includes(op)) throw invalidPath(patch);
  if (first === 'securityPolicy' || first === 'endpointAccessMode')
    throw notImplemented(`apigateway:UpdateRestApi with ${first}`);
  if (op === 'remove') {
    if (!['description', 'version', 'policy', 'minimumCompressionSize'].includes(first)) throw invalidPath(patch);
    const { [first as 'description']: _, ...others } = api;
    return others;
  }
  switch (first) {
    case 'name':
      if (value === '') throw badRequest('Name cannot be empty');
      return { ...api, name: value };
    case 'description':
    case 'version':
      return { ...api, [first]: value };
    case 'policy':
      return value === '' ? withoutPolicy(api) : { ...api, ...defined({ policy: checkPolicy(value) }) };
    case 'minimumCompressionSize': {
      const { minimumCompressionSize: _, ...others } = api;
      if (value === '' || patch.value === undefined) return others;
      return { ...others, ...defined({ minimumCompressionSize: compressionSize(Number(value)) }) };
    }
    case 'apiKeySource':
      return { ...api, apiKeySource: checkKeySource(value) };
    case 'disableExecuteApiEndpoint':
      return { ...api, disableExecuteApiEndpoint: isTrue(value) };
    default:
      throw invalidPath(patch);
  }
}

function withoutPolicy({ policy: _, ...api }: Api): Api {
  return api;
}

function patchedEndpoint({ endpointConfiguration: endpoint }: Api, patch: Patch): Api['endpointConfiguration'] {
  const { op, value = '' } = patch;
  const [, second] = patch.segments;
  if (second === 'types' && op === 'replace') return { ...endpoint, types: [value as 'EDGE'] };
  if (second === 'ipAddressType' && op === 'replace') return { ...endpoint, ipAddressType: value as 'ipv4' };
  if (second === 'vpcEndpointIds') {
    return { ...endpoint, vpcEndpointIds: patchedList(endpoint.vpcEndpointIds, op, value.split(',')) };
  }
  throw invalidPath(patch);
}

export function compressionSize(size: number | undefined): number | undefined {
  if (size === undefined) return undefined;
  if (Number.isInteger(size) && size >= 0 && size <= 10_485_760) return size;
  throw badRequest('Invalid minimum compression size, must be between 0 and 10485760');
}

function checkKeySource(source: string | undefined): Api['apiKeySource'] {
  if (source === undefined || source === 'HEADER' || source === 'AUTHORIZER') return source ?? 'HEADER';
  throw badRequest('Invalid ApiKeySourceType specified. Valid options are HEADER, AUTHORIZER');
}

/** AWS escapes the quotes of policies in some answers; a client may send such a text back. */
function checkPolicy(policy: string | undefined): string | undefined {
  if (policy === undefined || policy === '') return undefined;
  for (const text of [policy, policy.replace(/\\"/g, '"')]) {
    try {
      const document = JSON.parse(text) as unknown;
      if (typeof document === 'object' && document !== null) return text;
    } catch {
      // not JSON in this form
    }
  }
  throw badRequest('Invalid policy document. Please check the policy syntax and ensure that Principals are valid.');
}

export function describeApi(api: Api): RestApi {
  return { ...describeListed(api), tags: { ...api.tags } };
}

function describeListed(api: Api): RestApi {
  return defined({
    id: api.id,
    name: api.name,
    description: api.description,
    createdDate: new Date(api.createdDate),
    version: api.version,
    binaryMediaTypes: api.binaryMediaTypes === undefined ? undefined : [...api.binaryMediaTypes],
    minimumCompressionSize: api.minimumCompressionSize,
    apiKeySource: api.apiKeySource,
    endpointConfiguration: api.endpointConfiguration,
    policy: api.policy,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    rootResourceId: api.rootResourceId,
  });
}

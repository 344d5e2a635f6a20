// API Gateway's operations on API keys.
import type { ApiKey as ApiKeyShape } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, notFound } from '../api-gateway.ts';
import type { Cloud, Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { Collection } from '../store.ts';
import { checkSupported, isTrue, type Patch, readPatches } from './patch.ts';
import { type ApiContext, defined, newKeyValue, page, type Texts } from './state.ts';

export interface ApiKey {
  readonly id: string;
  readonly value: string;
  readonly name?: string;
  readonly customerId?: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
  readonly tags?: Texts;
}

export const openApiKeys = (cloud: Cloud): Collection<ApiKey> => cloud.collection('apigateway.api-keys');

export function existingKey(keys: Collection<ApiKey>, id: string | undefined): ApiKey {
  const key = keys.get(id ?? '');
  if (key === undefined) throw notFound('Invalid API Key identifier specified');
  return key;
}

export function apiKeyOperations({ cloud }: ApiContext): Operations<'apigateway'> {
  const keys = openApiKeys(cloud);
  return {
    CreateApiKey: {
      members: ['name', 'description', 'enabled', 'generateDistinctId', 'value', 'stageKeys', 'customerId', 'tags'],
      run(input) {
        if (input.stageKeys?.length) throw notImplemented('apigateway:CreateApiKey with stageKeys');
        if ((input.name?.length ?? 0) > 1024) throw badRequest('Invalid API Key name, can be at most 1024 characters.');
        const value = input.value || newKeyValue();
        if (value.length < 20) throw badRequest('API Key value should be at least 20 characters');
        if (keys.find((other) => other.value === value) !== undefined) throw conflict('API Key already exists');
        const now = cloud.now();
        const key: ApiKey = defined({
          id: input.generateDistinctId === false ? value : newId(10),
          value,
          name: input.name || undefined,
          customerId: input.customerId,
          description: input.description,
          enabled: input.enabled ?? false,
          createdDate: now,
          lastUpdatedDate: now,
          tags: input.tags,
        });
        keys.set(key.id, key);
        const { tags, ...described } = describeKey(key, true);
        return Object.keys(tags ?? {}).length === 0 ? described : { ...described, tags };
      },
    },
    GetApiKey: {
      members: ['apiKey', 'includeValue'],
      run: ({ apiKey, includeValue }) => describeKey(existingKey(keys, apiKey), includeValue),
    },
    GetApiKeys: {
      members: ['position', 'limit', 'nameQuery', 'customerId', 'includeValues'],
      run(input) {
        const fitting = keys.filter(
          (key) =>
            (key.name ?? '').startsWith(input.nameQuery ?? '') &&
            (input.customerId === undefined || key.customerId === input.customerId),
        );
        return page(
          fitting.map((key) => describeKey(key, input.includeValues)),
          input,
        );
      },
    },
    UpdateApiKey: {
      members: ['apiKey', 'patchOperations'],
      run({ apiKey, patchOperations }) {
        const patches = readPatches('updateApiKeyInput', patchOperations);
        const key = { ...patches.reduce(patched, existingKey(keys, apiKey)), lastUpdatedDate: cloud.now() };
        keys.set(key.id, key);
        return describeKey(key, false);
      },
    },
    DeleteApiKey: {
      members: ['apiKey'],
      run({ apiKey }) {
        keys.delete(existingKey(keys, apiKey).id);
        return {};
      },
    },
  };
}

const paths = { replace: ['/description', '/enabled', '/name', '/customerId'] };

function patched(key: ApiKey, patch: Patch): ApiKey {
  checkSupported(patch, paths);
  if (patch.path === '/enabled') return { ...key, enabled: isTrue(patch.value) };
  return { ...key, [patch.path.slice(1)]: patch.value };
}

function describeKey({ value, ...key }: ApiKey, withValue = false): ApiKeyShape {
  return {
    ...key,
    ...(withValue ? { value } : {}),
    createdDate: new Date(key.createdDate),
    lastUpdatedDate: new Date(key.lastUpdatedDate),
    stageKeys: [],
    tags: { ...key.tags },
  };
}

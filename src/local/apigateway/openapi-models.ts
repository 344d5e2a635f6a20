// Makes models of the schemas of an OpenAPI document.
import type { Model } from '@aws-sdk/client-api-gateway';
import { badRequest, newId } from '../api-gateway.ts';
import type { Json, OpenApi } from './openapi-document.ts';
import { defined } from './state.ts';

const schemasOf = ({ definitions, components }: OpenApi) => definitions ?? components?.schemas ?? {};

export function modelsOf(document: OpenApi, apiId: string): Record<string, Model> {
  const names = Object.keys(schemasOf(document)).sort();
  return Object.fromEntries(
    names.map((name) => {
      if (!/^[a-zA-Z0-9]+$/.test(name))
        throw badRequest(`Unable to create model '${name}': Model name must be alphanumeric`);
      return [name, modelOf(name, schemasOf(document)[name] ?? {}, apiId)];
    }),
  );
}

export function modelOf(name: string, schema: Json, apiId: string): Model {
  const description = schema['description'];
  return defined({
    id: newId(6),
    name,
    description: typeof description === 'string' ? description : undefined,
    schema: JSON.stringify(withModelReferences(schema, apiId), undefined, 2),
    contentType: 'application/json',
  });
}

/** A model refers to another one by an address at AWS. */
function withModelReferences(value: unknown, apiId: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withModelReferences(item, apiId));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name =
        key === '$ref' && typeof item === 'string'
          ? /^#\/(?:definitions|components\/schemas)\/(\w+)$/.exec(item)?.[1]
          : undefined;
      const address = `https://apigateway.amazonaws.com/restapis/${apiId}/models/${name}`;
      return [key, name === undefined ? withModelReferences(item, apiId) : address];
    }),
  );
}

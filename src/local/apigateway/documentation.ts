// API Gateway's operations on the documentation of REST APIs: parts and versions, stored without effect.
import type { DocumentationPart, DocumentationVersion as VersionShape } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, without } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkSupported, readPatches } from './patch.ts';
import {
  type Api,
  type ApiContext,
  type DocumentationVersion,
  defined,
  existingApi,
  existingPart,
  own,
  page,
} from './state.ts';

export function documentationOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis } = context;
  const existing = (apiId: string | undefined, id: string | undefined) =>
    existingPart(apis.get(apiId ?? '')?.documentationParts, id, 'Invalid Documentation part identifier specified');
  const keep = (api: Api, part: DocumentationPart) => {
    apis.set(api.id, { ...api, documentationParts: { ...api.documentationParts, [part.id ?? '']: part } });
    return part;
  };
  return {
    CreateDocumentationPart: {
      members: ['restApiId', 'location', 'properties'],
      run({ restApiId, location, properties }) {
        const api = existingApi(context, restApiId);
        if (!isJsonObject(properties)) throw badRequest('Documentation part properties must be a valid JSON object');
        const isTaken = Object.values(api.documentationParts).some(
          (part) => JSON.stringify(part.location) === JSON.stringify(location),
        );
        if (isTaken) throw conflict('Documentation part already exists for the specified location');
        return keep(api, { id: newId(6), location, properties });
      },
    },
    GetDocumentationPart: {
      members: ['restApiId', 'documentationPartId'],
      run: ({ restApiId, documentationPartId }) => existing(restApiId, documentationPartId),
    },
    GetDocumentationParts: {
      members: ['restApiId', 'type', 'nameQuery', 'path', 'position', 'limit', 'locationStatus'],
      run(input) {
        const parts = Object.values(existingApi(context, input.restApiId).documentationParts);
        const fitting = parts.filter(
          ({ location }) =>
            (input.type === undefined || location?.type === input.type) &&
            (input.path === undefined || location?.path === input.path) &&
            (location?.name ?? '').includes(input.nameQuery ?? ''),
        );
        return page(input.locationStatus === 'UNDOCUMENTED' ? [] : fitting, input);
      },
    },
    UpdateDocumentationPart: {
      members: ['restApiId', 'documentationPartId', 'patchOperations'],
      run({ restApiId, documentationPartId, patchOperations }) {
        const patches = readPatches('updateDocumentationPartInput', patchOperations);
        const before = existing(restApiId, documentationPartId);
        for (const patch of patches) checkSupported(patch, { replace: ['/properties'] });
        const properties = patches.at(-1)?.value ?? before.properties;
        return keep(existingApi(context, restApiId), { ...before, properties });
      },
    },
    DeleteDocumentationPart: {
      members: ['restApiId', 'documentationPartId'],
      run({ restApiId, documentationPartId = '' }) {
        existing(restApiId, documentationPartId);
        const api = existingApi(context, restApiId);
        apis.set(api.id, { ...api, documentationParts: without(api.documentationParts, documentationPartId) });
        return {};
      },
    },
    ...versionOperations(context),
  };
}

function isJsonObject(text: string | undefined): boolean {
  try {
    const value = JSON.parse(text ?? '') as unknown;
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function versionOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis, cloud } = context;
  const existing = (apiId: string | undefined, version: string | undefined) =>
    existingPart(existingApi(context, apiId).documentationVersions, version, 'Invalid Documentation version specified');
  const keep = (api: Api, version: DocumentationVersion) => {
    apis.set(api.id, { ...api, documentationVersions: { ...api.documentationVersions, [version.version]: version } });
    return describeVersion(version);
  };
  return {
    CreateDocumentationVersion: {
      members: ['restApiId', 'documentationVersion', 'stageName', 'description'],
      run({ restApiId, documentationVersion: version = '', stageName, description }) {
        const api = existingApi(context, restApiId);
        if (own(api.documentationVersions, version) !== undefined) {
          throw conflict('Documentation version already exists for this REST API');
        }
        const stage = stageName ? existingPart(api.stages, stageName, 'Invalid Stage identifier specified') : undefined;
        const stages =
          stage === undefined
            ? api.stages
            : { ...api.stages, [stage.stageName]: { ...stage, documentationVersion: version } };
        return keep({ ...api, stages }, defined({ version, createdDate: cloud.now(), description }));
      },
    },
    GetDocumentationVersion: {
      members: ['restApiId', 'documentationVersion'],
      run: ({ restApiId, documentationVersion }) => describeVersion(existing(restApiId, documentationVersion)),
    },
    GetDocumentationVersions: {
      members: ['restApiId', 'position', 'limit'],
      run: (input) =>
        page(Object.values(existingApi(context, input.restApiId).documentationVersions).map(describeVersion), input),
    },
    UpdateDocumentationVersion: {
      members: ['restApiId', 'documentationVersion', 'patchOperations'],
      run({ restApiId, documentationVersion, patchOperations }) {
        const patches = readPatches('updateDocumentationVersionInput', patchOperations);
        const before = existing(restApiId, documentationVersion);
        for (const patch of patches) checkSupported(patch, { replace: ['/description'] });
        const description = patches.at(-1)?.value ?? before.description;
        return keep(existingApi(context, restApiId), { ...before, ...defined({ description }) });
      },
    },
    DeleteDocumentationVersion: {
      members: ['restApiId', 'documentationVersion'],
      run({ restApiId, documentationVersion = '' }) {
        existing(restApiId, documentationVersion);
        const api = existingApi(context, restApiId);
        apis.set(api.id, { ...api, documentationVersions: without(api.documentationVersions, documentationVersion) });
        return {};
      },
    },
  };
}

function describeVersion({ createdDate, ...version }: DocumentationVersion): VersionShape {
  return { ...version, createdDate: new Date(createdDate) };
}

// API Gateway's operations on the resources of REST APIs: the tree of paths.
import type { Resource as ResourceShape } from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkSupported, readPatches } from './patch.ts';
import {
  type Api,
  type ApiContext,
  existingApi,
  existingResource,
  own,
  type Parts,
  page,
  type Resource,
} from './state.ts';

export function resourceOperations(context: ApiContext): Operations<'apigateway'> {
  const { apis } = context;
  return {
    CreateResource: {
      members: ['restApiId', 'parentId', 'pathPart'],
      run({ restApiId, parentId, pathPart = '' }) {
        const { api, resource: parent } = existingResource(context, restApiId, parentId);
        const resource = childOf(api.resources, parent, pathPart, newId(6));
        apis.set(api.id, { ...api, resources: { ...api.resources, [resource.id]: resource } });
        return describeResource(resource);
      },
    },
    GetResource: {
      members: ['restApiId', 'resourceId', 'embed'],
      run: ({ restApiId, resourceId, embed }) =>
        describeResource(existingResource(context, restApiId, resourceId).resource, embed?.includes('methods')),
    },
    GetResources: {
      members: ['restApiId', 'position', 'limit', 'embed'],
      run: (input) => {
        const resources = Object.values(existingApi(context, input.restApiId).resources);
        const withMethods = input.embed?.includes('methods');
        return page(
          resources.map((resource) => describeResource(resource, withMethods)),
          input,
        );
      },
    },
    UpdateResource: {
      members: ['restApiId', 'resourceId', 'patchOperations'],
      run({ restApiId, resourceId, patchOperations }) {
        const patches = readPatches('updateResourceInput', patchOperations);
        let { api, resource } = existingResource(context, restApiId, resourceId);
        for (const patch of patches) {
          checkSupported(patch, { replace: ['/parentId', '/pathPart'] });
          if (resource.parentId === undefined) throw badRequest('Root resource cannot be updated.');
          const moved = patch.path === '/parentId' ? { parentId: patch.value ?? '' } : { pathPart: patch.value ?? '' };
          api = { ...api, resources: move(api, resource, moved) };
          resource = api.resources[resource.id] ?? resource;
        }
        apis.set(api.id, api);
        return describeResource(resource);
      },
    },
    DeleteResource: {
      members: ['restApiId', 'resourceId'],
      run({ restApiId, resourceId }) {
        const { api, resource } = existingResource(context, restApiId, resourceId);
        if (resource.parentId === undefined) throw badRequest('Root resource cannot be deleted');
        const gone = new Set([resource.id, ...descendants(api.resources, resource.id)]);
        const kept = Object.entries(api.resources).filter(([id]) => !gone.has(id));
        apis.set(api.id, { ...api, resources: Object.fromEntries(kept) });
        return {};
      },
    },
  };
}

const variablePart = /^\{([\w.:-]+)(\+?)\}$/;

/** A new resource below a parent. Throws if AWS would reject it there. */
export function childOf(resources: Parts<Resource>, parent: Resource, pathPart: string, id: string): Resource {
  if (!/^[\w.:@,~$%-]+$/.test(pathPart) && !variablePart.test(pathPart)) {
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end and an optional plus sign before the closing brace.",
    );
  }
  if (parent.pathPart?.endsWith('+}')) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  }
  const siblings = Object.values(resources).filter((other) => other.parentId === parent.id && other.id !== id);
  if (siblings.some((sibling) => sibling.pathPart === pathPart)) {
    throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
  }
  const variable = siblings.find((sibling) => variablePart.test(sibling.pathPart ?? ''));
  if (variable !== undefined && variablePart.test(pathPart)) {
    throw badRequest(
      `A sibling (${variable.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    );
  }
  return { id, parentId: parent.id, pathPart, path: `${parent.path.replace(/\/$/, '')}/${pathPart}`, methods: {} };
}

interface Moved {
  readonly parentId?: string;
  readonly pathPart?: string;
}

/** The resources after one got another parent or part, with the new paths of those below it. */
function move(api: Api, resource: Resource, moved: Moved): Parts<Resource> {
  const parent = own(api.resources, moved.parentId ?? resource.parentId);
  if (parent === undefined) throw notFound('Invalid Resource identifier specified');
  const below = descendants(api.resources, resource.id);
  const placed = childOf(api.resources, parent, moved.pathPart ?? resource.pathPart ?? '', resource.id);
  if (parent.id === resource.id || below.includes(parent.id)) throw badRequest('Resources cannot be cyclical.');
  const resources = { ...api.resources, [resource.id]: { ...placed, methods: resource.methods } };
  for (const id of below) {
    const child = resources[id];
    const above = child && resources[child.parentId ?? ''];
    if (child && above) resources[id] = { ...child, path: `${above.path.replace(/\/$/, '')}/${child.pathPart}` };
  }
  return resources;
}

/** The ids of everything below a resource, parents first. */
function descendants(resources: Parts<Resource>, id: string): string[] {
  const children = Object.values(resources).filter(({ parentId }) => parentId === id);
  return children.flatMap((child) => [child.id, ...descendants(resources, child.id)]);
}

export function describeResource({ methods, ...resource }: Resource, withMethods = false): ResourceShape {
  const names = Object.entries(methods);
  if (names.length === 0) return resource;
  return {
    ...resource,
    resourceMethods: Object.fromEntries(names.map(([name, method]) => [name, withMethods ? method : {}])),
  };
}

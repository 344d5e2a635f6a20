// Finds the resource of a REST API that a path leads to: of its parts, literals win over variables, and those over greedy variables.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
import type { Method } from '@aws-sdk/client-api-gateway';
import { own, type Parts, type Resource, type Texts } from './state.ts';

export interface ResourceMatch {
  readonly resource: Resource;
  /** As in the path, not decoded. */
  readonly parameters: Texts;
}

/** `path` is without the stage. A slash at its end does not count. */
export function findResource(resources: Parts<Resource>, path: string): ResourceMatch | undefined {
  const children = childrenOf(resources);
  const root = Object.values(resources).find(({ parentId }) => parentId === undefined);
  const trimmed = path.replace(/^\/+/, '').replace(/\/$/, '');
  if (root === undefined) return undefined;
  return descend(children, { resource: root, parameters: {} }, trimmed === '' ? [] : trimmed.split('/'));
}

const known = new WeakMap<Parts<Resource>, Map<string, Resource[]>>();

function childrenOf(resources: Parts<Resource>): Map<string, Resource[]> {
  let children = known.get(resources);
  if (children === undefined) {
    children = new Map();
    for (const resource of Object.values(resources)) {
      const parent = resource.parentId ?? '';
      children.set(parent, [...(children.get(parent) ?? []), resource]);
    }
    known.set(resources, children);
  }
  return children;
}

function descend(
  children: Map<string, Resource[]>,
  { resource, parameters }: ResourceMatch,
  segments: readonly string[],
): ResourceMatch | undefined {
  const [first, ...rest] = segments;
  // a resource without methods is only a step to others
  if (first === undefined) return Object.keys(resource.methods).length === 0 ? undefined : { resource, parameters };
  const below = children.get(resource.id) ?? [];
  const literal = below.find(({ pathPart }) => pathPart === first);
  const variable = below.find(({ pathPart = '' }) => /^\{[^+]+\}$/.test(pathPart));
  const greedy = below.find(({ pathPart = '' }) => pathPart.endsWith('+}'));
  const found = literal && descend(children, { resource: literal, parameters }, rest);
  if (found !== undefined) return found;
  if (variable !== undefined && first !== '') {
    const name = (variable.pathPart ?? '').slice(1, -1);
    const next = { resource: variable, parameters: { ...parameters, [name]: first } };
    const further = descend(children, next, rest);
    if (further !== undefined) return further;
  }
  if (greedy === undefined || Object.keys(greedy.methods).length === 0) return undefined;
  const name = (greedy.pathPart ?? '').slice(1, -2);
  return { resource: greedy, parameters: { ...parameters, [name]: segments.join('/') } };
}

/** A method of the resource; ANY serves the others. */
export function findMethod({ methods }: Resource, httpMethod: string): Method | undefined {
  return own(methods, httpMethod) ?? methods['ANY'];
}

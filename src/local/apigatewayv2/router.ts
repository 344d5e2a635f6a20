// Finds the route of an HTTP API that a request goes to.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
import type { Route } from './state.ts';

export interface RouteKey {
  /** ANY fits every method; absent in `$default`. */
  readonly method: string | undefined;
  readonly segments: readonly string[];
}

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

const methods = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

const parsedKeys = new Map<string, RouteKey | undefined>();

/** Undefined for a key that API Gateway would refuse. */
export function parseRouteKey(key: string): RouteKey | undefined {
  if (!parsedKeys.has(key)) parsedKeys.set(key, readRouteKey(key));
  return parsedKeys.get(key);
}

function readRouteKey(key: string): RouteKey | undefined {
  if (key === '$default') return { method: undefined, segments: [] };
  const [, method = '', path = ''] = /^([A-Z]+) (\/\S*)$/.exec(key) ?? [];
  if (!methods.includes(method)) return undefined;
  const segments = path.slice(1).split('/');
  const areFine = segments.every((segment, i) => {
    if (!/[{}]/.test(segment)) return true;
    const [, , greedy] = /^\{([\w.:-]+)(\+?)\}$/.exec(segment) ?? [];
    return greedy === '' || (greedy === '+' && i === segments.length - 1);
  });
  return areFine ? { method, segments } : undefined;
}

/** A full match first, then a greedy one, then `$default`; among equals the more literal path, then the named method. */
export function findRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  const pathSegments = path.slice(1).split('/');
  const matches = routes.flatMap((route) => {
    const key = parseRouteKey(route.key);
    const match = key === undefined ? undefined : matchRoute(key, method, pathSegments);
    return match === undefined ? [] : [{ route, ...match }];
  });
  matches.sort((left, right) => compareRanks(left.rank, right.rank));
  return matches[0];
}

interface Match {
  readonly parameters: Readonly<Record<string, string>>;
  /** Lower is better; compared from its first number on. */
  readonly rank: readonly number[];
}

const literal = 0;
const variable = 1;
const greedy = 2;
const last = 3;

function matchRoute(
  { method, segments }: RouteKey,
  requestMethod: string,
  pathSegments: readonly string[],
): Match | undefined {
  if (method === undefined) return { parameters: {}, rank: [last] };
  if (method !== 'ANY' && method !== requestMethod) return undefined;
  const parameters: Record<string, string> = {};
  const ranks: number[] = [];
  for (const [i, segment] of segments.entries()) {
    const [, name, plus] = /^\{(.+?)(\+?)\}$/.exec(segment) ?? [];
    if (name !== undefined && plus === '+') {
      const rest = pathSegments.slice(i).join('/');
      if (rest === '') return undefined;
      parameters[name] = rest;
      return { parameters, rank: [greedy, ...ranks, greedy, method === 'ANY' ? 1 : 0] };
    }
    const text = pathSegments[i];
    if (text === undefined) return undefined;
    if (name === undefined ? text !== segment : text === '') return undefined;
    if (name !== undefined) parameters[name] = text;
    ranks.push(name === undefined ? literal : variable);
  }
  if (pathSegments.length !== segments.length) return undefined;
  return { parameters, rank: [literal, ...ranks, method === 'ANY' ? 1 : 0] };
}

function compareRanks(left: readonly number[], right: readonly number[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

// Finds the operation of a REST request by method, path, and the query parameters in the path template. If two
// operations share a route (S3's CopyObject and PutObject), required headers and query parameters decide.
import type { IncomingHttpHeaders } from 'node:http';
import type { NormalizedSchema } from '@smithy/core/schema';
import { members, type OperationModel, requiredMembers } from './model.ts';

export interface Route {
  readonly operation: OperationModel;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** Required query parameters, with a value if it is fixed. */
  readonly query: readonly (readonly [name: string, value: string | undefined])[];
  readonly requiredHeaders: readonly string[];
  readonly requiredQuery: readonly string[];
  /** If a member leads the path (see `leadingMember`), operations without it, such as ListBuckets, match only paths without it. */
  readonly takesLeading: boolean;
}

export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** If a member leads the path: whether the request has it. */
  readonly hasLeading?: boolean;
}

/** The routes in matching order: the most specific first. */
export function routesOf(operations: readonly OperationModel[], leadingMember: string | undefined): readonly Route[] {
  return operations
    .filter((operation) => operation.http !== undefined)
    .map((operation) => routeOf(operation, leadingMember))
    .sort((a, b) => specificity(b) - specificity(a));
}

function routeOf(operation: OperationModel, leadingMember: string | undefined): Route {
  const [method, template] = operation.http ?? ['', ''];
  const [path = '', query = ''] = template.split('?');
  const labels: string[] = [];
  const pattern = path.replace(/[.$]/g, '\\$&').replace(/\{(\w+)(\+?)\}/g, (_, label: string, greedy: string) => {
    labels.push(label);
    return greedy === '' ? '([^/]+)' : '(.+)';
  });
  const needed = new Set(requiredMembers(operation.input));
  const required = (trait: 'httpHeader' | 'httpQuery') =>
    members(operation.input).flatMap(([name, schema]) => (needed.has(name) ? (traitOf(schema, trait) ?? []) : []));
  return {
    operation,
    method,
    pattern: new RegExp(`^${pattern}/?$`),
    labels,
    query: [...new URLSearchParams(query)]
      // `x-id` only repeats the operation's name, and only the JavaScript SDK sends it
      .filter(([name]) => name !== 'x-id')
      .map(([name, value]) => [name, value === '' ? undefined : value] as const),
    requiredHeaders: required('httpHeader').map((name) => name.toLowerCase()),
    requiredQuery: required('httpQuery'),
    takesLeading: members(operation.input).some(([name]) => name === leadingMember),
  };
}

function traitOf(schema: NormalizedSchema, trait: 'httpHeader' | 'httpQuery'): string | undefined {
  return schema.getMergedTraits()[trait];
}

function specificity(route: Route): number {
  const requirements = route.query.length + route.requiredHeaders.length + route.requiredQuery.length;
  return requirements * 10_000 - route.labels.length * 1_000 + Math.min(route.pattern.source.length, 999);
}

/** The matching route and its decoded path labels; undefined if no operation matches. */
export function findRoute(
  routes: readonly Route[],
  request: RouteRequest,
): { route: Route; labels: Record<string, string> } | undefined {
  for (const route of routes) {
    if (!fits(route, request)) continue;
    const match = route.pattern.exec(request.path);
    if (match === null) continue;
    const labels = route.labels.map((label, index) => [label, decodeURIComponent(match[index + 1] ?? '')]);
    return { route, labels: Object.fromEntries(labels) as Record<string, string> };
  }
  return undefined;
}

function fits(route: Route, request: RouteRequest): boolean {
  return (
    route.method === request.method &&
    (request.hasLeading === undefined || route.takesLeading === request.hasLeading) &&
    route.query.every(
      ([name, value]) => request.query.has(name) && (value === undefined || request.query.get(name) === value),
    ) &&
    route.requiredHeaders.every((name) => name in request.headers) &&
    route.requiredQuery.every((name) => request.query.has(name))
  );
}

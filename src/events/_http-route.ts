// A route of an HTTP API: how users write it, which paths API Gateway takes, and its part of a logical id.
import { sha256 } from '../base/hash.ts';
import { described, text } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';

export interface HttpRoute {
  readonly method: string;
  readonly path: string;
}

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY'] as const;
export const expectedRoute = 'a route such as "GET /orders/{id}", or $default';

/** `GET /orders/{id}`, `* /files/{rest+}` or `$default`. */
export function parseRoute(route: string): { value: HttpRoute } | { wrong: string; hint?: string } {
  const written = route.trim();
  if (written === '$default' || written === '*') return { value: { method: '$default', path: '' } };
  const [, method = '', path = ''] = /^(\S+)\s+(\S+)$/.exec(written) ?? [];
  const verb = method === '*' ? 'ANY' : method.toUpperCase();
  if (path === '' || !methods.includes(verb as (typeof methods)[number])) {
    return {
      wrong: `expected ${expectedRoute}, found ${JSON.stringify(route)}`,
      hint: `methods are ${methods.join(', ')}`,
    };
  }
  const problem = pathProblem(path);
  return problem === undefined ? { value: { method: verb, path } } : { wrong: `${JSON.stringify(path)}: ${problem}` };
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'a path begins with /';
  if (path.includes('?')) return 'a route has no query string';
  const names: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const parameter = /^\{([A-Za-z0-9._:-]+)(\+?)\}$/.exec(segment);
    if (parameter === null) {
      if (/[{}]/.test(segment)) return 'a parameter is a whole segment, such as {id}';
      if (!/^[A-Za-z0-9$\-._~!&'()*,;=:@%+]*$/.test(segment))
        return `${JSON.stringify(segment)} has characters that a URL path cannot have`;
      continue;
    }
    const [, name = '', greedy] = parameter;
    if (names.includes(name)) return `{${name}} appears twice`;
    if (greedy === '+' && index < segments.length - 1)
      return `{${name}+} takes the rest of the path, so it must come last`;
    names.push(name);
  }
  return undefined;
}

/** The keys of an event whose route is in parts. */
export const routeFields = (expected: string) => ({
  route: described('The method and the path, as in the short form.', text({ expected }), {
    examples: ['GET /orders/{id}'],
  }),
  path: described('A path such as /orders/{id} or /files/{rest+}.', text({ expected: 'a path such as /orders/{id}' }), {
    examples: ['/orders/{id}'],
  }),
  method: described('The HTTP method.', text({ expected: `one of ${methods.join(', ')}` }), {
    default: 'ANY',
    examples: [...methods],
  }),
});

interface WrittenRoute {
  readonly route: string | undefined;
  readonly path: string | undefined;
  readonly method: string | undefined;
}

/** What is wrong with the keys together. */
export function routeProblem({ route, path, method }: WrittenRoute): { wrong: string; hint?: string } | undefined {
  if (route !== undefined && (path !== undefined || method !== undefined)) {
    return { wrong: 'an event has a route, or a path and a method' };
  }
  if (route === undefined && path === undefined) {
    return { wrong: 'missing key "path"', hint: 'for example path: /orders/{id}, or route: GET /orders/{id}' };
  }
  return undefined;
}

export const routeKey = (route: HttpRoute): string =>
  route.method === '$default' ? '$default' : `${route.method} ${route.path}`;

/** Equal for routes that API Gateway treats as one: those that differ only in the names of parameters. */
export const routeIdentity = (route: HttpRoute): string => routeKey(route).replace(/\{[^}+]+(\+?)\}/g, '{$1}');

/**
 * `/orders/{id}` → `OrdersParameter`, for logical ids. The names of parameters do not count, so that a renamed one changes its route in
 * place: API Gateway has no room for both. If the letters could name two paths, a hash of the path follows: an id depends only on its
 * path, so that a new route never renames another.
 */
export function pathIdPart(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const words = segments.map((segment) =>
    pascalCase(segment.replace(/^\{.*\}$/, (parameter) => (parameter.endsWith('+}') ? 'rest' : 'parameter'))),
  );
  const plain = segments.every((segment) => /^(?!(parameter|rest)$)([a-z][a-z0-9]*|\{.*\})$/.test(segment));
  const ends = path === '/' || !path.endsWith('/');
  if (plain && ends) return words.join('');
  return `${words.join('')}${sha256(path.replace(/\{[^}+]+(\+?)\}/g, '{$1}')).slice(0, 8)}`;
}

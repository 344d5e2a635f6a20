// `http`: a route of the project's one HTTP API, answered by the function's live alias.

import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { byKind, converted, described, object, type Schema, text } from '../base/schema.ts';
import { httpApiId, httpStageId, pascalCase, stackName } from '../cfn/names.ts';
import { attribute, type Output, type Resource, ref, sub } from '../cfn/resource.ts';
import type { EventSource, Use } from './source.ts';

export interface HttpRoute {
  readonly method: string;
  readonly path: string;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY'] as const;
const expected = 'a route such as "GET /orders/{id}", or $default';

const short: Schema<HttpRoute> = converted(text({ expected }), parseRoute);
const long: Schema<HttpRoute> = converted(
  object({
    required: {
      path: described(
        'A path such as /orders/{id} or /files/{rest+}.',
        text({ expected: 'a path such as /orders/{id}' }),
        { examples: ['/orders/{id}'] },
      ),
    },
    optional: {
      method: described('The HTTP method.', text({ expected: `one of ${methods.join(', ')}` }), {
        default: 'ANY',
        examples: [...methods],
      }),
    },
  }),
  ({ method, path }) => (path === '$default' ? parseRoute(path) : parseRoute(`${method ?? 'ANY'} ${path}`)),
);

function parseRoute(route: string): { value: HttpRoute } | { wrong: string; hint?: string } {
  if (route.trim() === '$default') return { value: { method: '$default', path: '' } };
  const [, method = '', path = ''] = /^(\S+)\s+(\S+)$/.exec(route.trim()) ?? [];
  const verb = method === '*' ? 'ANY' : method.toUpperCase();
  if (path === '' || !methods.includes(verb as (typeof methods)[number])) {
    return { wrong: `expected ${expected}, found ${JSON.stringify(route)}`, hint: `methods are ${methods.join(', ')}` };
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
    if (names.includes(name)) return `{${name}} stands there twice`;
    if (greedy === '+' && index < segments.length - 1)
      return `{${name}+} takes the rest of the path, so it must come last`;
    names.push(name);
  }
  return undefined;
}

export const routeKey = (route: HttpRoute): string =>
  route.method === '$default' ? '$default' : `${route.method} ${route.path}`;

export const http: EventSource<'http', HttpRoute> = {
  kind: 'http',
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: 'A route of the HTTP API. All routes of a project share one API with one URL.',
    example: 'http: GET /orders/{id}',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html',
  },

  check(uses) {
    const claimed = new Map<string, string>();
    return uses.flatMap(({ function: { name }, config, at }): Problem[] => {
      // two parameters of different names at one place are one route to API Gateway
      const key = routeKey(config).replace(/\{[^}+]+(\+?)\}/g, '{$1}');
      const other = claimed.get(key);
      claimed.set(key, name);
      if (other === undefined) return [];
      const where = other === name ? `"${name}" has it already` : `"${other}" has it already`;
      return [{ at, message: `the route ${routeKey(config)} is claimed twice: ${where}` }];
    });
  },

  compile(uses, { names }) {
    const resources = new Map<string, Resource>();
    const outputs = new Map<string, Output>();
    if (uses.length === 0) return { resources, outputs, grants: [] };
    resources.set(httpApiId, {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: stackName(names), ProtocolType: 'HTTP' },
    });
    resources.set(httpStageId, {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: ref(httpApiId), StageName: '$default', AutoDeploy: true },
    });
    for (const [id, resource] of uses.flatMap(wiring)) resources.set(id, resource);
    outputs.set('HttpApiUrl', {
      Description: 'Where the HTTP API answers',
      Value: attribute(httpApiId, 'ApiEndpoint'),
    });
    return { resources, outputs, grants: [] };
  },
};

/** What one route needs; integration and permission are the function's own, and the same for each of its routes. */
function wiring({ function: { ids, name }, config }: Use<HttpRoute>): [string, Resource][] {
  const route = `${pascalCase(name)}Http${pascalCase(config.method.toLowerCase())}${routeIdPart(config.path)}`;
  return [
    [
      ids.httpIntegration,
      {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref(httpApiId),
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: ref(ids.alias),
          PayloadFormatVersion: '2.0',
        },
      },
    ],
    [
      ids.httpPermission,
      {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: ref(ids.alias),
          Action: 'lambda:InvokeFunction',
          Principal: 'apigateway.amazonaws.com',
          SourceArn: sub(`arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${${httpApiId}}/*`),
        },
      },
    ],
    [
      route,
      {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: ref(httpApiId),
          RouteKey: routeKey(config),
          Target: { 'Fn::Join': ['/', ['integrations', ref(ids.httpIntegration)]] },
        },
      },
    ],
  ];
}

/** `/orders/{id}` → `OrdersIdParameter`. Where letters alone could name two paths, a hash of the path follows: an id hangs on
 * its own route only, so that adding one never renames another. */
function routeIdPart(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const words = segments.map((segment) =>
    pascalCase(
      segment.replace(
        /^\{(.*?)\+?\}$/,
        (found, name: string) => `${name}-${found.endsWith('+}') ? 'Rest' : 'Parameter'}`,
      ),
    ),
  );
  const plain = segments.every((segment) =>
    /^(?!(parameter|rest)$)([a-z][a-z0-9]*|\{[a-z][a-z0-9]*\+?\})$/.test(segment),
  );
  const ends = path === '/' || !path.endsWith('/');
  return plain && ends ? words.join('') : `${words.join('')}${sha256(path).slice(0, 8)}`;
}

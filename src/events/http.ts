// `http`: a route of the project's HTTP API, answered by the function's live alias.

import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { byKind, converted, described, object, type Schema, text } from '../base/schema.ts';
import { pascalCase, stackName } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { attribute, ref, sub } from '../cfn/resource.ts';
import { allowInvoke } from './_invoke.ts';
import type { EventSource, Use } from './source.ts';

const apiId = 'HttpApi';
const stageId = 'HttpApiStage';
/** The longest that an HTTP API waits for a function, in seconds.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const longestWait = 30;

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
    if (names.includes(name)) return `{${name}} appears twice`;
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

  describe: routeKey,

  check(uses) {
    const claimed = new Map<string, string>();
    return uses.flatMap(({ function: { name }, config, at }): Problem[] => {
      // API Gateway treats routes that differ only in parameter names as one route
      const key = routeKey(config).replace(/\{[^}+]+(\+?)\}/g, '{$1}');
      const other = claimed.get(key);
      claimed.set(key, name);
      if (other === undefined) return [];
      return [{ at, message: `the route "${routeKey(config)}" is defined twice: "${other}" already has it` }];
    });
  },

  warn: (uses) =>
    uses
      .filter(({ function: { timeout } }) => timeout > longestWait)
      .map(({ function: { name, timeout }, config, at }) => ({
        at,
        message: `the HTTP API answers "${routeKey(config)}" with 503 after ${longestWait} seconds, while "${name}" may run for ${timeout}`,
        hint: `set the timeout of "${name}" to at most ${longestWait}s, or give it a function URL`,
      })),

  compile,

  shared: (_, { names }) => ({
    resources: {
      [apiId]: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: stackName(names), ProtocolType: 'HTTP' } },
      [stageId]: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: ref(apiId), StageName: '$default', AutoDeploy: true },
      },
    },
    outputs: {
      HttpApiUrl: { Description: 'Where the HTTP API answers', Value: attribute(apiId, 'ApiEndpoint') },
    },
  }),
};

/** The resources of one route. Integration and permission are the same for every route of a function. */
function compile({ function: target, config }: Use<HttpRoute>): Part {
  const integration = target.id('HttpIntegration');
  const route = target.id(`Http${pascalCase(config.method.toLowerCase())}${routeIdPart(config.path)}`);
  return {
    resources: {
      [integration]: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref(apiId),
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: target.alias,
          PayloadFormatVersion: '2.0',
        },
      },
      [target.id('HttpPermission')]: allowInvoke(
        target,
        'apigateway.amazonaws.com',
        sub(`arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${${apiId}}/*`),
      ),
      [route]: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: ref(apiId),
          RouteKey: routeKey(config),
          Target: { 'Fn::Join': ['/', ['integrations', ref(integration)]] },
        },
      },
    },
  };
}

/** `/orders/{id}` → `OrdersIdParameter`. If the letters could name two paths, a hash of the path follows: an id depends only on its
 * route, so that a new route never renames another. */
function routeIdPart(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const words = segments.map((segment) =>
    pascalCase(
      segment.replace(
        /^\{(.*?)\+?\}$/,
        (parameter, name: string) => `${name}-${parameter.endsWith('+}') ? 'Rest' : 'Parameter'}`,
      ),
    ),
  );
  const plain = segments.every((segment) =>
    /^(?!(parameter|rest)$)([a-z][a-z0-9]*|\{[a-z][a-z0-9]*\+?\})$/.test(segment),
  );
  const ends = path === '/' || !path.endsWith('/');
  return plain && ends ? words.join('') : `${words.join('')}${sha256(path).slice(0, 8)}`;
}

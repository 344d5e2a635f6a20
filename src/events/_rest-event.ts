// A `rest` event as users write it: the route alone, or with settings of its own.
import { duration } from '../base/duration.ts';
import type { Span } from '../base/error.ts';
import { byKind, converted, described, flag, list, located, object, type Schema, text } from '../base/schema.ts';
import { apiReferenceSchema, authorizerNameSchema, type Throttle, throttleSchema } from './_api-settings.ts';
import { type Cors, corsSchema } from './_cors.ts';
import { type HttpRoute, parseRoute, routeFields, routeProblem } from './_http-route.ts';
import { type IntegrationSettings, integrationFields } from './_rest-integration.ts';

export interface RestEvent extends HttpRoute, IntegrationSettings {
  /** One of `rest.apis`; undefined for the API of `rest` itself. */
  readonly api?: { readonly value: string; readonly at: Span };
  readonly authorizer?: { readonly value: string; readonly at: Span };
  readonly scopes?: { readonly value: readonly string[]; readonly at: Span };
  /** Whether a request needs an API key. */
  readonly apiKey?: boolean;
  readonly cors?: Cors | false;
  readonly throttle?: Throttle;
  readonly metrics?: boolean;
  /** Seconds to keep a response; false for not at all. */
  readonly cache?: { readonly ttl?: number; readonly keys?: readonly string[] } | false;
  readonly operationName?: string;
}

export const expectedRestRoute = 'a route such as "GET /orders/{id}"';

function parse(route: string): { value: HttpRoute } | { wrong: string; hint?: string } {
  const written = route.trim();
  if (written === '$default' || written === '*') {
    return {
      wrong: `a REST API has no ${written}`,
      hint: 'write ANY /{proxy+} for every path below the root, and ANY / for the root',
    };
  }
  const parsed = parseRoute(route);
  if ('wrong' in parsed) return { ...parsed, wrong: parsed.wrong.replace(', or $default', '') };
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
  const segment = parsed.value.path.split('/').find((part) => !/^(\{[\w.:-]+\+?\}|[A-Za-z0-9._\-:$]*)$/.test(part));
  if (segment !== undefined) {
    return { wrong: `${JSON.stringify(segment)}: a path of a REST API has letters, digits and ._-:$ only` };
  }
  if (parsed.value.path !== '/' && parsed.value.path.endsWith('/')) {
    return { wrong: `${JSON.stringify(parsed.value.path)}: a path of a REST API has no slash at its end` };
  }
  return parsed;
}

const cache = byKind<NonNullable<RestEvent['cache']>>({
  scalar: converted(flag, (on) => ({ value: on ? {} : false })),
  map: object({
    required: {},
    optional: {
      ttl: described(
        'How long a response is kept, up to 1h.',
        duration({ least: 0, most: 3600, expected: 'a time from 0s to 1h' }),
        { default: 300, examples: ['5m'] },
      ),
      keys: described(
        'The parameters that tell responses apart.',
        list(
          text({
            pattern: /^method\.request\.(path|querystring|header)\.\S+$/,
            expected: 'a parameter such as method.request.querystring.page',
          }),
          { least: 1 },
        ),
        { examples: [['method.request.querystring.page']] },
      ),
    },
    elsewhere: { ttlInSeconds: 'ttl', cacheKeyParameters: 'keys' },
  }),
  expected: 'true, false, or a map with ttl',
});

const short: Schema<RestEvent> = converted(text({ expected: expectedRestRoute }), parse);
const long: Schema<RestEvent> = converted(
  object({
    required: {},
    optional: {
      ...routeFields(expectedRestRoute),
      api: described('The API that has the route: one of rest.apis.', apiReferenceSchema, {
        examples: ['admin'],
      }),
      authorizer: described(
        'Who may call: the name of one of rest.authorizers, iam for signed requests, or none.',
        authorizerNameSchema,
        { examples: ['users', 'iam', 'none'] },
      ),
      scopes: described(
        'The scopes of which a token needs one. Only for an authorizer with cognito.',
        located(list(text(), { least: 1 })),
        { examples: [['orders/read']] },
      ),
      apiKey: described('Whether a request needs an API key.', flag, { default: false, examples: [true] }),
      cors: described('Cross-origin requests to this path; false for none.', corsSchema, {
        examples: [true, { allowOrigins: ['https://shop.example.com'] }],
      }),
      throttle: described('The limit of this route.', throttleSchema, { examples: [{ rate: 10, burst: 5 }] }),
      metrics: described('Metrics for this route.', flag, { examples: [true] }),
      cache: described('Keep responses of this route in the cache of the stage.', cache, { examples: [{ ttl: '5m' }] }),
      ...integrationFields,
      operationName: described('A name for the method, such as in generated clients.', text(), {
        examples: ['getOrder'],
      }),
    },
    elsewhere: {
      private: 'apiKey: true',
      transferMode: 'stream: true',
      timeoutInMillis: 'timeout',
      connectionId: 'vpcLink',
      requestParameters: 'request',
      response: 'responses',
    },
  }),
  ({ route, path, method, ...own }) => {
    const problem = routeProblem({ route, path, method });
    if (problem !== undefined) return problem;
    const parsed = parse(route ?? `${method ?? 'ANY'} ${path}`);
    return 'value' in parsed ? { value: { ...parsed.value, ...own } } : parsed;
  },
);

export const restEventSchema: Schema<RestEvent> = byKind({ scalar: short, map: long, expected: expectedRestRoute });

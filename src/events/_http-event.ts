// An `http` event as users write it: the route alone, or with settings of its own.
import type { Span } from '../base/error.ts';
import { byKind, converted, described, flag, list, located, object, type Schema, text } from '../base/schema.ts';
import { apiReferenceSchema, authorizerNameSchema, type Throttle, throttleSchema } from './_api-settings.ts';
import { payloadSchema, waitSchema } from './_http-api.ts';
import { expectedRoute, type HttpRoute, parseRoute, routeFields, routeProblem } from './_http-route.ts';

/** An entry: the route, and what it has of its own. */
export interface HttpEvent extends HttpRoute {
  /** One of `http.apis`; undefined for the API of `http` itself. */
  readonly api?: { readonly value: string; readonly at: Span };
  /** The name of an authorizer, `iam` or `none`. */
  readonly authorizer?: { readonly value: string; readonly at: Span };
  readonly scopes?: { readonly value: readonly string[]; readonly at: Span };
  readonly throttle?: Throttle;
  readonly metrics?: boolean;
  readonly payload?: '1.0' | '2.0';
  /** Seconds. */
  readonly timeout?: number;
  readonly operationName?: string;
}

const short: Schema<HttpEvent> = converted(text({ expected: expectedRoute }), parseRoute);
const long: Schema<HttpEvent> = converted(
  object({
    required: {},
    optional: {
      ...routeFields(expectedRoute),
      api: described('The API that has the route: one of http.apis.', apiReferenceSchema, {
        examples: ['admin'],
      }),
      authorizer: described(
        'Who may call: the name of one of http.authorizers, iam for signed requests, or none.',
        authorizerNameSchema,
        { examples: ['users', 'iam', 'none'] },
      ),
      scopes: described(
        'The scopes of which a token needs one. Only for an authorizer with jwt.',
        located(list(text(), { least: 1 })),
        { examples: [['orders.read']] },
      ),
      throttle: described('The limit of this route.', throttleSchema, { examples: [{ rate: 10, burst: 5 }] }),
      metrics: described('Metrics for this route.', flag, { examples: [true] }),
      payload: payloadSchema,
      timeout: waitSchema,
      operationName: described('A name for the route, such as in generated clients.', text({ longest: 64 }), {
        examples: ['getOrder'],
      }),
    },
    elsewhere: { authorizationScopes: 'scopes', apiId: 'http.id', payloadFormatVersion: 'payload' },
  }),
  ({ route, path, method, ...own }) => {
    const problem = routeProblem({ route, path, method });
    if (problem !== undefined) return problem;
    const parsed = parseRoute(route ?? (path === '$default' ? path : `${method ?? 'ANY'} ${path}`));
    return 'value' in parsed ? { value: { ...parsed.value, ...own } } : parsed;
  },
);

export const httpEventSchema: Schema<HttpEvent> = byKind({ scalar: short, map: long, expected: expectedRoute });

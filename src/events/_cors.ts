// Cross-origin resource sharing, as users write it for an HTTP API.
import { byKind, converted, described, flag, integer, list, object, oneOf, type Schema, text } from '../base/schema.ts';
import type { Value } from '../cfn/resource.ts';

export interface Cors {
  readonly allowCredentials?: boolean;
  readonly allowHeaders?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowOrigins?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: number;
}

/** Any page may call, without cookies. */
const everyone: Cors = { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'] };

const headers = (about: string, example: string) =>
  described(about, list(text(), { least: 1 }), { examples: [[example]] });

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
const map: Schema<Cors | false> = converted(
  object({
    required: {},
    optional: {
      allowOrigins: described('The origins whose pages may call the API, or "*".', list(text(), { least: 1 }), {
        examples: [['https://shop.example.com']],
      }),
      allowMethods: described(
        'The methods that those pages may use.',
        list(oneOf(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', '*']), { least: 1 }),
        { examples: [['GET', 'POST']] },
      ),
      allowHeaders: headers('The request headers that those pages may send.', 'content-type'),
      exposeHeaders: headers('The response headers that those pages may read.', 'x-request-id'),
      allowCredentials: described('Allow cookies. Needs named origins.', flag, { default: false, examples: [true] }),
      maxAge: described('How many seconds a browser remembers the answer.', integer({ least: -1, most: 86_400 }), {
        examples: [300],
      }),
    },
    elsewhere: {
      allowedOrigins: 'allowOrigins',
      allowedHeaders: 'allowHeaders',
      allowedMethods: 'allowMethods',
      exposedResponseHeaders: 'exposeHeaders',
      origin: 'allowOrigins',
      origins: 'allowOrigins',
      headers: 'allowHeaders',
      methods: 'allowMethods',
    },
  }),
  (cors) => {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html#http-api-cors-troubleshooting
    return cors.allowCredentials === true && cors.allowOrigins?.includes('*')
      ? { wrong: 'allowCredentials does not go with the origin "*"', hint: 'name the origins' }
      : { value: cors };
  },
);
const short: Schema<Cors | false> = converted(flag, (on) => ({ value: on ? everyone : false }));

export const corsSchema: Schema<Cors | false> = byKind({
  scalar: short,
  map,
  expected: 'true for every origin, or a map with allowOrigins',
});

/** `{allowOrigins: …}` → `{AllowOrigins: …}`. */
export function corsProperties(cors: Cors): Value {
  const given = Object.entries(cors).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]));
}

// What the routes of all kinds of APIs share: methods and paths, authorizers by name, cross-origin requests.
import type { Plain } from '../../../base/located.ts';
import { isOneIntrinsic } from '../../../cfn/value-schema.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { idIn, normalized, type Service, withOurIds } from '../service.ts';
import { clean, type Settings } from './rule.ts';

/** `get users/{id}` and `{method, path}` → `GET /users/{id}`. */
export function routeOf(config: Cursor): string {
  const text = config.isMap ? undefined : config.text();
  const [first = '', second] = (text ?? '').trim().split(/\s+/);
  const method = config.isMap ? (config.child('method')?.text() ?? '*') : second === undefined ? '*' : first;
  const path = config.isMap ? (config.child('path')?.text() ?? '/') : (second ?? first);
  if (path === '*' || (path === '' && text === '*')) return '$default';
  const upper = method === '*' ? 'ANY' : method.toUpperCase();
  return `${upper} ${path.startsWith('/') ? path : `/${path}`}`;
}

/** The name of an authorizer, free or with the same settings. */
export function named(service: Service, section: string, name: string, settings: Plain, config: Cursor): string {
  const base = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'authorizer';
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? base : `${base}${count}`;
    const known = service.draft.get([section, 'authorizers', candidate]);
    if (known === undefined) {
      service.draft.set([section, 'authorizers', candidate], settings, placeOf(config));
      return candidate;
    }
    if (JSON.stringify(known) === JSON.stringify(settings)) return candidate;
  }
}

/** A function of this service by its key, its ARN as an intrinsic, or one of another stack. */
export function functionOrArn(service: Service, value: Plain | undefined): Settings {
  if (typeof value === 'string') {
    const own = service.functions.get(value);
    if (own !== undefined) return { function: own };
    return { arn: value };
  }
  const id = idIn(value ?? null);
  const key = [...service.functions.keys()].find((candidate) => `${normalized(candidate)}LambdaFunction` === id);
  const own = key === undefined ? undefined : service.functions.get(key);
  return own === undefined ? { arn: value === undefined ? undefined : withOurIds(service, value) } : { function: own };
}

export const lastOf = (text: string) => text.split(/[:/]/).at(-1) ?? text;
export const sourcesOf = (value: Plain | undefined): Plain | undefined =>
  typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;

export function isIntrinsicCursor(cursor: Cursor): boolean {
  return isOneIntrinsic(cursor.keys());
}

/** true, or a map with the Serverless Framework's names. */
export function corsOf(cors: Cursor | undefined, service: Service): Plain | undefined {
  if (cors === undefined) return undefined;
  if (!cors.isMap) return cors.flag() === true ? true : undefined;
  const list = (...names: readonly string[]): readonly Plain[] | undefined => {
    for (const name of names) {
      const value = cors.child(name)?.plain();
      if (value !== undefined)
        return typeof value === 'string' ? value.split(',').map((item) => item.trim()) : ([value].flat() as Plain[]);
    }
    return undefined;
  };
  const origins = list('origins', 'origin', 'allowedOrigins') ?? ['*'];
  const credentials = (cors.child('allowCredentials')?.flag() ?? false) && !origins.includes('*');
  const cacheControl = cors.child('cacheControl');
  if (cacheControl !== undefined) {
    cacheControl.plain();
    service.draft.changed(placeOf(cacheControl), 'the API answers preflights without Cache-Control', {
      remedy: 'maxAge is what browsers keep them by',
    });
  }
  return clean({
    allowOrigins: origins,
    allowHeaders: list('headers', 'allowedHeaders'),
    allowMethods: list('methods', 'allowedMethods')?.map((method) => String(method).toUpperCase()),
    exposeHeaders: list('exposedResponseHeaders'),
    allowCredentials: credentials ? true : undefined,
    maxAge: cors.child('maxAge')?.plain(),
  });
}

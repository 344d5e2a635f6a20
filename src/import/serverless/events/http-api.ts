// `httpApi`: routes of an HTTP API, and its authorizers.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { type Service, withOurIds } from '../service.ts';
import { functionOrArn, named, routeOf, sourcesOf } from './api.ts';
import { add, clean, type EventRule, type Settings } from './rule.ts';

export const httpApi: EventRule = (context) => {
  const { service, config } = context;
  const route = routeOf(config);
  if (!config.isMap) return void add(context, 'http', route);
  const authorizer = config.child('authorizer');
  const all: Settings = {
    ...(authorizer === undefined ? {} : httpAuthorizerUse(service, authorizer)),
    timeout: config.child('timeout')?.plain(),
    payload: config.child('payload')?.text(),
    operationName: config.child('operationId')?.plain(),
  };
  for (const documentation of ['documentation', 'swagger']) config.child(documentation)?.plain();
  const isAlone = Object.values(all).every((value) => value === undefined);
  add(context, 'http', isAlone ? route : { route, ...all });
};

function httpAuthorizerUse(service: Service, authorizer: Cursor): Settings {
  const text = authorizer.text();
  const type = authorizer.child('type')?.text();
  if (text === 'aws_iam' || type === 'aws_iam') return { authorizer: 'iam' };
  const name = text ?? authorizer.child('name')?.text();
  const scopes = authorizer.child('scopes')?.plain();
  const id = authorizer.child('id')?.plain();
  if (id !== undefined)
    return {
      authorizer: named(service, 'http', name ?? 'shared', clean({ id: withOurIds(service, id) }), authorizer),
      scopes,
    };
  return { authorizer: (name ?? 'none').replace(/[^A-Za-z0-9_-]+/g, '-'), scopes };
}

/** `provider.httpApi.authorizers`. */
export function httpAuthorizers(service: Service, authorizers: Cursor): void {
  for (const [key, cursor] of authorizers.entries()) {
    const type = cursor.child('type')?.text() ?? 'jwt';
    const name = key.replace(/[^A-Za-z0-9_-]+/g, '-');
    const identity = sourcesOf(cursor.child('identitySource')?.plain());
    const path = ['http', 'authorizers', name];
    if (type === 'request') {
      const own = cursor.child('functionName')?.plain();
      const arn = cursor.child('functionArn')?.plain();
      const isSimple = cursor.child('enableSimpleResponses')?.flag() === true;
      const payload = cursor.child('payloadVersion')?.text() ?? '2.0';
      cursor.child('managedExternally')?.plain();
      cursor.child('name')?.plain();
      service.draft.set(
        path,
        clean({
          ...functionOrArn(service, own ?? arn),
          identitySource: identity,
          ttl: cursor.child('resultTtlInSeconds')?.plain(),
          responses: isSimple ? undefined : 'policy',
          payload: payload === '2.0' ? undefined : payload,
        }),
        placeOf(cursor),
      );
      continue;
    }
    cursor.child('name')?.plain();
    const issuer = cursor.child('issuerUrl')?.plain();
    const audience = cursor.child('audience')?.plain();
    service.draft.set(
      path,
      clean({
        jwt: {
          issuer: issuer === undefined ? null : withOurIds(service, issuer),
          audience: [audience ?? []].flat() as Plain,
        },
        identitySource: identity,
      }),
      placeOf(cursor),
    );
  }
}

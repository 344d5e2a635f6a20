// The authorizer of a route of a REST API.
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { idIn, withOurIds } from '../service.ts';
import { functionOrArn, isIntrinsicCursor, lastOf, named, sourcesOf } from './api.ts';
import { clean, type EventContext, reference, type Settings } from './rule.ts';

export function restAuthorizer(context: EventContext, authorizer: Cursor): Settings {
  const { service } = context;
  const isMapped = authorizer.isMap && !isIntrinsicCursor(authorizer);
  const text = authorizer.text();
  const type = (isMapped ? authorizer.child('type')?.text() : undefined)?.toUpperCase();
  if (text?.toLowerCase() === 'aws_iam' || type === 'AWS_IAM') return { authorizer: 'iam' };
  const name = isMapped ? authorizer.child('name')?.text() : undefined;
  const arn = isMapped ? authorizer.child('arn')?.plain() : undefined;
  const scopes = isMapped ? authorizer.child('scopes')?.plain() : undefined;
  const id = isMapped ? authorizer.child('authorizerId')?.plain() : undefined;
  const target = arn ?? (isMapped ? name : authorizer.plain());
  const ttl = isMapped ? authorizer.child('resultTtlInSeconds')?.plain() : undefined;
  const identity = isMapped ? authorizer.child('identitySource')?.plain() : undefined;
  const validation = isMapped ? authorizer.child('identityValidationExpression')?.plain() : undefined;
  if (isMapped) {
    authorizer.child('managedExternally')?.plain();
    const claims = authorizer.child('claims');
    claims?.plain();
    if (claims !== undefined) {
      service.draft.changed(placeOf(claims), 'the function gets all claims of a token', {
        remedy: 'they are in event.requestContext.authorizer.claims',
      });
    }
  }
  if (id !== undefined) {
    const settings = clean({
      id: withOurIds(service, id),
      type: type === 'COGNITO_USER_POOLS' ? 'cognito' : undefined,
    });
    return { authorizer: named(service, 'rest', name ?? 'shared', settings, authorizer), scopes };
  }
  const written = JSON.stringify(target ?? '');
  const pool = idIn(target ?? null);
  const poolType = pool === undefined ? undefined : service.resources.get(pool)?.child('Type')?.text();
  const isCognito =
    type === 'COGNITO_USER_POOLS' || written.includes(':cognito-idp:') || poolType === 'AWS::Cognito::UserPool';
  const defaultName = pool ?? (typeof target === 'string' ? lastOf(target) : 'authorizer');
  if (isCognito) {
    const settings = clean({ cognito: reference(service, target), identitySource: identity, ttl: ttl ?? 300 });
    return { authorizer: named(service, 'rest', name ?? defaultName, settings, authorizer), scopes };
  }
  const settings = clean({
    ...functionOrArn(service, target),
    type: type === 'REQUEST' ? 'request' : 'token',
    identitySource: type === 'REQUEST' ? sourcesOf(identity) : identity,
    validation,
    ttl: ttl ?? 300,
  });
  return { authorizer: named(service, 'rest', name ?? defaultName, settings, authorizer), scopes };
}

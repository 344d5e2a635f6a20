// IAM statements of a service → permissions of project.yml, in the short form where that says the same.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { hasLookups } from '../lookup-text.ts';
import { type Service, withOurIds } from './service.ts';

/** The permissions of a list of statements; what is none is reported. */
export function permissionsOf(service: Service, statements: Cursor): readonly Plain[] {
  return statements.each().flatMap((cursor): Plain[] => {
    const statement = withOurIds(service, cursor.plain());
    if (Array.isArray(statement)) return statement.map((item: Plain) => permissionOf(item));
    if (JSON.stringify(statement).includes('"ServerlessDeploymentBucket"')) {
      service.draft.dropped(placeOf(cursor), 'the stack of fx has no deployment bucket', {
        remedy: 'nothing, unless the functions keep files there: then name a bucket of yours',
      });
      return [];
    }
    const reason = service.reasonFor(statement);
    if (reason !== undefined) {
      service.draft.dropped(placeOf(cursor), `the permissions are not known: ${reason}`, {
        remedy: 'put the file there and import again, or write them under permissions',
      });
      return [];
    }
    if (!isMap(statement)) {
      service.draft.dropped(placeOf(cursor), 'this is no IAM statement', { remedy: 'write it under permissions' });
      return [];
    }
    if (statement['Action'] === undefined && statement['NotAction'] === undefined) {
      service.draft.dropped(placeOf(cursor), 'this IAM statement has no Action', {
        remedy: 'write it under permissions',
      });
      return [];
    }
    const { Principal, NotPrincipal, ...own } = statement as Record<string, Plain>;
    if (Principal !== undefined || NotPrincipal !== undefined) {
      service.draft.dropped(
        { path: `${cursor.path}.Principal`, at: cursor.at },
        'a statement of a role has no Principal, IAM would refuse it',
        { remedy: 'nothing, unless it was meant for the policy of a resource' },
      );
    }
    if (own['Resource'] === undefined && own['NotResource'] === undefined) {
      service.draft.changed(placeOf(cursor), 'this IAM statement has no Resource; it is "*" now');
      own['Resource'] = '*';
    }
    return [permissionOf(own)];
  });
}

/** `{Effect: Allow, Action, Resource}` → `s3:GetObject on arn:…`; anything else as it is. */
export function permissionOf(statement: Plain): Plain {
  if (!isMap(statement)) return statement;
  const { Effect = 'Allow', Action, Resource, Sid, ...more } = statement as Record<string, Plain>;
  const raw = withoutAllow(statement as Record<string, Plain>);
  if (Effect !== 'Allow' || Sid !== undefined || Object.keys(more).length > 0) return raw;
  const actions = [Action ?? []].flat() as readonly Plain[];
  const resources = [Resource ?? []].flat() as readonly Plain[];
  const isAction = (action: Plain) => typeof action === 'string' && /^[a-z0-9-]+:[A-Za-z0-9*?]+$/.test(action);
  // ${region} in an ARN is a lookup; an account needs a Sub
  const isTarget = (target: Plain) =>
    typeof target === 'string' &&
    /^(arn:[^\s,]+|\*)$/.test(target) &&
    !(hasLookups(target) && target.includes('account'));
  if (actions.length === 0 || resources.length === 0 || !actions.every(isAction) || !resources.every(isTarget))
    return raw;
  const short = `${shortActions(actions as readonly string[])} on ${resources.join(', ')}`;
  return short.length > 100 ? raw : short;
}

function withoutAllow({ Effect, ...rest }: Record<string, Plain>): Plain {
  return Effect === undefined || Effect === 'Allow' ? rest : { ...rest, Effect };
}

/** `s3:GetObject,PutObject`: the service counts until the next. */
function shortActions(actions: readonly string[]): string {
  let current = '';
  return actions
    .map((action) => {
      const [service = '', name = ''] = action.split(':');
      const text = service === current ? name : action;
      current = service;
      return text;
    })
    .join(',');
}

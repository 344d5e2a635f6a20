// Who may call a SAM API: its authorizers, keys and resource policy, and what routes take from them.
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { globalsOf, idIn, reference, type SamTemplate, withOurIds } from './template.ts';

/** What a route has from its API: the scopes of its authorizer, and whether a key is needed. */
export function ofApi(
  sam: SamTemplate,
  section: 'rest' | 'http',
  { id, authorizer }: { readonly id: string | undefined; readonly authorizer: string | undefined },
): { readonly scopes: Plain | undefined; readonly apiKey: boolean } {
  const kind = section === 'rest' ? 'Api' : 'HttpApi';
  const own = id === undefined ? undefined : sam.resources.get(id)?.child('Properties');
  const auths = [own, globalsOf(sam, kind)].flatMap((each) => each?.child('Auth') ?? []);
  const name = authorizer ?? auths.flatMap((each) => each.child('DefaultAuthorizer')?.text() ?? [])[0];
  const scopes = auths.flatMap((each) => {
    const found = name === undefined ? undefined : each.child('Authorizers')?.child(name)?.child('AuthorizationScopes');
    return found === undefined ? [] : [withOurIds(sam, [found.plain()].flat() as Plain)];
  })[0];
  const apiKey = auths.flatMap((each) => each.child('ApiKeyRequired')?.flag() ?? [])[0] ?? false;
  return { scopes: Array.isArray(scopes) && scopes.length > 0 ? scopes : undefined, apiKey };
}

export function authOf(sam: SamTemplate, auth: Cursor | undefined, path: Path, section: 'rest' | 'http'): void {
  if (auth === undefined) return;
  const { draft } = sam;
  const chosen = auth.child('DefaultAuthorizer');
  const name = chosen?.text();
  if (chosen !== undefined)
    draft.set([...path, 'authorizer'], name === 'AWS_IAM' ? 'iam' : (name ?? 'none'), placeOf(chosen));
  const policy = auth.child('ResourcePolicy');
  const statements = policy?.child('CustomStatements');
  if (statements !== undefined)
    draft.set([...path, 'policy'], withOurIds(sam, [statements.plain()].flat() as Plain), placeOf(statements));
  const plan = auth.child('UsagePlan');
  if (plan?.child('CreateUsagePlan')?.text() === 'NONE') plan.plain();
  else if (plan !== undefined) {
    const description = plan.child('Description')?.plain();
    const quota = plan.child('Quota');
    const offset = quota?.child('Offset')?.plain();
    const throttle = plan.child('Throttle');
    for (const key of ['CreateUsagePlan', 'UsagePlanName', 'Tags']) plan.child(key)?.plain();
    draft.set([...path, 'apiKeys'], ['default'], placeOf(plan));
    draft.set(
      [...path, 'usagePlans', 'default'],
      {
        ...(description === undefined ? {} : { description }),
        ...(quota === undefined
          ? {}
          : {
              quota: {
                limit: quota.child('Limit')?.plain() ?? 1,
                period: (quota.child('Period')?.text() ?? 'MONTH').toLowerCase(),
                ...(offset === undefined ? {} : { offset }),
              },
            }),
        ...(throttle === undefined
          ? {}
          : {
              throttle: {
                rate: throttle.child('RateLimit')?.plain() ?? 1,
                burst: throttle.child('BurstLimit')?.plain() ?? 1,
              },
            }),
      },
      placeOf(plan),
    );
  }
  for (const key of [
    'ApiKeyRequired',
    'AddDefaultAuthorizerToCorsPreflight',
    'AddApiKeyRequiredToCorsPreflight',
    'InvokeRole',
    'EnableIamAuthorizer',
  ])
    auth.child(key)?.plain();
  for (const [key, authorizer] of auth.child('Authorizers')?.entries() ?? []) {
    draft.set(
      [...path, 'authorizers', key],
      section === 'rest' ? restAuthorizer(sam, authorizer) : httpAuthorizer(sam, authorizer),
      placeOf(authorizer),
    );
  }
}

function functionOrArn(sam: SamTemplate, value: Plain | undefined): Record<string, Plain> {
  const id = idIn(value);
  const own = id === undefined ? undefined : sam.functions.get(id);
  return own === undefined ? { arn: value === undefined ? null : withOurIds(sam, value) } : { function: own };
}

function restAuthorizer(sam: SamTemplate, authorizer: Cursor): Plain {
  const identity = authorizer.child('Identity');
  const ttl = identity?.child('ReauthorizeEvery')?.plain();
  const pool = authorizer.child('UserPoolArn')?.plain();
  authorizer.child('AuthorizationScopes')?.plain();
  const header = identity?.child('Header')?.text();
  if (pool !== undefined) {
    return {
      cognito: reference(sam, pool) ?? null,
      ...(header === undefined ? {} : { identitySource: `method.request.header.${header}` }),
      ...(ttl === undefined ? {} : { ttl }),
    };
  }
  const isRequest = authorizer.child('FunctionPayloadType')?.text() === 'REQUEST';
  const target = authorizer.child('FunctionArn')?.plain();
  authorizer.child('FunctionInvokeRole')?.plain();
  const lists = ['Headers', 'QueryStrings', 'StageVariables', 'Context'] as const;
  const prefixes = {
    Headers: 'method.request.header.',
    QueryStrings: 'method.request.querystring.',
    StageVariables: 'stageVariables.',
    Context: 'context.',
  };
  const sources = lists.flatMap((list) =>
    (identity?.child(list)?.items() ?? []).map((item) => `${prefixes[list]}${item.text() ?? ''}`),
  );
  const validation = identity?.child('ValidationExpression')?.plain();
  return {
    ...functionOrArn(sam, target),
    type: isRequest ? 'request' : 'token',
    ...(isRequest
      ? sources.length === 0
        ? {}
        : { identitySource: sources }
      : header === undefined
        ? {}
        : { identitySource: `method.request.header.${header}` }),
    ...(validation === undefined || isRequest ? {} : { validation }),
    ...(ttl === undefined ? { ttl: 300 } : { ttl }),
  };
}

function httpAuthorizer(sam: SamTemplate, authorizer: Cursor): Plain {
  const jwt = authorizer.child('JwtConfiguration');
  authorizer.child('AuthorizationScopes')?.plain();
  if (jwt !== undefined) {
    const source = authorizer.child('IdentitySource')?.plain();
    return {
      jwt: {
        issuer: withOurIds(sam, (jwt.child('issuer') ?? jwt.child('Issuer'))?.plain() ?? null),
        audience: withOurIds(sam, [(jwt.child('audience') ?? jwt.child('Audience'))?.plain() ?? []].flat() as Plain),
      },
      ...(source === undefined ? {} : { identitySource: source }),
    };
  }
  const identity = authorizer.child('Identity');
  const ttl = identity?.child('ReauthorizeEvery')?.plain();
  const sources = (identity?.child('Headers')?.items() ?? []).map((item) => `$request.header.${item.text() ?? ''}`);
  const isSimple = authorizer.child('EnableSimpleResponses')?.flag() === true;
  const payload = authorizer.child('AuthorizerPayloadFormatVersion')?.text();
  const target = authorizer.child('FunctionArn')?.plain();
  for (const key of ['FunctionInvokeRole', 'EnableFunctionDefaultPermissions']) authorizer.child(key)?.plain();
  return {
    ...functionOrArn(sam, target),
    ...(sources.length === 0 ? {} : { identitySource: sources }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(isSimple ? {} : { responses: 'policy' }),
    ...(payload === undefined || payload === '2.0' ? {} : { payload: '1.0' }),
  };
}

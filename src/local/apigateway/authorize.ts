// Decides whether a request may call its method: the API's policy together with the method's authorization.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
import { decide as decideByRole } from '../iam/authorization.ts';
import { sessionArn } from '../operation.ts';
import { authorizeByCognito } from './cognito.ts';
import { configurationError, GatewayFailure } from './failure.ts';
import { type AuthorizerCache, authorizeByFunction } from './lambda-authorizer.ts';
import { type Decision, decide, type Statement, statementsOf } from './policy.ts';
import { headerValue, methodArn, type RestRequest } from './request.ts';
import { own } from './state.ts';

export interface Authorized {
  readonly request: RestRequest;
  /** The API key that an authorizer returned. */
  readonly usageKey?: string;
}

/** Throws a failure for a caller without permission. */
export async function authorize(request: RestRequest, cache: AuthorizerCache): Promise<Authorized> {
  const { method, served } = request;
  const type = method.authorizationType ?? 'NONE';
  const policy = served.policy === undefined ? undefined : statementsOfApi(served.policy, request);
  if (type === 'AWS_IAM') return { request: authorizeByIam(request, policy) };
  const decision = policy && decide(policy, policyCall(request, []), true);
  if (decision === 'explicitDeny') throw denied(request, 'anonymous', decision);
  const authorizer = method.authorizerId === undefined ? undefined : own(served.authorizers, method.authorizerId);
  if (type === 'CUSTOM') {
    if (authorizer === undefined) throw configurationError('The authorizer is missing');
    const { context, principalId, usageIdentifierKey } = await authorizeByFunction(request, authorizer, cache);
    const given = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
    const authorized = { ...request, authorizer: { ...given, principalId } };
    return { request: authorized, ...(usageIdentifierKey === undefined ? {} : { usageKey: usageIdentifierKey }) };
  }
  if (decision === 'implicitDeny') throw denied(request, 'anonymous', decision);
  if (type !== 'COGNITO_USER_POOLS') return { request };
  if (authorizer === undefined) throw configurationError('The authorizer is missing');
  return { request: { ...request, authorizer: { claims: await authorizeByCognito(request, authorizer) } } };
}

/** A policy may write its resources as `execute-api:/stage/GET/path`. */
function statementsOfApi(policy: string, { cloud, api }: RestRequest): Statement[] {
  const front = `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/`;
  const expand = (resource: string) => resource.replace(/^execute-api:\/?/, front);
  return statementsOf(JSON.parse(policy)).map((statement) => ({
    ...statement,
    ...(statement.Resource === undefined ? {} : { Resource: [statement.Resource].flat().map(expand) }),
    ...(statement.NotResource === undefined ? {} : { NotResource: [statement.NotResource].flat().map(expand) }),
  }));
}

function policyCall(request: RestRequest, principals: readonly string[]) {
  return {
    action: 'execute-api:Invoke',
    resource: methodArn(request),
    principals,
    values: {
      'aws:sourceip': request.sourceIp,
      'aws:useragent': headerValue(request.headers, 'user-agent'),
      'aws:referer': headerValue(request.headers, 'referer'),
      'aws:securetransport': 'false',
      'aws:currenttime': new Date(request.time).toISOString(),
      'aws:epochtime': String(Math.floor(request.time / 1000)),
      'aws:principalarn': principals[0],
      'aws:principalaccount': principals.length > 0 ? request.cloud.accountId : undefined,
    },
  };
}

function denied(request: RestRequest, who: string, decision: Decision): GatewayFailure {
  const { accountId } = request.cloud;
  const resource = methodArn(request).replace(accountId, `********${accountId.slice(-4)}`);
  const why = decision === 'explicitDeny' ? ' with an explicit deny' : '';
  return new GatewayFailure(
    'ACCESS_DENIED',
    `User: ${who} is not authorized to perform: execute-api:Invoke on resource: ${resource}${why}`,
  );
}

// Credentials are those of the account's user, but for those of roles; the signature itself is not verified.
function authorizeByIam(request: RestRequest, policy: readonly Statement[] | undefined): RestRequest {
  const { cloud } = request;
  const credential = credentialOf(request);
  if (credential === undefined) {
    throw new GatewayFailure('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
  }
  const [accessKey = '', , region, service] = credential.split('/');
  if (service !== 'execute-api' || region !== cloud.region) {
    const wrong = service === 'execute-api' ? `a valid region, not '${region}'` : "correct service: 'execute-api'";
    throw new GatewayFailure('INVALID_SIGNATURE', `Credential should be scoped to ${wrong}.`);
  }
  const principal = cloud.principalOf(accessKey);
  const root = `arn:aws:iam::${cloud.accountId}:root`;
  const arn = principal.kind === 'role' ? sessionArn(cloud, principal) : root;
  const principals = [arn, ...(principal.kind === 'role' ? [principal.arn] : []), root, cloud.accountId];
  const byPolicy = policy === undefined ? 'implicitDeny' : decide(policy, policyCall(request, principals), true);
  const byRole =
    principal.kind === 'role'
      ? decideByRole(cloud, principal.arn, 'execute-api:Invoke', methodArn(request))
      : 'allowed';
  for (const decision of [byPolicy, byRole]) if (decision === 'explicitDeny') throw denied(request, arn, decision);
  // in one account, either is enough
  if (byPolicy !== 'allowed' && byRole !== 'allowed') throw denied(request, arn, 'implicitDeny');
  const user = principal.kind === 'role' ? `AROALOCALROLE0000000:${principal.session}` : 'AIDALOCALUSER00000000';
  const identity = { ...request.identity, accessKey, accountId: cloud.accountId, caller: user, user, userArn: arn };
  return { ...request, identity };
}

function credentialOf({ headers, query }: RestRequest): string | undefined {
  const header = headerValue(headers, 'authorization') ?? '';
  const inHeader = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+).*Signature=[0-9a-f]+/.exec(header)?.[1];
  if (inHeader !== undefined) return inHeader;
  const isSigned = query.some(([name]) => name === 'X-Amz-Signature');
  return isSigned ? query.find(([name]) => name === 'X-Amz-Credential')?.[1] : undefined;
}

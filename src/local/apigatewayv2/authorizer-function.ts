// Asks the function of a REQUEST authorizer, and reuses its answers for the time that the authorizer says.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
import { AwsError, type Cloud, type Principal } from '../cloud.ts';
import { evaluate, parsePolicy } from '../iam/evaluation.ts';
import { type Decision, forbidden, unauthorized } from './decision.ts';
import { type ApiRequest, authorizerEventV1, authorizerEventV2 } from './event.ts';
import { identityValue, routeArn } from './identity-source.ts';
import { functionOf } from './integrations.ts';
import { internalServerError } from './response.ts';
import type { Authorizer } from './state.ts';

type RequestAuthorizer = Extract<Authorizer, { type: 'REQUEST' }>;

/** What a function said, before it is held against a request. */
type Answer =
  | { readonly allowed: boolean; readonly context: Readonly<Record<string, unknown>> }
  | { readonly policy: string; readonly principalId: string; readonly context: Readonly<Record<string, unknown>> };

const answers = new Map<string, { readonly answer: Answer; readonly until: number }>();
const mostAnswers = 10_000;

export async function askAuthorizer(
  cloud: Cloud,
  request: ApiRequest,
  authorizer: RequestAuthorizer,
): Promise<Decision> {
  const sources = authorizer.identity.map((source) => identityValue(request, source));
  if (sources.some((value) => value === undefined || value === '')) {
    return { allowed: false, response: unauthorized, error: 'the request lacks an identity source' };
  }
  const key = JSON.stringify([cloud.region, request.api.id, request.stage.name, authorizer, sources]);
  const known = answers.get(key);
  if (known !== undefined && known.until > request.time) return decisionOf(known.answer, request);
  const identity = sources as string[];
  const answer = await ask(cloud, request, { authorizer, identity });
  if (answer === undefined) {
    return { allowed: false, response: internalServerError, error: 'the authorizer failed or answered wrongly' };
  }
  if (authorizer.ttlSeconds > 0) {
    if (answers.size >= mostAnswers) answers.clear();
    answers.set(key, { answer, until: request.time + authorizer.ttlSeconds * 1000 });
  }
  return decisionOf(answer, request);
}

function decisionOf(answer: Answer, request: ApiRequest): Decision {
  const { context } = answer;
  if ('policy' in answer) {
    const decision = evaluate([parsePolicy(answer.policy)], 'execute-api:Invoke', routeArn(request));
    return decision === 'allowed'
      ? { allowed: true, identity: { kind: 'lambda', context, principalId: answer.principalId } }
      : { allowed: false, response: forbidden, error: 'the policy of the authorizer does not allow the route' };
  }
  return answer.allowed
    ? { allowed: true, identity: { kind: 'lambda', context } }
    : { allowed: false, response: forbidden, error: 'the authorizer denied the request' };
}

/** Undefined if the function failed, or answered neither of the two forms. */
async function ask(
  cloud: Cloud,
  request: ApiRequest,
  { authorizer, identity }: { readonly authorizer: RequestAuthorizer; readonly identity: readonly string[] },
): Promise<Answer | undefined> {
  const { uri, payloadFormat, id, credentialsArn } = authorizer;
  const caller: Principal =
    credentialsArn === undefined
      ? {
          kind: 'service',
          service: 'apigateway.amazonaws.com',
          sourceArn: `arn:aws:execute-api:${request.region}:${request.accountId}:${request.api.id}/authorizers/${id}`,
        }
      : { kind: 'role', arn: credentialsArn, session: 'BackplaneAssumeRoleSession' };
  const about = { arn: routeArn(request), identity };
  const event = payloadFormat === '1.0' ? authorizerEventV1(request, about) : authorizerEventV2(request, about);
  try {
    const { Payload, FunctionError } = await cloud.call(
      'lambda',
      'Invoke',
      { FunctionName: functionOf(uri) ?? '', Payload: Buffer.from(JSON.stringify(event)) },
      caller,
    );
    return FunctionError === undefined ? readAnswer(Buffer.from(Payload ?? []), authorizer) : undefined;
  } catch (error) {
    // a missing permission and a missing function show to the client only as an error of the server
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function readAnswer(payload: Buffer, { simple }: RequestAuthorizer): Answer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { isAuthorized, context, policyDocument, principalId } = value as Record<string, unknown>;
    const passed = typeof context === 'object' && context !== null ? { ...context } : {};
    if (simple) return typeof isAuthorized === 'boolean' ? { allowed: isAuthorized, context: passed } : undefined;
    if (typeof policyDocument !== 'object' || policyDocument === null || typeof principalId !== 'string')
      return undefined;
    const policy = JSON.stringify(policyDocument);
    parsePolicy(policy);
    return { policy, principalId, context: passed };
  } catch {
    return undefined;
  }
}

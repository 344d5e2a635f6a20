// Whether a client may open a connection to a WebSocket API: what the authorizer or the signature of the handshake says.
import { AwsError, type Cloud } from '../cloud.ts';
import { decide } from '../iam/authorization.ts';
import { evaluate, parsePolicy } from '../iam/evaluation.ts';
import { functionOf } from './integrations.ts';
import type { Authorizer, Route } from './state.ts';
import { type Connection, connectArn, connectAuthorizerEvent } from './web-socket-event.ts';

/** The status that the client gets, or what later events tell about it. */
export type Admission =
  | { readonly admitted: true; readonly authorizer?: Readonly<Record<string, unknown>> }
  | { readonly admitted: false; readonly status: number };

export async function admit(
  cloud: Cloud,
  connection: Connection,
  route: Route | undefined,
  authorizers: Readonly<Record<string, Authorizer>>,
): Promise<Admission> {
  const { authorization } = route ?? {};
  if (authorization === undefined) return { admitted: true };
  if (authorization.type === 'AWS_IAM') return bySignature(cloud, connection);
  const authorizer = authorizers[authorization.authorizerId];
  if (authorizer?.type !== 'REQUEST') return { admitted: false, status: 500 };
  if (authorizer.identity.some((source) => !identityValue(connection, source))) return { admitted: false, status: 401 };
  const answer = await ask(cloud, connection, authorizer);
  if (answer === undefined) return { admitted: false, status: 500 };
  const { policyDocument, principalId, context } = answer;
  const decision = evaluate(
    [parsePolicy(JSON.stringify(policyDocument))],
    'execute-api:Invoke',
    connectArn(connection),
  );
  if (decision !== 'allowed') return { admitted: false, status: 403 };
  return { admitted: true, authorizer: { ...context, principalId } };
}

/** `route.request.header.Authorization`, `route.request.querystring.token`, `stageVariables.x` or `context.apiId`. */
function identityValue({ headers, rawQuery, stage, api }: Connection, source: string): string | undefined {
  const [, place, name = ''] =
    /^(route\.request\.header|route\.request\.querystring|stageVariables|context)\.(.+)$/.exec(source) ?? [];
  if (place === 'route.request.header') {
    return headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  }
  if (place === 'route.request.querystring') return new URLSearchParams(rawQuery).get(name) ?? undefined;
  if (place === 'stageVariables') return stage.variables[name];
  return { apiId: api.id, stage: stage.name }[name];
}

interface Answer {
  readonly policyDocument: object;
  readonly principalId: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Undefined if the function failed or answered with something else than a policy. */
async function ask(
  cloud: Cloud,
  connection: Connection,
  { uri, id }: Extract<Authorizer, { type: 'REQUEST' }>,
): Promise<Answer | undefined> {
  const { region, accountId, api } = connection;
  const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${api.id}/authorizers/${id}`;
  try {
    const { Payload, FunctionError } = await cloud.call(
      'lambda',
      'Invoke',
      {
        FunctionName: functionOf(uri) ?? '',
        Payload: Buffer.from(JSON.stringify(connectAuthorizerEvent(connection, cloud.now()))),
      },
      { kind: 'service', service: 'apigateway.amazonaws.com', sourceArn },
    );
    if (FunctionError !== undefined) return undefined;
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString('utf8')) as Partial<Answer> | null;
    const isPolicy = typeof answer?.policyDocument === 'object' && typeof answer.principalId === 'string';
    return isPolicy ? (answer as Answer) : undefined;
  } catch (error) {
    if (error instanceof AwsError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Any credentials are accepted, as for HTTP APIs: a role that signed is held to its policies. */
function bySignature(cloud: Cloud, connection: Connection): Admission {
  const header = connection.headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? '';
  const inHeader = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+)/.exec(header)?.[1];
  const credential = inHeader ?? new URLSearchParams(connection.rawQuery).get('X-Amz-Credential') ?? '';
  const [accessKey = '', , region, service] = credential.split('/');
  if (service !== 'execute-api' || region !== cloud.region) return { admitted: false, status: 403 };
  const principal = cloud.principalOf(accessKey);
  if (principal.kind !== 'role') return { admitted: true };
  const decision = decide(cloud, principal.arn, 'execute-api:Invoke', connectArn(connection));
  return decision === 'allowed' ? { admitted: true } : { admitted: false, status: 403 };
}

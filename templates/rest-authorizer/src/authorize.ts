import type { APIGatewayAuthorizerResult, APIGatewayTokenAuthorizerEvent } from 'aws-lambda';

/** Who has the token. An error called Unauthorized is a 401, a denial a 403. */
export async function handler(event: APIGatewayTokenAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const token = event.authorizationToken.replace(/^Bearer /, '');
  const pairs = (process.env.TOKENS ?? '').split(',').map((pair) => pair.split(':'));
  const [user] = pairs.find(([, secret]) => secret === token) ?? [];
  if (user === undefined) throw new Error('Unauthorized');
  // the answer is kept for all routes of the token
  const [api] = event.methodArn.split('/');
  const Statement = [{ Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource: `${api}/*` }];
  return { principalId: user, policyDocument: { Version: '2012-10-17', Statement } };
}

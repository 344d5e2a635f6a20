import type { APIGatewayProxyHandler } from 'aws-lambda';

export const handler: APIGatewayProxyHandler = async ({ body, httpMethod, path, requestContext }) => {
  if (path === '/status') return answer(200, { status: 'up' });
  const user = requestContext.authorizer?.principalId as string;
  if (httpMethod === 'POST') return answer(201, { user, ...(JSON.parse(body ?? '{}') as object) });
  return answer(200, { notesOf: user });
};

const answer = (statusCode: number, body: object) => ({ statusCode, body: JSON.stringify(body) });

import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';

export const handler: APIGatewayProxyHandlerV2<{ message: string }> = async (event) => {
  const name = event.pathParameters?.name ?? 'world';
  console.log('greeting', name);
  return { message: `Hello, ${name}!` };
};

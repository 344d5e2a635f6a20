/** @param {import('aws-lambda').APIGatewayProxyEventV2} event */
export const handler = async (event) => {
  const name = event.pathParameters?.name ?? 'world';
  console.log(`greeting ${name}`);
  return { message: `${process.env.GREETING ?? 'Hello'}, ${name}!` };
};

import awsLambda from '@fastify/aws-lambda';
import fastify from 'fastify';

const app = fastify();
app.get('/', async () => 'ok');
const proxy = awsLambda(app);

export const handler = async () => {
  const event = { httpMethod: 'GET', path: '/', headers: {}, requestContext: {} };
  return (await proxy(event, {})).body;
};

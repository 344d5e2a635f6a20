import serverlessExpress from '@codegenie/serverless-express';
import express from 'express';

const app = express();
app.get('/', (_, response) => response.send('yes'));
const server = serverlessExpress({ app });

export const handler = async () => {
  const event = {
    version: '2.0',
    rawPath: '/',
    rawQueryString: '',
    headers: {},
    requestContext: { http: { method: 'GET', path: '/' }, stage: '$default' },
  };
  return (await server(event, {})).body;
};

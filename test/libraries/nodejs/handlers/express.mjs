import { once } from 'node:events';
import express from 'express';

const app = express();
app.get('/hi/:name', (request, response) => response.send(`hi ${request.params.name}`));

export const handler = async () => {
  const server = app.listen(0);
  await once(server, 'listening');
  const text = await (await fetch(`http://127.0.0.1:${server.address().port}/hi/ejs-free`)).text();
  server.close();
  return text;
};

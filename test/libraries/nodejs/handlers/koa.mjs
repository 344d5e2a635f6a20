import { once } from 'node:events';
import Koa from 'koa';

const app = new Koa().use((context) => {
  context.body = 'koa';
});

export const handler = async () => {
  const server = app.listen(0);
  await once(server, 'listening');
  const text = await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
  server.close();
  return text;
};

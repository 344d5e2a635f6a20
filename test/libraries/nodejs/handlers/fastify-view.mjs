import path from 'node:path';
import { fileURLToPath } from 'node:url';
import view from '@fastify/view';
import Fastify from 'fastify';
import handlebars from 'handlebars';
export const handler = async () => {
  const app = Fastify();
  app.register(view, {
    engine: { handlebars },
    root: path.join(path.dirname(fileURLToPath(import.meta.url)), 'views-hb'),
  });
  app.get('/', (_q, r) => r.view('home.handlebars', { name: 'x' }));
  const r = await app.inject('/');
  await app.close();
  return r.body;
};

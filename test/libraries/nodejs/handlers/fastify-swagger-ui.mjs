import sw from '@fastify/swagger';
import ui from '@fastify/swagger-ui';
import Fastify from 'fastify';
export const handler = async () => {
  const app = Fastify();
  await app.register(sw);
  await app.register(ui, { routePrefix: '/d' });
  const r = await app.inject('/d/static/index.html');
  const c = await app.inject('/d/static/swagger-ui.css');
  await app.close();
  return [r.statusCode, c.statusCode];
};

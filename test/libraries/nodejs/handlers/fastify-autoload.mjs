import path from 'node:path';
import { fileURLToPath } from 'node:url';
import autoload from '@fastify/autoload';
import Fastify from 'fastify';

const __dirname = path.dirname(fileURLToPath(import.meta.url));
export const handler = async () => {
  const app = Fastify();
  app.register(autoload, { dir: path.join(__dirname, 'routes') });
  const r = await app.inject('/hi');
  await app.close();
  return r.body;
};

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import st from '@fastify/static';
import Fastify from 'fastify';

const dir = path.dirname(fileURLToPath(import.meta.url));
export const handler = async () => {
  const app = Fastify();
  app.register(st, { root: path.join(dir, 'public') });
  const r = await app.inject('/a.txt');
  await app.close();
  return r.body;
};

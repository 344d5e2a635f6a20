import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { engine } from 'express-handlebars';

async function get(app, path) {
  const s = app.listen(0);
  await new Promise((d) => s.once('listening', d));
  const r = await fetch(`http://127.0.0.1:${s.address().port}${path}`);
  const t = await r.text();
  s.close();
  return `${r.status} ${t.length} ${t.slice(0, 60)}`;
}
const here = dirname(fileURLToPath(import.meta.url));
export const handler = async () => {
  const app = express();
  app.engine('handlebars', engine({ defaultLayout: false }));
  app.set('view engine', 'handlebars');
  app.set('views', join(here, 'views-hb'));
  app.get('/', (_q, r) => r.render('home', { name: 'x' }));
  return get(app, '/');
};

const express = require('express');
const path = require('node:path');
async function get(app, path) {
  const s = app.listen(0);
  await new Promise((d) => s.once('listening', d));
  const r = await fetch(`http://127.0.0.1:${s.address().port}${path}`);
  const t = await r.text();
  s.close();
  return `${r.status} ${t.length} ${t.slice(0, 60)}`;
}
exports.handler = async () => {
  const app = express();
  app.set('view engine', 'hbs');
  app.set('views', path.join(__dirname, 'views-hbs'));
  app.get('/', (_q, r) => r.render('home', { name: 'x' }));
  return get(app, '/');
};

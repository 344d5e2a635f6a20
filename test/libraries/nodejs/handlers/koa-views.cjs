const views = require('@ladjs/koa-views');
const Koa = require('koa');
const http = require('node:http');
exports.handler = async () => {
  const app = new Koa();
  app.use(views(`${__dirname}/views`, { extension: 'pug' }));
  app.use(async (c) => {
    await c.render('a', { name: 'x' });
  });
  const s = http.createServer(app.callback()).listen(0);
  const r = await fetch(`http://127.0.0.1:${s.address().port}/`);
  const t = await r.text();
  s.close();
  return t;
};

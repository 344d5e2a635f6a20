const Hapi = require('@hapi/hapi');
const path = require('node:path');
exports.handler = async () => {
  const s = Hapi.server();
  await s.register([require('@hapi/vision'), require('@hapi/inert')]);
  s.views({ engines: { html: require('handlebars') }, relativeTo: __dirname, path: 'templates' });
  s.route({ method: 'GET', path: '/', handler: (_r, h) => h.view('a', { name: 'x' }) });
  s.route({ method: 'GET', path: '/f/{p*}', handler: { directory: { path: path.join(__dirname, 'public') } } });
  return [(await s.inject('/')).result, (await s.inject('/f/a.txt')).payload];
};

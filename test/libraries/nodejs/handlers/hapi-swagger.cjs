const Hapi = require('@hapi/hapi');
exports.handler = async () => {
  const s = Hapi.server();
  await s.register([
    require('@hapi/vision'),
    require('@hapi/inert'),
    { plugin: require('hapi-swagger'), options: { info: { title: 'x', version: '1' } } },
  ]);
  await s.initialize();
  const a = await s.inject('/documentation');
  const b = await s.inject('/swaggerui/swagger-ui.css');
  return [a.statusCode, b.statusCode];
};

const path = require('node:path');
const Piscina = require('piscina');
const p = new (Piscina.Piscina ?? Piscina)({
  filename: path.resolve(__dirname, 'piscina-worker-cjs.cjs'),
  maxThreads: 1,
  minThreads: 0,
});
exports.handler = async () => p.run({ a: 1, b: 2 });

const workerpool = require('workerpool');
exports.handler = async () => {
  const p = workerpool.pool(`${__dirname}/workerpool-worker.cjs`, { maxWorkers: 1 });
  const r = await p.exec('add', [1, 2]);
  await p.terminate();
  return r;
};

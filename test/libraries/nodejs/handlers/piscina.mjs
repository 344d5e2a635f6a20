import Piscina from 'piscina';

const p = new Piscina({
  filename: new URL('./piscina-worker.mjs', import.meta.url).href,
  maxThreads: 1,
  minThreads: 0,
});
export const handler = async () => p.run({ a: 1, b: 2 });

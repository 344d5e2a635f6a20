import { spawn, Thread, Worker } from 'threads';
export const handler = async () => {
  const add = await spawn(new Worker('./threads-worker-ts'));
  const r = await add(1, 2);
  await Thread.terminate(add);
  return r;
};

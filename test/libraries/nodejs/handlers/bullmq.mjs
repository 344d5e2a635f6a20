import { Queue } from 'bullmq';

export const handler = async () => {
  const queue = new Queue('x', { connection: { host: '127.0.0.1', port: 1, retryStrategy: () => null } });
  queue.on('error', () => {});
  return queue.waitUntilReady().then(
    () => 'connected',
    () => 'refused',
  );
};

import { createClient } from 'redis';

export const handler = async () => {
  const client = createClient({ url: 'redis://127.0.0.1:1', socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  return client.connect().then(
    () => 'connected',
    ({ code }) => (code === 'ECONNREFUSED' ? 'refused' : code),
  );
};

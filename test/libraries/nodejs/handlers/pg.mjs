import pg from 'pg';

export const handler = async () => {
  const client = new pg.Client({ host: '127.0.0.1', port: 1 });
  const answer = await client.connect().then(
    () => 'connected',
    ({ code }) => (code === 'ECONNREFUSED' ? 'refused' : code),
  );
  return [answer, client.escapeIdentifier('a"b')];
};

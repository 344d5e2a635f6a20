import mysql from 'mysql2/promise';

export const handler = async () => [
  mysql.escape("a'b"),
  await mysql.createConnection({ host: '127.0.0.1', port: 1 }).then(
    () => 'connected',
    ({ code }) => (code === 'ECONNREFUSED' ? 'refused' : code),
  ),
];

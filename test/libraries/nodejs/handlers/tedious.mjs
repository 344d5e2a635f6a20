import { Connection } from 'tedious';

export const handler = async () =>
  new Promise((done) => {
    const connection = new Connection({
      server: '127.0.0.1',
      options: { port: 1, connectTimeout: 500 },
      authentication: { type: 'default', options: { userName: 'x', password: 'x' } },
    });
    connection.connect((error) => done(error?.code ?? 'connected'));
  });

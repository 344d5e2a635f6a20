import pino from 'pino';
export const handler = async () =>
  new Promise((d, f) => {
    const t = pino.transport({
      target: 'pino-roll',
      options: { file: `/tmp/fxroll${process.pid}`, frequency: 'daily' },
    });
    t.on('ready', () => d('ready'));
    t.on('error', f);
  });

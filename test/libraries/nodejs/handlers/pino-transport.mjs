import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';

const destination = `/tmp/pino-${process.pid}`;
const transport = pino.transport({ target: 'pino/file', options: { destination } });
const log = pino({ base: null, timestamp: false }, transport);

export const handler = async () => {
  log.info('from a worker');
  for (let times = 0; times < 100; times++) {
    await wait(20);
    try {
      const text = readFileSync(destination, 'utf8').trim();
      if (text !== '') return text;
    } catch {}
  }
  return 'nothing written';
};

import { Writable } from 'node:stream';
import winston from 'winston';

export const handler = async () => {
  const lines = [];
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk).trim());
      done();
    },
  });
  winston.createLogger({ transports: [new winston.transports.Stream({ stream })] }).info('hi');
  return lines;
};

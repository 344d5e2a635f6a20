import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Bree from 'bree';
export const handler = async () =>
  new Promise((d, f) => {
    const b = new Bree({
      root: path.join(path.dirname(fileURLToPath(import.meta.url)), 'jobs'),
      logger: false,
      jobs: [{ name: 'job' }],
      workerMessageHandler: ({ message }) => d(message),
      errorHandler: f,
    });
    b.run('job').catch(f);
  });

// stub
import type { Runtime } from './runtime.ts';

const stub = (name: string): Runtime => ({
  name,
  async build() {
    return { built: [], problems: [] };
  },
});
export const prebuilt = stub('artifact');
export const bootstrap = stub('bootstrap');

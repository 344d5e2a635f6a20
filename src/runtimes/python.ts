// stub
import type { Runtime } from './runtime.ts';
export const python: Runtime = {
  name: 'python',
  async build() {
    return { built: [], problems: [] };
  },
};

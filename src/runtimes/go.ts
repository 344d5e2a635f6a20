// stub
import type { Runtime } from './runtime.ts';
export const go: Runtime = {
  name: 'go',
  async build() {
    return { built: [], problems: [] };
  },
};

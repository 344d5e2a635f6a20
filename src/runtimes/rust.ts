// stub
import type { Runtime } from './runtime.ts';
export const rust: Runtime = {
  name: 'rust',
  async build() {
    return { built: [], problems: [] };
  },
};

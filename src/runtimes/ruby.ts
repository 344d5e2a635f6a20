// stub
import type { Runtime } from './runtime.ts';
export const ruby: Runtime = {
  name: 'ruby',
  async build() {
    return { built: [], problems: [] };
  },
};

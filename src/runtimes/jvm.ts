// stub
import type { Runtime } from './runtime.ts';
export const jvm: Runtime = {
  name: 'jvm',
  async build() {
    return { built: [], problems: [] };
  },
};

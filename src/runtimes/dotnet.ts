// stub
import type { Runtime } from './runtime.ts';
export const dotnet: Runtime = {
  name: 'dotnet',
  async build() {
    return { built: [], problems: [] };
  },
};

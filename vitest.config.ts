import { defineConfig } from 'vitest/config';
import { suiteTime } from './src/local/fixture.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', NO_COLOR: '1', FX_LOCAL_TIME: suiteTime },
    globalSetup: ['test/support/build-once.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // files and tests in random order; the seed is printed, and `npm test -- --sequence.seed=<seed>` repeats it
    sequence: { shuffle: { files: true, tests: true } },
  },
});

import { defineConfig } from 'vitest/config';

// a deploy to the local AWS, and what it then does by itself, take some seconds
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } });

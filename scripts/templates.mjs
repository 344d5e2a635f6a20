// npm run templates: makes every template of fx init, deploys it to the local AWS and runs its tests, also those that CI leaves out
// because they take long to compile.
import { spawnSync } from 'node:child_process';
import './install.mjs';

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/templates.test.ts', '--reporter=verbose', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, FX_TEMPLATES: 'all' } },
);
process.exit(status ?? 1);

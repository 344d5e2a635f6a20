// npm test: installs what is missing, builds, and runs the suite. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import './install.mjs';

const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);

// `npm run faults`: test/faults with all cases, or with the share that FX_FAULTS says; writes docs/reliability.md.
import { spawnSync } from 'node:child_process';

const env = { ...process.env, FX_FAULTS: process.env.FX_FAULTS ?? '1' };
const { status } = spawnSync('npx', ['vitest', 'run', 'test/faults', ...process.argv.slice(2)], {
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

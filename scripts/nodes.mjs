// npm run nodes: the unit and command line tests under the other supported versions of Node.js, from the npm package `node`. With --sample,
// as CI does: those of what depends most on Node.js, more of them under 24, and a few of the commands.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import './install.mjs';

const versions = ['22', '24'];
const sample = process.argv.includes('--sample');
const words = process.argv.slice(2).filter((word) => word !== '--sample');

// the same under each Node.js: other toolchains
const otherToolchains = 'src/runtimes/{python/*,jvm*,go*,rust*,ruby*,other*,prebuilt*,bootstrap*}.test.ts';
const longest = 'test/cli/{prune-property,throttling}.test.ts';
const commands = {
  22: ['deploy', 'start-up'],
  24: ['deploy', 'dev', 'start-up'],
};
const dependent = {
  22: ['src/artifact', 'src/aws', 'src/base', 'src/local/wire', 'src/local/server.test.ts', 'src/session'],
  24: [
    'src/artifact',
    'src/aws',
    'src/base',
    'src/local/lambda',
    'src/local/s3',
    'src/local/wire',
    'src/local/server.test.ts',
    'src/runtimes/nodejs',
    'src/session',
    'src/stack',
  ],
};

for (const version of versions) {
  const home = resolve('.ci/node', version);
  const bin = resolve(home, 'node_modules/.bin');
  if (!existsSync(resolve(bin, 'node'))) {
    run('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`]);
  }
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
  const tests = !sample
    ? ['src', 'test/cli']
    : [...dependent[version], ...commands[version].map((name) => `test/cli/${name}.test.ts`)];
  process.stdout.write(`\nNode.js ${version}\n`);
  const report =
    process.env['CI'] === 'true' ? [`--outputFile.json=.ci/vitest-${version}.json`, '--reporter=json'] : [];
  const excluded = [otherToolchains, longest].flatMap((pattern) => ['--exclude', pattern]);
  run(
    resolve(bin, 'node'),
    ['scripts/test.mjs', ...tests, ...excluded, '--reporter=default', ...report, ...words],
    env,
  );
}

function run(program, args, env = process.env) {
  const { status } = spawnSync(program, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

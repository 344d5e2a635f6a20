// osls in the deploy benchmark: one service, each function packaged individually.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { names, writeHandler } from './deploy-source.mjs';
import { run } from './measure.mjs';

/** A function with a version is three resources, and a stack can have 500. */
const mostWithVersions = 160;

/** Installs it into the folder. Throws if npm cannot. */
export function oslsTool(folder, variables) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name": "osls-bench", "private": true}');
  const words = ['install', 'osls@4', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const bin = join(folder, 'node_modules/osls/bin/serverless.js');
  const env = { ...variables, SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' };
  const osls = (cwd, ...rest) => run(process.execPath, [bin, ...rest], { cwd, env });
  return {
    name: 'osls',
    write(place, service, count) {
      mkdirSync(place, { recursive: true });
      const functions = names(count).map(
        (name) => `  ${name}: { handler: ${name}.handler, package: { patterns: ['${name}.js'] } }\n`,
      );
      const versions = count > mostWithVersions ? ', versionFunctions: false' : '';
      writeFileSync(
        join(place, 'serverless.yml'),
        [
          `service: ${service}`,
          `provider: { name: aws, runtime: nodejs22.x, region: us-east-1, stage: bench${versions} }`,
          "package: { individually: true, patterns: ['!**'] }",
          `functions:\n${functions.join('')}`,
        ].join('\n'),
      );
      for (const name of names(count)) writeHandler(join(place, `${name}.js`), name, 'first');
      let first = '';
      return {
        change: (marker) => writeHandler(join(place, 'f0.js'), 'f0', marker),
        deploy: () => osls(place, 'deploy'),
        /** Outside of the measured time: a person who rolls back looks it up first. */
        async beforeRollback() {
          const { output } = await osls(place, 'deploy', 'list');
          [, first] = /Timestamp: (\d{13})/.exec(output) ?? [];
          if (first === undefined) throw new Error(`osls deploy list prints no timestamp:\n${output}`);
        },
        rollback: () => osls(place, 'rollback', '--timestamp', first),
        function: `${service}-bench-f0`,
        qualifier: undefined,
      };
    },
  };
}

// Packages one function by osls (the fork of the Serverless Framework that needs no login) with serverless-esbuild.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const versions = ['osls@4.3.1', 'serverless-esbuild@1.57.2', 'esbuild@0.28.2'];

/** The path of the zip, or what failed. */
export function packageByPeer(folder, handler, source) {
  const tools = join(folder, '..', 'peer');
  if (!existsSync(join(tools, 'node_modules/osls'))) {
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(tools, 'package.json'), '{"private": true}');
    const args = ['install', ...versions, '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', args, { cwd: tools, stdio: 'inherit' });
  }
  rmSync(join(folder, '.serverless'), { recursive: true, force: true });
  rmSync(join(folder, '.esbuild'), { recursive: true, force: true });
  // it takes .js and .ts only
  mkdirSync(join(folder, 'peer'), { recursive: true });
  cpSync(join(folder, 'handlers', source), join(folder, 'peer', `${handler}.ts`));
  const config = {
    service: 'libraries',
    provider: { name: 'aws', runtime: 'nodejs22.x', region: 'us-east-1' },
    package: { individually: true },
    plugins: { localPath: join(tools, 'node_modules'), modules: ['serverless-esbuild'] },
    // its defaults: a bundle in CommonJS
    custom: { esbuild: { platform: 'node' } },
    functions: { [handler]: { handler: `peer/${handler}.handler` } },
  };
  writeFileSync(join(folder, 'serverless.json'), JSON.stringify(config, null, 2));
  const result = spawnSync(process.execPath, [join(tools, 'node_modules/osls/bin/serverless.js'), 'package'], {
    cwd: folder,
    encoding: 'utf8',
    // it packages in 3 s, and after some errors it never ends
    timeout: 12_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, SLS_TELEMETRY_DISABLED: '1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
  });
  const zip = join(folder, '.serverless', `${handler}.zip`);
  if (result.status === 0 && existsSync(zip)) return { zip };
  const lines = (result.stdout + result.stderr).split('\n').map((line) => line.trim());
  return { failure: lines.find((line) => /error|Error/.test(line)) ?? lines.find((line) => line !== '') ?? 'no zip' };
}

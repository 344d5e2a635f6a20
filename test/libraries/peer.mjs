// Packages one function by osls (the fork of the Serverless Framework that needs no login), with serverless-esbuild or
// serverless-python-requirements.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const versions = ['osls@4.3.1', 'serverless-esbuild@1.57.2', 'esbuild@0.28.2', 'serverless-python-requirements@6.1.2'];

/** The folder with the tools, installed once. */
function toolsIn(folder) {
  const tools = join(folder, '..', 'peer');
  const mark = join(tools, 'installed');
  const wanted = versions.join('\n');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return tools;
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, 'package.json'), '{"private": true}');
  const args = ['install', ...versions, '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { cwd: tools, stdio: 'inherit' });
  writeFileSync(mark, wanted);
  return tools;
}

/** Runs `package` in a folder with a serverless.json. The path of the zip, or what failed. */
function packageIn(folder, { tools, name, timeout, variables = {} }) {
  const result = spawnSync(process.execPath, [join(tools, 'node_modules/osls/bin/serverless.js'), 'package'], {
    cwd: folder,
    encoding: 'utf8',
    // after some errors it never ends
    timeout,
    killSignal: 'SIGKILL',
    env: {
      ...process.env,
      SLS_TELEMETRY_DISABLED: '1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      ...variables,
    },
  });
  const zip = join(folder, '.serverless', `${name}.zip`);
  if (result.status === 0 && existsSync(zip)) return { zip };
  const lines = (result.stdout + result.stderr).split('\n').map((line) => line.trim());
  return { failure: lines.find((line) => /error|Error/.test(line)) ?? lines.find((line) => line !== '') ?? 'no zip' };
}

/** A function of Python in a folder with main.py and requirements.txt. */
export function packagePythonByPeer(folder, name, version) {
  const tools = toolsIn(folder);
  rmSync(join(folder, name, '.serverless'), { recursive: true, force: true });
  const config = {
    service: 'libraries',
    provider: { name: 'aws', runtime: `python${version}`, region: 'us-east-1' },
    plugins: { localPath: join(tools, 'node_modules'), modules: ['serverless-python-requirements'] },
    // without Docker, as its users without Docker set it
    custom: { pythonRequirements: { dockerizePip: false, useStaticCache: false, useDownloadCache: false } },
    package: { individually: true, patterns: ['!**', 'main.py'] },
    functions: { [name]: { handler: 'main.handler' } },
  };
  writeFileSync(join(folder, name, 'serverless.json'), JSON.stringify(config, null, 2));
  return packageIn(join(folder, name), { tools, name, timeout: 180_000 });
}

/** A function of Node.js: the path of the zip, or what failed. */
export function packageByPeer(folder, handler, source) {
  const tools = toolsIn(folder);
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
  // it packages in 3 s
  return packageIn(folder, { tools, name: handler, timeout: 12_000 });
}

// Secrets: the function reads them at a cold start, and they are stored nowhere else.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaClient, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { unpackZip } from '../../src/artifact/unpack.ts';
import { fx, type Run, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const canary = 'canary-4f1c9a77';

const project = `name: keeper
defaults:
  secrets:
    DB_URL: ssm:/keeper/\${env}/db-url
functions:
  module: {handler: src/module.handler, secrets: {KEY: "secretsmanager:keeper/key"}}
  common: {handler: src/common.run}
  python: {handler: main.handler, runtime: python3.12, source: py}
  absent: {handler: src/module.handler, secrets: {KEY: ssm:/keeper/nothing}}
`;
const files = {
  'project.yml': project,
  // available before the handler: at the top of the module
  'src/module.mts':
    'const atStart = process.env.DB_URL; export const handler = async () => ({ atStart, key: process.env.KEY });\n',
  'src/common.cjs': 'const atStart = process.env.DB_URL; exports.run = async () => ({ atStart });\n',
  'py/main.py':
    'import os\nAT_START = os.environ["DB_URL"]\ndef handler(event, context):\n    return {"atStart": AT_START}\n',
};

const textOf = ({ stdout, stderr }: Run) => stdout + stderr;

describe('a secret', () => {
  test("is in the function's environment when it loads, in every language, and in nothing that fx writes", async () => {
    const folder = await folderOf(files);
    stopAfter(folder);
    const { endpoint } = resultOf(await fx(folder, ['local', 'start', '--json'])) as { endpoint: string };
    const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } };
    const ssm = new SSMClient(client);
    await ssm.send(new PutParameterCommand({ Name: '/keeper/local/db-url', Value: canary, Type: 'SecureString' }));
    const manager = new SecretsManagerClient(client);
    await manager.send(new CreateSecretCommand({ Name: 'keeper/key', SecretString: `${canary}-key` }));

    const deployed = await fx(folder, ['deploy']);
    expect(deployed.exitCode, textOf(deployed)).toBe(0);
    expect(deployed.stderr).toContain('module was not loaded here: it reads secrets when it starts');
    const answer = async (name: string) => JSON.parse((await fx(folder, ['invoke', name])).stdout) as unknown;
    expect(await answer('module')).toEqual({ atStart: canary, key: `${canary}-key` });
    expect(await answer('common')).toEqual({ atStart: canary });
    expect(await answer('python')).toEqual({ atStart: canary });

    const absent = await fx(folder, ['invoke', 'absent']);
    expect(absent.exitCode).toBe(3);
    expect(textOf(absent)).toContain('fx: there is no parameter /keeper/nothing for the secret KEY');

    const shown = await Promise.all(
      [
        ['config'],
        ['config', '--origin'],
        ['plan'],
        ['releases', '--json'],
        ['info', '--json'],
        ['logs'],
        ['build', '--output', 'out'],
      ].map((words) => fx(folder, words)),
    );
    for (const run of [deployed, absent, ...shown]) expect(textOf(run)).not.toContain(canary);
    expect(shown[0]?.stdout).toContain('DB_URL: ssm:/keeper/local/db-url');
    for (const name of readdirSync(join(folder, 'out'))) {
      if (name.endsWith('.zip')) await unpackZip(join(folder, 'out', name), join(folder, 'out', `${name}.unpacked`));
    }
    for (const place of ['out', '.fx/cache']) {
      const grep = spawnSync('grep', ['-rl', canary, join(folder, place)], { encoding: 'utf8' });
      expect([grep.status, grep.stdout], place).toEqual([1, '']);
    }
    const lambda = new LambdaClient(client);
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'keeper-local-module' }));
    expect(JSON.stringify(Versions)).not.toContain(canary);
    expect(Versions?.[0]?.Environment?.Variables).toMatchObject({
      FX_SECRETS: '{"DB_URL":"/keeper/local/db-url","KEY":"/aws/reference/secretsmanager/keeper/key"}',
      FX_HANDLER: './src/module.mjs#handler',
    });
    for (const client of [ssm, manager, lambda]) client.destroy();
  });
});

// Container images with a real engine: built, pushed to the local AWS's registry, and run by its Lambda.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { realEngine } from './support/container-engine.ts';
import { fx, resultOf, stopAfter } from './support/fx.ts';
import { folderOf, writeFiles } from './support/project.ts';
import { reasonMissing } from './support/toolchain.ts';

const engine = realEngine();
const reason = typeof engine === 'string' ? reasonMissing(undefined, engine) : '';

describe.skipIf(typeof engine === 'string')(`an image${reason}`, () => {
  test('is built, pushed, run, updated and rolled back', { timeout: 240_000 }, async () => {
    if (typeof engine === 'string') return;
    const { variables, program } = engine;
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    const project = (version: string) => `name: real
defaults: {architecture: ${architecture}}
functions:
  orders:
    image: {build: {args: {VERSION: "${version}"}}}
    variables: {TABLE: "a \\"b\\" $c"}
  slow:
    image: {build: {args: {VERSION: "${version}"}}, entryPoint: [/bootstrap, first], command: [second]}
    timeout: 5
`;
    const folder = await folderOf({
      'project.yml': project('1'),
      Dockerfile: 'FROM scratch\nARG VERSION\nENV VERSION=$VERSION\nCOPY bootstrap /\nCMD ["/bootstrap", "one"]\n',
      '.dockerignore': '*\n!bootstrap\n',
    });
    copyFileSync(program, join(folder, 'bootstrap'));
    stopAfter(folder);
    const run = async (...words: string[]) => {
      const done = await fx(folder, words, { variables });
      expect(done.exitCode, done.stderr + done.stdout).toBe(0);
      return done;
    };
    const answer = async (name: string) => {
      const done = await run('invoke', name, '-d', '{"n":1}', '--json');
      return (resultOf(done) as { readonly payload: Record<string, unknown> }).payload;
    };
    expect((await run('deploy')).stderr).toContain('uploaded the image of orders, slow');
    const expected = { event: { n: 1 }, readOnly: true, tmp: true };
    expect(await answer('orders')).toEqual({ ...expected, argument: 'one', version: '1', table: 'a "b" $c' });
    expect(await answer('slow')).toEqual({ ...expected, argument: 'second', version: '1', table: '' });
    // the engine passes the container's output on in its own time, which may be after the end of the invocation
    const log = async () => (await run('logs', 'orders', '--since', '1h')).stdout;
    await expect.poll(log, { timeout: 20_000 }).toContain('from the container');
    expect(await log()).toMatch(/START.*END/s);

    await writeFiles(folder, { 'project.yml': project('2') });
    await run('deploy');
    expect(await answer('orders')).toMatchObject({ version: '2' });
    await run('rollback');
    expect(await answer('orders')).toMatchObject({ version: '1' });

    // a server that is killed cannot end its containers: the next one does
    const server = JSON.parse(readFileSync(join(folder, '.fx/local/server.json'), 'utf8')) as { readonly pid: number };
    const running = () => containers(variables).length;
    expect(running()).toBeGreaterThan(0);
    process.kill(server.pid, 'SIGKILL');
    expect(await answer('orders')).toMatchObject({ version: '1' });
    expect(running()).toBe(1);

    await run('local', 'stop');
    expect(containers(variables), 'no container outlives the local AWS').toEqual([]);
  });
});

function containers(variables: Readonly<Record<string, string>>): readonly string[] {
  const env = { ...process.env, ...variables };
  const args = ['ps', '--quiet', '--filter', 'name=fx-real-local-'];
  const { stdout } = spawnSync(String(variables['FX_CONTAINER_ENGINE']), args, { env, encoding: 'utf8' });
  return stdout.split('\n').filter((id) => id !== '');
}

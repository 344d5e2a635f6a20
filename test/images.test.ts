// How fx builds and pushes container images, against stand-ins for Docker and Podman; `images-engine.test.ts` has the real thing.
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { type FakeEngine, type FakeOptions, fakeEngine } from './support/fake-engine.ts';
import { fx, resultOf } from './support/fx.ts';
import { type Files, folderOf, handler, writeFiles } from './support/project.ts';
import { startRecordedAws } from './support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());

const staging = 'environments: {staging: {}}\n';
const one = (image: string, name = 'shop') => `name: ${name}\n${staging}functions:\n  orders: {image: ${image}}\n`;
const dockerfile = 'FROM scratch\nCOPY . /\n';

async function rig(files: Files, options: FakeOptions = {}) {
  const folder = await folderOf({ Dockerfile: dockerfile, ...files });
  const engine = await fakeEngine(options);
  const variables = { PATH: engine.folder };
  return {
    folder,
    engine,
    build: (...words: string[]) => fx(folder, ['build', ...words], { variables }),
    run: (...words: string[]) => aws.fx(folder, [...words, '--env', 'staging'], { variables }),
  };
}

const commands = (engine: FakeEngine) =>
  engine.calls().map(({ args }) => (args[0] === '--config' ? args.slice(2) : args).slice(0, 2).join(' '));
const buildCall = (engine: FakeEngine) => engine.calls().find(({ args }) => args.includes('build'));

describe('a build', () => {
  test('gives Docker the platform, no attestations, and exactly the files that .dockerignore leaves', async () => {
    const { engine, build } = await rig({
      'project.yml': one(
        '{build: {args: {VERSION: "3"}, target: prod, secrets: {npmrc: .npmrc, token: "env:TOKEN"}, cacheFrom: [type=gha], cacheTo: [type=gha], options: [--ssh=default]}}',
      ),
      '.dockerignore': '*.md\n!README.md\nsecret\n',
      'README.md': 'r',
      'NOTES.md': 'n',
      'secret/key': 'k',
      'src/app.js': 'a',
      '.git/HEAD': 'ref',
      'project.staging.yml': '{}',
    });
    const done = await build('--json');
    expect(done.exitCode, done.stderr).toBe(0);
    const call = buildCall(engine);
    const args = (call?.args ?? []).map((word) => word.replace(/^.*\/images\/[0-9a-f]{64}\//, ''));
    const key = (resultOf(done) as readonly { key: string }[])[0]?.key ?? '';
    expect(args).toEqual([
      ...['buildx', 'build', '--load', '--provenance=false', '--sbom=false', '--platform', 'linux/arm64'],
      ...['--tag', `fx/images:shop-${key}`, '--file', 'Dockerfile', '--label', 'fx.project=shop'],
      ...['--label', `fx.key=${key}`, '--target', 'prod', '--build-arg', 'VERSION=3'],
      ...['--secret', expect.stringMatching(/^id=npmrc,src=\/.*\/\.npmrc$/), '--secret', 'id=token,env=TOKEN'],
      ...['--cache-from', 'type=gha', '--cache-to', 'type=gha', '--ssh=default', 'context'],
    ]);
    expect(call?.context).toEqual(['.dockerignore', 'Dockerfile', 'README.md', 'src/app.js']);
    expect(resultOf(done)).toMatchObject([
      { functionName: 'orders', image: `fx/images:shop-${key}`, unzippedSize: 2_500_000 },
    ]);
  });

  test.each([
    ['the legacy builder, which knows no attestations', { buildx: false }, ['build', '--platform', 'linux/arm64']],
    [
      'Podman, in the format of Docker, where Docker is silent',
      { names: ['podman'] },
      ['build', '--format', 'docker', '--platform', 'linux/arm64'],
    ],
    [
      'Podman under the name of Docker',
      { names: ['docker'], banner: 'docker version 5.6.0' },
      ['build', '--format', 'docker', '--platform', 'linux/arm64'],
    ],
  ] as const)('uses %s', async (_, options, first) => {
    const { engine, build } = await rig({ 'project.yml': one('{build: .}') }, options);
    expect((await build()).exitCode).toBe(0);
    expect(buildCall(engine)?.args.slice(0, first.length)).toEqual(first);
  });

  test('takes the engine that FX_CONTAINER_ENGINE names', async () => {
    const { engine, folder } = await rig({ 'project.yml': one('{build: Dockerfile}') });
    const run = (name: string) =>
      fx(folder, ['build'], { variables: { PATH: engine.folder, FX_CONTAINER_ENGINE: name } });
    expect((await run('podman')).exitCode).toBe(0);
    expect(buildCall(engine)?.program).toBe('podman');
    expect((await run('lxc')).stderr).toMatch(
      /there is no container engine "lxc"\n.*FX_CONTAINER_ENGINE can be docker or podman/s,
    );
  });

  test('makes one image of equal builds, and none of what the engine has', async () => {
    const { engine, build } = await rig({
      'project.yml': `name: shop\nfunctions:
  a: {image: {build: Dockerfile}}
  b: {image: {build: {file: ./Dockerfile, context: .}, command: [b]}}
  c: {image: {build: Dockerfile}, architecture: x86_64}
  d: {image: {build: {args: {X: "1"}}}}
`,
    });
    const first = await build('--json');
    const keys = (resultOf(first) as readonly { key: string }[]).map(({ key }) => key);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
    expect(commands(engine).filter((words) => words === 'buildx build')).toHaveLength(3);
    const second = await build();
    expect(second.stderr.match(/unchanged/g)).toHaveLength(4);
    expect(new Set(commands(engine))).toEqual(new Set(['image inspect']));
  });

  test('is another image for another file or mode, and the same for other settings of the function', async () => {
    const { folder, build } = await rig({ 'project.yml': one('{build: .}'), 'a.txt': 'a' });
    const keyAfter = async (files: Files) => {
      await writeFiles(folder, files);
      return (resultOf(await build('--json')) as readonly { key: string }[])[0]?.key;
    };
    const before = await keyAfter({});
    expect(await keyAfter({ 'project.yml': `${one('{build: .}')}defaults: {memory: 1024}\n` })).toBe(before);
    expect(await keyAfter({ 'a.txt': 'b' })).not.toBe(before);
    expect(await keyAfter({ 'a.txt': 'a' })).toBe(before);
    chmodSync(join(folder, 'a.txt'), 0o755);
    expect(await keyAfter({})).not.toBe(before);
    chmodSync(join(folder, 'a.txt'), 0o600);
    expect(await keyAfter({})).toBe(before);
    expect(await keyAfter({ Dockerfile: `${dockerfile}# more\n` })).not.toBe(before);
  });

  test('runs between the hooks, since they may write what the image copies', async () => {
    const { engine, build } = await rig({
      'project.yml': `${one('{build: .}')}hooks: {build: /bin/sh -c "echo 1 > made.txt", clean: /bin/rm made.txt}\n`,
    });
    const done = await build();
    expect(done.exitCode, done.stderr).toBe(0);
    expect(buildCall(engine)?.context).toContain('made.txt');
  });

  test('leaves nothing in the project but the cache', async () => {
    const { folder, build } = await rig({ 'project.yml': one('{build: .}') });
    await build();
    expect(readdirSync(join(folder, '.fx/cache/images'))).toEqual([]);
    expect(existsSync(join(folder, 'Dockerfile'))).toBe(true);
  });
});

describe('what is wrong is said at its line', () => {
  test.each([
    [
      'neither engine is installed',
      { names: [] },
      /project\.yml:4:20 the image of "orders" cannot be built: neither Docker nor Podman is installed\n.*install one/s,
    ],
    [
      'the daemon is silent',
      { names: ['docker'], silent: 'Cannot connect to the Docker daemon. Is the docker daemon running?' },
      /project\.yml:4:20 .*the Docker daemon does not answer \(Cannot connect .* running\?\)\n.*start it, or install Podman/s,
    ],
    [
      'the base image is for another processor',
      { architecture: 'amd64' },
      /project\.yml:4:20 the image of "orders" is for amd64, the function for arm64/,
    ],
  ] as const)('%s', async (_, options, message) => {
    const { run } = await rig({ 'project.yml': one('{build: Dockerfile}') }, options);
    aws.calls();
    const done = await run('deploy');
    expect([done.exitCode, done.stdout]).toEqual([4, '']);
    expect(done.stderr).toMatch(message);
    const writes = aws.calls().filter(({ name }) => !/:(Get|BatchGet|Describe|List|Head)/.test(name));
    expect(writes, 'nothing is written before the images exist').toEqual([]);
  });

  test('the end of the output of a failed build', async () => {
    const { engine, build } = await rig({ 'project.yml': one('{build: Dockerfile}') });
    engine.failWith(`${'noise\n'.repeat(40)}ERROR: process "/bin/sh -c make" did not complete: exit code: 2`);
    const done = await build();
    expect(done.exitCode).toBe(4);
    expect(done.stderr).toMatch(/project\.yml:4:20 docker build of "orders" ended with 17/);
    expect(done.stderr).toContain('ERROR: process "/bin/sh -c make" did not complete: exit code: 2');
    engine.failWith('exec /bin/sh: exec format error');
    expect((await build()).stderr).toMatch(/this machine cannot run linux\/arm64/);
  });

  test.each([
    ['{build: images/Dockerfile}', /project\.yml:4:\d+ there is no Dockerfile images\/Dockerfile/],
    ['{build: src}', /project\.yml:4:\d+ there is no Dockerfile src\/Dockerfile/],
    ['{build: {context: nowhere}}', /project\.yml:4:\d+ there is no folder nowhere/],
    ['{command: [a]}', /an image needs `uri` or `build`/],
    [
      '{build: Dockerfile, uri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1"}',
      /project\.yml:4:19 an image has `uri` or `build`, not both/,
    ],
    ['{build: {platform: linux/arm64}}', /architecture/],
    ['{build: {buildArgs: {A: b}}}', /"buildArgs" is called `args` here/],
    ['{dockerfile: Dockerfile}', /write `dockerfile` under `build`/],
    ['{build: {secrets: {"a b": c}}}', /"a b" is not the id of a secret/],
  ])('%s', async (image, message) => {
    const { build } = await rig({ 'project.yml': one(image), 'src/a.js': '' });
    const done = await build();
    expect(done.exitCode).toBe(4);
    expect(done.stderr).toMatch(message);
  });
});

describe('a deploy', () => {
  test('pushes an image once, and finds it live without engine and ECR', async () => {
    const { engine, run, folder } = await rig({ 'project.yml': one('{build: .}', 'once'), 'a.txt': '1' });
    aws.calls();
    const first = await run('deploy');
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stderr).toMatch(/uploaded the image of orders, 2\.\d MB/);
    const made = engine.calls().map(({ args }) => args.filter((word) => !word.startsWith('/')).join(' '));
    expect(made.filter((words) => /^(--config )?(build|tag|push|login)/.test(words))).toEqual([
      expect.stringMatching(/^buildx version|^buildx build/),
      expect.stringMatching(/^--config login --username AWS --password-stdin 127\.0\.0\.1:\d+$/),
      expect.stringMatching(
        /^tag fx\/images:(once-[0-9a-f]{64}) 127\.0\.0\.1:\d+\/fx-bootstrap-imagerepository-\w+:\1$/,
      ),
      expect.stringMatching(/^--config push 127\.0\.0\.1:\d+\/fx-bootstrap-imagerepository-\w+:once-[0-9a-f]{64}$/),
    ]);
    const names = () => aws.calls().map(({ name }) => name);
    names();

    const same = await run('deploy');
    expect(same.stdout).toMatch(/Nothing to change/);
    expect((await run('plan')).stdout).toMatch(/Nothing to change/);
    expect(engine.calls()).toEqual([]);
    expect(names().filter((name) => name.startsWith('ecr:'))).toEqual([]);

    // only the template changes: the live image is in the repository
    await writeFiles(folder, { 'project.yml': `${one('{build: .}', 'once')}defaults: {memory: 256}\n` });
    expect((await run('deploy')).exitCode).toBe(0);
    expect(engine.calls()).toEqual([]);
    expect(names().filter((name) => name.startsWith('ecr:'))).toEqual([]);

    // another machine: the engine has no image, but the repository does
    await writeFiles(folder, { 'a.txt': '2' });
    expect((await run('deploy')).exitCode).toBe(0);
    await writeFiles(folder, { 'a.txt': '1' });
    engine.calls();
    names();
    const back = await run('deploy');
    expect(back.exitCode, back.stderr).toBe(0);
    expect(engine.calls()).toEqual([]);
    expect(names().filter((name) => name.startsWith('ecr:'))).toEqual(['ecr:BatchGetImage']);
  });

  test('a rollback needs neither the source nor an engine', async () => {
    const { engine, run, folder } = await rig({ 'project.yml': one('{build: .}', 'back'), 'a.txt': '1' });
    const imageOf = async () => {
      const cloud = await aws.local.cloud();
      const { Code } = await cloud.call('lambda', 'GetFunction', {
        FunctionName: 'back-staging-orders',
        Qualifier: 'live',
      });
      return Code;
    };
    expect((await run('deploy')).exitCode).toBe(0);
    const first = await imageOf();
    await writeFiles(folder, { 'a.txt': '2' });
    expect((await run('deploy')).exitCode).toBe(0);
    expect(await imageOf()).not.toEqual(first);
    engine.calls();
    const elsewhere = await folderOf({ 'project.yml': one('{build: .}', 'back') });
    const done = await aws.fx(elsewhere, ['rollback', '--env', 'staging'], { variables: { PATH: '/nowhere' } });
    expect(done.exitCode, done.stderr).toBe(0);
    expect(await imageOf()).toEqual(first);
    expect(engine.calls()).toEqual([]);
  });

  test('a rollback of one function restores its image', async () => {
    const two = `name: part\n${staging}functions:\n  a: {image: {build: .}}\n  b: {image: {build: {args: {B: "1"}}}}\n`;
    const { run, folder } = await rig({ 'project.yml': two, 'a.txt': '1' });
    const images = async () => {
      const cloud = await aws.local.cloud();
      const uris = ['a', 'b'].map(async (name) => {
        const FunctionName = `part-staging-${name}`;
        return (await cloud.call('lambda', 'GetFunction', { FunctionName, Qualifier: 'live' })).Code?.ImageUri;
      });
      return Promise.all(uris);
    };
    expect((await run('deploy')).exitCode).toBe(0);
    const first = await images();
    await writeFiles(folder, { 'a.txt': '2' });
    expect((await run('deploy')).exitCode).toBe(0);
    const second = await images();
    const done = await run('rollback', 'a');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(await images()).toEqual([first[0], second[1]]);
  });

  test.each([
    ['docker', ['--config']],
    ['podman', ['--authfile', '--tls-verify=false']],
  ] as const)('%s gets the password by its input, in a configuration of its own', async (name, flags) => {
    const { engine, run, folder } = await rig(
      {
        'project.yml': one('{build: .}', `login-${name}`),
        '.docker/config.json': '{"auths":{"x":{}},"credsStore":"desktop","currentContext":"colima"}',
      },
      { names: [name] },
    );
    const done = await run('deploy');
    expect(done.exitCode, done.stderr).toBe(0);
    const calls = engine.calls();
    const login = calls.find(({ args }) => args.includes('login'));
    expect(login?.args).toEqual(expect.arrayContaining([...flags, '--username', 'AWS', '--password-stdin']));
    const password = login?.input ?? '';
    expect(password).toMatch(/^\S{20,}$/);
    expect(JSON.stringify(calls.map(({ args }) => args)) + done.stdout + done.stderr).not.toContain(password);
    const at = login?.args ?? [];
    const place = at[at.indexOf(name === 'docker' ? '--config' : '--authfile') + 1] ?? '';
    expect([place.startsWith(tmpdir()), existsSync(place)]).toEqual([true, false]);
    // what chooses the daemon stays; the logins and the helper that would keep this one do not
    if (name === 'docker')
      expect(JSON.parse(login?.config ?? '')).toEqual({
        currentContext: 'colima',
        auths: { [login?.args.at(-1) ?? '']: {} },
      });
    expect(readFileSync(join(folder, '.docker/config.json'), 'utf8')).toContain('credsStore');
  });

  test('adds the repository to an older bootstrap stack, only for an image', async () => {
    const empty = await startRecordedAws();
    onTestFinished(() => empty.stop());
    const { engine, folder } = await rig({
      'project.yml': `name: old\n${staging}functions: {a: {handler: a.handler}}\n`,
      'a.ts': handler,
    });
    const deploy = () => empty.fx(folder, ['deploy', '--env', 'staging'], { variables: { PATH: engine.folder } });
    expect((await deploy()).exitCode).toBe(0);
    expect(empty.calls().filter(({ name }) => name.startsWith('ecr:'))).toEqual([]);
    const cloud = await empty.local.cloud();
    const outputs = async () => {
      const { Stacks } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: 'fx-bootstrap' });
      return Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map((o) => [o.OutputKey, o.OutputValue]));
    };
    const before = await outputs();
    expect(Object.keys(before)).toEqual(['ArtifactBucket']);
    await writeFiles(folder, { 'project.yml': one('{build: Dockerfile}', 'old') });
    const done = await deploy();
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stderr).toContain('Creating the repository of container images of this account and region (once)');
    const after = await outputs();
    expect(after).toEqual({ ...before, ImageRepository: expect.stringMatching(/^fx-bootstrap-imagerepository-/) });
    const { repositories } = await cloud.call('ecr', 'DescribeRepositories', {});
    expect(repositories).toMatchObject([{ repositoryName: after['ImageRepository'], imageTagMutability: 'IMMUTABLE' }]);
  });

  test('the last removal deletes the images of the project, and no other', async () => {
    const { run } = await rig({ 'project.yml': one('{build: .}', 'gone') });
    const other = await rig({ 'project.yml': one('{build: .}', 'gone-too') });
    expect((await run('deploy')).exitCode).toBe(0);
    expect((await other.run('deploy')).exitCode).toBe(0);
    const tags = async () => {
      const cloud = await aws.local.cloud();
      const { repositories: [repository] = [] } = await cloud.call('ecr', 'DescribeRepositories', {});
      const { imageIds = [] } = await cloud.call('ecr', 'ListImages', { repositoryName: repository?.repositoryName });
      return imageIds.map(({ imageTag }) => imageTag?.replace(/-[0-9a-f]{64}$/, ''));
    };
    expect(await tags()).toEqual(expect.arrayContaining(['gone', 'gone-too']));
    const done = await run('remove', '--yes');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(await tags()).not.toContain('gone');
    expect(await tags()).toContain('gone-too');
  });
});

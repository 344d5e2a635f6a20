// The site: its files go with releases, however a change ends, and nothing of them is uploaded twice.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { clock, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());

const project = (name: string, site = 'folder: public') =>
  `name: ${name}\nenvironments: {staging: {}, prod: {}, far: {region: eu-west-1}}\nsite: {${site}}\n`;
const page = (text: string) => `<h1>${text}</h1>`;

interface Deployed {
  readonly changed: boolean;
  readonly release: number;
  readonly outputs: Readonly<Record<string, string>>;
}
const run = (folder: string, ...words: string[]) =>
  aws.fx(folder, [...words, ...(words.includes('--env') ? [] : ['--env', 'staging'])]);
const deploy = async (folder: string, ...words: string[]) =>
  resultOf(await run(folder, 'deploy', '--json', ...words)) as Deployed;

async function deployed(name: string, files: Readonly<Record<string, string>> = {}) {
  const folder = await folderOf({
    'project.yml': project(name),
    'public/index.html': page('one'),
    'public/app-1a2b3c4d.js': 'one()',
    ...files,
  });
  const { outputs } = await deploy(folder);
  return { folder, url: outputs['SiteUrl'] ?? '', bucket: outputs['SiteBucket'] ?? '' };
}
async function get(url: string, path = '/') {
  const response = await fetch(`${url}${path}`);
  return [response.status, await response.text()];
}
const keysIn = async (Bucket: string) => {
  const { Contents = [] } = await (await aws.local.cloud()).call('s3', 'ListObjectsV2', { Bucket });
  return Contents.map(({ Key }) => Key);
};
/** The calls that write files: several are under way at once, but pages only after all others. */
const writes = () => {
  const all = writesInOrder();
  const isPage = (call: string) => call.startsWith('copy') && call.endsWith('.html');
  const first = all.findIndex(isPage);
  expect(all.slice(Math.max(first, 0)).filter((call) => call.startsWith('copy') && !isPage(call))).toEqual([]);
  return all.sort();
};
const writesInOrder = () =>
  aws.calls().flatMap(({ name, input }) => {
    if (name === 's3:CopyObject') return [`copy ${input['Key']}`];
    if (name === 's3:PutObject' && String(input['Key']).includes('/site/files/')) return ['upload'];
    if (name !== 'cloudfront:CreateInvalidation') return [];
    const { Paths } = input['InvalidationBatch'] as { readonly Paths: { readonly Items: readonly string[] } };
    return [`invalidate ${Paths.Items.join(' ')}`];
  });

describe('a deploy', () => {
  test('uploads only new content, pages last, and deletes what is gone one release later', async () => {
    aws.calls();
    const { folder, url, bucket } = await deployed('parts', {
      'public/old.txt': 'old',
      'public/docs/index.html': page('docs'),
    });
    expect(writes()).toEqual([
      'copy app-1a2b3c4d.js',
      'copy docs/index.html',
      'copy index.html',
      'copy old.txt',
      'invalidate /*',
      'upload',
      'upload',
      'upload',
      'upload',
    ]);
    expect(await get(url)).toEqual([200, page('one')]);
    expect(await get(url, '/docs')).toEqual([200, page('docs')]);
    expect(await get(url, '/none.txt')).toEqual([404, expect.any(String)]);

    await rm(join(folder, 'public/old.txt'));
    await rm(join(folder, 'public/app-1a2b3c4d.js'));
    await writeFiles(folder, {
      'public/index.html': page('two'),
      'public/app-5e6f7a8b.js': 'one()',
      'public/a b.txt': 'é',
    });
    expect((await run(folder, 'plan')).stdout).toContain('The files of the site change.');
    aws.calls();
    expect(await deploy(folder)).toMatchObject({ changed: true, release: 2 });
    // the script has another name only
    expect(writes()).toEqual([
      'copy a b.txt',
      'copy app-5e6f7a8b.js',
      'copy index.html',
      'invalidate /a%20b.txt /app-1a2b3c4d.js /app-5e6f7a8b.js /index.html /old.txt',
      'upload',
      'upload',
    ]);
    expect(await get(url)).toEqual([200, page('two')]);
    expect(await get(url, '/a%20b.txt')).toEqual([200, 'é']);
    // a page that is still open asks for it
    expect(await get(url, '/app-1a2b3c4d.js')).toEqual([200, 'one()']);

    expect(await deploy(folder)).toMatchObject({ changed: false, release: 2 });
    expect(writes()).toEqual([]);
    await writeFiles(folder, { 'public/index.html': page('three') });
    await deploy(folder);
    expect(await keysIn(bucket)).toEqual(['a b.txt', 'app-5e6f7a8b.js', 'docs/index.html', 'index.html']);
    expect((await run(folder, 'remove', '--yes')).exitCode).toBe(0);
  });

  test('gives each file its type and how long it may be kept', async () => {
    const { folder, url } = await deployed('types', {
      'public/img/x.svg': '<svg/>',
      'public/feed.json': '{}',
      'public/.hidden': 'x',
      'public/.well-known/a.txt': 'x',
    });
    const headersOf = async (path: string) => {
      const { headers } = await fetch(`${url}${path}`);
      return [headers.get('content-type'), headers.get('cache-control')];
    };
    expect(await headersOf('/')).toEqual(['text/html; charset=utf-8', 'no-cache']);
    expect(await headersOf('/app-1a2b3c4d.js')).toEqual([
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(await headersOf('/feed.json')).toEqual([
      'application/json; charset=utf-8',
      'public, max-age=0, must-revalidate',
    ]);
    expect((await get(url, '/.hidden'))[0]).toBe(404);
    expect((await get(url, '/.well-known/a.txt'))[0]).toBe(200);
    await writeFiles(folder, {
      'project.yml': project(
        'types',
        'folder: public, cache: {"/img/*": max-age=60}, headers: {X-Shop: "1", x-frame-options: deny}',
      ),
    });
    await deploy(folder);
    expect(await headersOf('/img/x.svg')).toEqual(['image/svg+xml', 'max-age=60']);
    const { headers } = await fetch(url);
    expect([headers.get('x-shop'), headers.get('x-frame-options')]).toEqual(['1', 'DENY']);
  });

  test('that was killed among the files is finished by the next, and undone by a rollback', async () => {
    const { folder, url } = await deployed('killed');
    const change = async (text: string) => {
      await writeFiles(folder, { 'public/index.html': page(text), 'public/app-1a2b3c4d.js': `${text}()` });
      const copied = aws.called('s3:CopyObject');
      const running = aws.startFx(folder, ['deploy', '--env', 'staging']);
      await copied;
      running.kill();
      await running.ended;
    };
    await change('two');
    await deploy(folder);
    expect([await get(url), await get(url, '/app-1a2b3c4d.js')]).toEqual([
      [200, page('two')],
      [200, 'two()'],
    ]);
    expect(await deploy(folder)).toMatchObject({ changed: false });
    await change('three');
    expect((await run(folder, 'rollback')).exitCode).toBe(0);
    expect([await get(url), await get(url, '/app-1a2b3c4d.js')]).toEqual([
      [200, page('two')],
      [200, 'two()'],
    ]);
  });

  test.each([
    ['folder: none', 'there is no folder "none"'],
    ['folder: public, index: home.html', '"public" has no home.html'],
    ['folder: .', 'must be below project.yml'],
    ['folder: public, api: /api', 'no function has an http event'],
    ['folder: public, spa: true, notFound: 404.html', 'notFound never would'],
    ['folder: public, domain: {name: www.example.com}', 'needs a certificate, or a zone'],
    [
      'folder: public, domain: {name: www.example.com, certificate: "arn:aws:acm:eu-west-1:1:certificate/a"}',
      'certificates of us-east-1 only',
    ],
    ['folder: public, headers: {x-frame-options: maybe}', 'expected DENY or SAMEORIGIN'],
  ])('with %s is refused before anything is written', async (site, message) => {
    const folder = await folderOf({ 'project.yml': project('wrong', site), 'public/index.html': page('one') });
    aws.calls();
    expect((await run(folder, 'deploy')).stderr).toContain(message);
    expect(aws.calls().filter(({ name }) => /Put|Create/.test(name))).toEqual([]);
  });

  test('elsewhere than in us-east-1 needs a certificate from there', async () => {
    const site = 'folder: public, domain: {name: www.example.com, zone: Z0123456789ABCDEFGHIJ}';
    const folder = await folderOf({ 'project.yml': project('far', site), 'public/index.html': page('one') });
    expect((await run(folder, 'deploy', '--env', 'far')).stderr).toContain(
      'www.example.com needs a certificate in us-east-1, and a stack in eu-west-1 cannot make it there',
    );
  });
});

test('a rollback brings the files of its release back, without the source', async () => {
  const { folder, url } = await deployed('back', { 'public/only-one.txt': '1' });
  for (const text of ['two', 'three']) {
    await rm(join(folder, 'public'), { recursive: true });
    await writeFiles(folder, { 'public/index.html': page(text) });
    await deploy(folder);
  }
  expect((await get(url, '/only-one.txt'))[0]).toBe(404);
  await rm(join(folder, 'public'), { recursive: true });
  expect((await run(folder, 'rollback', '1')).exitCode).toBe(0);
  expect([await get(url), await get(url, '/only-one.txt')]).toEqual([
    [200, page('one')],
    [200, '1'],
  ]);
});

test('a promotion takes the files along, to another region too', async () => {
  const { folder } = await deployed('along');
  await rm(join(folder, 'public'), { recursive: true });
  for (const environment of ['prod', 'far']) {
    const promoted = resultOf(await aws.fx(folder, ['promote', 'staging', environment, '--yes', '--json'])) as Deployed;
    expect(await get(promoted.outputs['SiteUrl'] ?? '')).toEqual([200, page('one')]);
  }
});

test('a saved plan needs the files in the bucket', async () => {
  const { folder } = await deployed('saved');
  await writeFiles(folder, { 'public/index.html': page('two') });
  expect((await run(folder, 'plan', '-o', 'saved.plan')).stderr).toContain('a plan cannot contain them');
});

test('a function at the edge is released with its distribution, and taken back with it, alone too', async () => {
  const marked = (mark: string) =>
    `export const handler = async ({ Records: [{ cf }] }) => { cf.response.headers['x-mark'] = [{ value: '${mark}' }]; return cf.response; };\n`;
  const folder = await folderOf({
    'project.yml':
      'name: edge\nregion: us-east-1\nenvironments: {staging: {}}\nsite: {folder: public}\nfunctions:\n' +
      '  mark: {handler: mark.handler, architecture: x86_64, timeout: 30, events: [{edge: origin-response}]}\n',
    'public/index.html': page('one'),
    'mark.mjs': marked('one'),
  });
  const { outputs } = await deploy(folder);
  const mark = async () => (await fetch(outputs['SiteUrl'] ?? '')).headers.get('x-mark');
  expect(await mark()).toBe('one');
  await writeFiles(folder, { 'mark.mjs': marked('two') });
  const refused = await run(folder, 'deploy', '--code-only');
  expect(refused.stderr).toContain('CloudFront calls a version of "mark", which its distribution names');
  expect(refused.exitCode).toBe(4);
  await deploy(folder);
  expect(await mark()).toBe('two');
  expect((await run(folder, 'rollback', 'mark')).exitCode).toBe(0);
  expect(await mark()).toBe('one');
  expect((await run(folder, 'rollback', '2')).exitCode).toBe(0);
  expect(await mark()).toBe('two');
});

test('a site that is taken out of project.yml leaves no bucket, and a rollback brings it back', async () => {
  const { folder, bucket } = await deployed('gone');
  await writeFiles(folder, {
    'project.yml':
      'name: gone\nenvironments: {staging: {}}\nresources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}\n',
  });
  await deploy(folder, '--allow-replace', 'SiteBucket');
  const buckets = async () => {
    const { Buckets = [] } = await (await aws.local.cloud()).call('s3', 'ListBuckets', {});
    return Buckets.map(({ Name }) => Name);
  };
  expect(await buckets()).not.toContain(bucket);
  expect((await run(folder, 'rollback')).exitCode).toBe(0);
  const { SiteUrl = '' } = ((await resultOf(await run(folder, 'info', '--json'))) as Deployed).outputs;
  expect(await get(SiteUrl)).toEqual([200, page('one')]);
});

test('fx prune deletes the files that only dropped releases had', async () => {
  const { folder, url } = await deployed('swept', { 'public/one.txt': '1' });
  const text = `keep: 2\n${project('swept')}`;
  for (const name of ['two', 'three', 'four']) {
    await rm(join(folder, 'public/one.txt'), { force: true });
    await writeFiles(folder, { 'project.yml': text, 'public/index.html': page(name) });
    await deploy(folder);
  }
  const { Stacks = [] } = await (await aws.local.cloud()).call('cloudformation', 'DescribeStacks', {
    StackName: 'fx-bootstrap',
  });
  const artifacts = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'ArtifactBucket')?.OutputValue ?? '';
  const stored = async () => (await keysIn(artifacts)).filter((key = '') => key.startsWith('swept/site/')).length;
  // five files, and a manifest for each of four releases
  expect(await stored()).toBe(6 + 4);
  await clock.advance(2 * 3_600_000);
  expect((await run(folder, 'prune')).exitCode).toBe(0);
  // of three and four: a page each, and the script
  expect(await stored()).toBe(3 + 2);
  expect((await run(folder, 'rollback')).exitCode).toBe(0);
  expect(await get(url)).toEqual([200, page('three')]);
});

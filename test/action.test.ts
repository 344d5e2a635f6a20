// The GitHub Action, against a GitHub that only has comments.
import { spawn } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { packageFolder } from '../src/base/packaged.ts';
import { suiteTime } from '../src/local/fixture.ts';
import { stopAfter } from './support/fx.ts';
import { folderOf, writeFiles } from './support/project.ts';

interface Comment {
  readonly id: number;
  body: string;
}

async function startGitHub(comments: Comment[], status = 200) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    calls.push(`${request.method} ${request.url}`);
    const text = Buffer.concat(chunks).toString('utf8');
    const { body = '' } = (text === '' ? {} : JSON.parse(text)) as { readonly body?: string };
    if (request.method === 'POST') comments.push({ id: comments.length + 1, body });
    if (request.method === 'PATCH') {
      const found = comments.find(({ id }) => request.url?.endsWith(`/comments/${id}`));
      if (found !== undefined) found.body = body;
    }
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 1);
    response
      .writeHead(status)
      .end(JSON.stringify(request.method === 'GET' ? comments.slice((page - 1) * 100, page * 100) : {}));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

async function project() {
  const folder = await folderOf({
    'project.yml': 'name: shop\nfunctions: {hello: {handler: a.handler}}\n',
    'a.ts': 'export const handler = async () => 1;\n',
    'event.json': JSON.stringify({ pull_request: { number: 12 } }),
  });
  stopAfter(folder);
  await mkdir(join(folder, 'node_modules'));
  symlinkSync(packageFolder(), join(folder, 'node_modules/fx-serverless'), 'junction');
  return folder;
}

async function act(folder: string, variables: Readonly<Record<string, string>>) {
  const run = spawn(process.execPath, [join(packageFolder(), 'action/plan.mjs')], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      FX_LOCAL_TIME: suiteTime,
      FX_PLAN_TOKEN: 'secret',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      ...variables,
    },
  });
  let errors = '';
  run.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const code = await new Promise((done) => run.once('close', done));
  return { code, errors };
}

test('a plan is one comment, which follows the pull request', async () => {
  const folder = await project();
  const others = Array.from({ length: 100 }, (_, index) => ({ id: 1000 + index, body: 'looks good' }));
  const comments: Comment[] = [...others];
  const { url, calls } = await startGitHub(comments);
  const first = await act(folder, { GITHUB_API_URL: url });
  expect(first.code, first.errors).toBe(0);
  expect(comments).toHaveLength(101);
  expect(comments.at(-1)?.body).toMatch(/^<!-- fx plan local \. -->\n[\s\S]*hello/);
  expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('changed=true\n');
  expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('hello');
  // nothing new: nothing written
  await act(folder, { GITHUB_API_URL: url });
  expect(calls.filter((call) => !call.startsWith('GET'))).toEqual(['POST /repos/acme/shop/issues/12/comments']);
  await writeFiles(folder, { 'project.yml': 'name: shop\nfunctions: {greeting: {handler: a.handler}}\n' });
  await act(folder, { GITHUB_API_URL: url });
  expect(comments).toHaveLength(101);
  expect(comments.at(-1)?.body).toContain('greeting');
});

test('without a pull request, or if it is not wanted, it only plans', async () => {
  const folder = await project();
  const { url, calls } = await startGitHub([]);
  expect((await act(folder, { GITHUB_API_URL: url, FX_PLAN_COMMENT: 'false' })).code).toBe(0);
  await writeFiles(folder, { 'event.json': '{"ref": "refs/heads/main"}' });
  expect((await act(folder, { GITHUB_API_URL: url })).code).toBe(0);
  expect(calls).toEqual([]);
});

test('what fails is said', async () => {
  const folder = await project();
  const { url } = await startGitHub([], 403);
  expect(await act(folder, { GITHUB_API_URL: url })).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/with 403[\s\S]*pull-requests: write/),
  });
  await writeFiles(folder, { 'project.yml': 'name: shop\nwrong: 1\n' });
  expect(await act(folder, { GITHUB_API_URL: url })).toMatchObject({
    code: 4,
    errors: expect.stringContaining('PROJECT_INVALID'),
  });
});

test('action.yml hands every input to the script', () => {
  const { inputs, runs } = parse(readFileSync(join(packageFolder(), 'action.yml'), 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly description: string }>>;
    readonly runs: { readonly steps: readonly { readonly env: Readonly<Record<string, string>> }[] };
  };
  const handed = Object.values(runs.steps[0]?.env ?? {}).join(' ');
  for (const name of Object.keys(inputs)) expect(handed).toContain(`inputs.${name} `);
  const script = readFileSync(join(packageFolder(), 'action/plan.mjs'), 'utf8');
  for (const name of Object.keys(runs.steps[0]?.env ?? {})) expect(script).toContain(name);
});

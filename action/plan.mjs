// The GitHub Action: runs fx plan in the project, shows it in the summary of the job, and keeps one comment of the pull request up to date.
// https://docs.github.com/en/actions/reference/workflows-and-actions/variables has the variables that GitHub sets.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const {
  FX_PLAN_ENVIRONMENT: environment = 'local',
  FX_PLAN_FOLDER: folder = '.',
  FX_PLAN_ARGUMENTS: more = '',
  FX_PLAN_COMMENT: wantsComment = 'true',
  FX_PLAN_TOKEN: token = '',
  GITHUB_API_URL: api = '',
  GITHUB_REPOSITORY: repository = '',
  GITHUB_EVENT_PATH: eventPath = '',
  GITHUB_OUTPUT: outputFile,
  GITHUB_STEP_SUMMARY: summaryFile,
} = process.env;

const changes = 2;
/** In the comment, so that the next run finds it. */
const marker = `<!-- fx plan ${environment} ${folder} -->`;

const { status, text } = plan();
if (summaryFile !== undefined) appendFileSync(summaryFile, `${text}\n`);
if (status !== 0 && status !== changes) process.exit(status);
if (outputFile !== undefined) appendFileSync(outputFile, `changed=${status === changes}\n`);
const number = pullRequest();
if (wantsComment === 'true' && number !== undefined) await comment(number, `${marker}\n${text}`);

/** fx of the project, or else of the path. Its errors go to the log of the job as they are. */
function plan() {
  const own = join(resolve(folder), 'node_modules', 'fx-serverless', 'dist', 'bin.js');
  const words = ['plan', '--env', environment, '--markdown', '--exit-code', ...more.split(/\s+/).filter(Boolean)];
  const [program, args] = existsSync(own) ? [process.execPath, [own, ...words]] : ['fx', words];
  const run = spawnSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (run.error !== undefined) {
    process.stderr.write(
      `fx did not run: ${run.error.message}. Install fx-serverless in ${folder}, with npm ci, before this step.\n`,
    );
    process.exit(1);
  }
  return { status: run.status ?? 1, text: run.stdout };
}

/** Undefined for an event of something else. */
function pullRequest() {
  if (!existsSync(eventPath)) return undefined;
  return JSON.parse(readFileSync(eventPath, 'utf8')).pull_request?.number;
}

async function comment(issue, body) {
  const path = `/repos/${repository}/issues/${issue}/comments`;
  const before = await find(path);
  if (before === undefined) await call('POST', path, { body });
  else if (before.body !== body) await call('PATCH', `/repos/${repository}/issues/comments/${before.id}`, { body });
}

async function find(path) {
  for (let page = 1; ; page++) {
    const comments = await call('GET', `${path}?per_page=100&page=${page}`);
    const found = comments.find(({ body = '' }) => body.startsWith(marker));
    if (found !== undefined || comments.length < 100) return found;
  }
}

async function call(method, path, content) {
  const response = await fetch(api + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
    },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
  if (response.ok) return response.json();
  process.stderr.write(
    `GitHub answered ${method} ${path} with ${response.status}: ${await response.text()}\nThe job needs permissions: { pull-requests: write }, or comment: false.\n`,
  );
  return process.exit(1);
}

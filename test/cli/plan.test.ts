// What fx plan shows, in each of its forms; and plans that are saved, reviewed, and deployed as they are.
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

/** In the environment staging. The deploy of a plan needs no name. */
function run(folder: string, ...words: string[]): Promise<Run> {
  const isNamed = words.includes('--env') || (words.includes('deploy') && words.includes('plan.fx'));
  return aws.fx(folder, isNamed ? words : [...words, '--env', 'staging']);
}
async function succeeded(folder: string, ...words: string[]): Promise<string> {
  const done = await run(folder, ...words);
  expect([done.exitCode, done.stderr]).toEqual([0, expect.any(String)]);
  return done.stdout;
}
const isWrite = ({ name }: { readonly name: string }) => !/:(Get|Describe|List|Head|BatchGet)/.test(name);
const written = () => aws.calls().flatMap((call) => (isWrite(call) ? [call.name] : []));
const head = (name: string) => `name: ${name}\nenvironments: {staging: {}, prod: {}}\n`;

const older = (name: string) => `${head(name)}functions:
  hello:
    handler: a.handler
    memory: 512
    variables: {LEVEL: info, API_KEY: first}
    events:
      - http: GET /hello
  old: {handler: a.handler}
resources:
  Orders: {Type: "AWS::SQS::Queue"}
`;
const newer = (name: string) => `${head(name)}functions:
  hello:
    handler: a.handler
    memory: 1024
    include: [b.txt]
    variables: {LEVEL: debug, API_KEY: second}
    url: NONE
    permissions: ["dynamodb:GetItem,PutItem on *"]
    events:
      - http: GET /hello
      - http: POST /hello
`;

/** Deployed as the older file says, and edited to the newer one. */
async function edited(name: string): Promise<string> {
  const folder = await folderOf({ 'project.yml': older(name), 'a.js': answers('one') });
  await succeeded(folder, 'deploy');
  await writeFiles(folder, { 'project.yml': newer(name), 'a.js': answers('two, which is longer'), 'b.txt': 'b' });
  return folder;
}

describe('a plan', () => {
  test('shows by function what changes, from what to what and at which line, the code, and what is dangerous', async () => {
    const folder = await edited('shown');
    aws.calls();
    const { exitCode, stdout } = await run(folder, 'plan', '--exit-code');
    expect(exitCode).toBe(2);
    expect(written()).toEqual([]);
    for (const pattern of [
      /^Data loss\n {2}- Orders {2}AWS::SQS::Queue {2}its data will be deleted\n {6}fx deploy refuses this without --allow-replace Orders$/m,
      /^Public\n {2}! HelloUrl {2}anyone may call the function URL +project\.yml:9:5\n {2}! HttpRoutePostHello {2}anyone may call POST \/hello: it has no authorizer +project\.yml:13:9$/m,
      /^Permissions widened\n {2}! HelloRole {2}dynamodb:GetItem, dynamodb:PutItem on \* +project\.yml:4:3$/m,
      /^hello\n {2}~ code {2}\d+ B → \d+ B\n {6}~ a\.mjs {2}\d+ B → \d+ B\n {6}\+ b\.txt {2}1 B$/m,
      /^ {2}~ HelloFunction {2}AWS::Lambda::Function +project\.yml:4:3$/m,
      /^ {6}MemorySize {2}512 → 1024 +project\.yml:6:5$/m,
      /^ {6}Environment\.Variables\.LEVEL {2}info → debug +project\.yml:8:17$/m,
      /^old \(removed\)\n {2}- code {2}\d+ B → none\n {2}- OldLogGroup /m,
      /^Resources of the project\n {2}- Orders {2}AWS::SQS::Queue {2}ITS DATA WILL BE DELETED$/m,
      /^5 to add, 3 to change, 7 to remove\. \d+ resources of 500 \(hello \d+\)$/m,
    ])
      expect(stdout).toMatch(pattern);
    // a changed value whose name says that it is a secret is in no form of the plan
    for (const form of [[], ['--json'], ['--markdown']]) {
      const { stdout: text } = await run(folder, 'plan', ...form);
      expect(text).toMatch(/API(_|&#95;)KEY/);
      expect(text).not.toMatch(/first|second/);
    }
  });

  test('has all of it as JSON', async () => {
    const folder = await edited('data');
    const plan = resultOf(await run(folder, 'plan', '--json'));
    expect(plan).toMatchObject({
      environment: 'staging',
      empty: false,
      losses: [{ logicalId: 'Orders' }],
      refused: ['Orders'],
      opened: [{ logicalId: 'HelloUrl' }, { logicalId: 'HttpRoutePostHello', at: { line: 13 } }],
      widened: [{ actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resource: '*' }],
      code: [
        {
          name: 'hello',
          files: [
            { path: 'a.mjs', action: 'modify', before: expect.any(Number), after: expect.any(Number) },
            { path: 'b.txt', action: 'add', after: 1 },
          ],
        },
        { name: 'old', before: { size: expect.any(Number) } },
      ],
      changes: expect.arrayContaining([
        expect.objectContaining({
          logicalId: 'HelloFunction',
          owner: { kind: 'function', name: 'hello' },
          details: expect.arrayContaining([
            expect.objectContaining({ path: ['Properties', 'MemorySize'], before: 512, after: 1024 }),
          ]),
        }),
        expect.objectContaining({ logicalId: 'OldRole', action: 'remove', owner: { kind: 'function', name: 'old' } }),
      ]),
    });
  });

  test('is Markdown for a pull request: dangers first, details folded, and no value ends its place', async () => {
    const folder = await edited('marked');
    const text = newer('marked').replace('LEVEL: debug', 'LEVEL: "a|b</details>`@team"');
    await writeFiles(folder, { 'project.yml': text });
    const markdown = await succeeded(folder, 'plan', '--markdown');
    expect(markdown).toMatch(
      /^### fx plan: `marked` in `staging`, us-east-1\n\n\*\*5 to add, 3 to change, 7 to remove\.\*\*/,
    );
    const order = [
      'Data loss',
      '🌍 Public',
      'Permissions widened',
      '<details><summary><b>hello</b>',
      '<b>old (removed)</b>',
    ];
    expect(order.map((part) => markdown.indexOf(part))).toEqual(
      [...order.map((part) => markdown.indexOf(part))].sort((a, b) => a - b),
    );
    expect(markdown).toContain('<code>info → a&#124;b&lt;/details&gt;&#96;&#64;team</code> |');
    expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.filter((row) => row.split('|').length !== 6)).toEqual([]);
  });

  test('finds at its line what CloudFormation would refuse half way', async () => {
    const queue = (id: string) =>
      `resources:\n  ${id}:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: jobs}\n`;
    const text = `${head('trap')}functions: {a: {handler: a.handler}}\n`;
    const folder = await folderOf({ 'project.yml': text + queue('Jobs'), 'a.js': answers('one') });
    await succeeded(folder, 'deploy');
    await writeFiles(folder, { 'project.yml': text + queue('Work') });
    const plan = await succeeded(folder, 'plan');
    expect(plan).toMatch(
      /^CloudFormation will refuse\n {2}error Work \(AWS::SQS::Queue\) would have the name jobs, which Jobs has.* {2}project\.yml:7:18$/m,
    );
  });
});

describe("CloudFormation's view", () => {
  test('of a first deploy leaves nothing behind', async () => {
    const folder = await folderOf({ 'project.yml': older('first'), 'a.js': answers('one') });
    aws.calls();
    const plan = await succeeded(folder, 'plan', '--change-set');
    expect(plan).toMatch(/^CloudFormation\n(?: {2}Add .*\n)+/m);
    expect(plan).not.toContain('not in the difference');
    expect(plan).not.toContain('it does not change');
    expect(written()).toEqual([
      'cloudformation:CreateChangeSet',
      'cloudformation:DeleteChangeSet',
      'cloudformation:DeleteStack',
    ]);
    await expect(cloud.call('cloudformation', 'DescribeStacks', { StackName: 'first-staging' })).rejects.toThrow(
      'does not exist',
    );
    expect(await succeeded(folder, 'deploy')).toContain('Release 1 is live.');
  });

  test('of an update agrees with the difference of the templates, and its change set is gone', async () => {
    const folder = await edited('agreed');
    const plan = resultOf(await run(folder, 'plan', '--change-set', '--json')) as {
      readonly changes: readonly { readonly logicalId: string }[];
      readonly changeSet: {
        readonly changes: readonly { readonly logicalId: string; readonly replacement?: string }[];
      };
    };
    const ids = (changes: readonly { readonly logicalId: string }[]) =>
      changes.map(({ logicalId }) => logicalId).sort();
    expect(ids(plan.changeSet.changes)).toEqual(ids(plan.changes));
    expect(plan.changeSet.changes).toContainEqual(
      expect.objectContaining({ logicalId: 'HelloFunction', replacement: 'False' }),
    );
    const { Summaries = [] } = await cloud.call('cloudformation', 'ListChangeSets', { StackName: 'agreed-staging' });
    expect(Summaries).toEqual([]);
    // the code was never uploaded: a change set does not read it
    expect(await succeeded(folder, 'deploy', '--allow-replace', 'Orders')).toContain('Release 2 is live.');
    expect(await succeeded(folder, 'plan', '--change-set')).toMatch(
      /Nothing to change\.\n\nCloudFormation\n {2}no changes/,
    );
  });

  test('of drift needs a stack, and shows what was changed or deleted by hand', async () => {
    const folder = await folderOf({ 'project.yml': older('drift'), 'a.js': answers('one') });
    expect((await run(folder, 'plan', '--drift')).stderr).toContain('nothing can have drifted [USAGE]');
    await succeeded(folder, 'deploy');
    expect(await succeeded(folder, 'plan', '--drift')).toMatch(/compared with what is there\n {2}no changes$/m);

    const variables = { LEVEL: 'trace', API_KEY: 'by-hand' };
    await cloud.call('lambda', 'UpdateFunctionConfiguration', {
      FunctionName: 'drift-staging-hello',
      MemorySize: 640,
      Environment: { Variables: variables },
    });
    const { QueueUrls: [QueueUrl = ''] = [] } = await cloud.call('sqs', 'ListQueues', {
      QueueNamePrefix: 'drift-staging',
    });
    await cloud.call('sqs', 'DeleteQueue', { QueueUrl });
    const plan = await succeeded(folder, 'plan', '--drift');
    expect(plan).toMatch(
      /^ {2}Modify HelloFunction {2}AWS::Lambda::Function {2}replacement: False {2}drift: MODIFIED.*\n {6}Properties\.MemorySize {2}deployed 512, now 640$/m,
    );
    expect(plan).toMatch(/^ {2}\w+ Orders {2}AWS::SQS::Queue .*drift: DELETED/m);
    expect(plan).toContain('trace');
    expect(plan).not.toContain('by-hand');
    expect(await succeeded(folder, 'plan', '--drift', '--markdown')).toContain('<code>HelloFunction</code>, MODIFIED');
  });
});

/** Resolves when Lambda has carried out an update. */
async function updated(FunctionName: string): Promise<void> {
  for (;;) {
    const { Configuration } = await cloud.call('lambda', 'GetFunction', { FunctionName });
    if (Configuration?.LastUpdateStatus === 'Successful') return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe('a saved plan', () => {
  const saved = async (name: string): Promise<string> => {
    const folder = await edited(name);
    aws.calls();
    await succeeded(folder, 'plan', '-o', 'plan.fx');
    expect(written()).toEqual([]);
    return folder;
  };
  const allowed = ['deploy', 'plan.fx', '--allow-replace', 'Orders'];

  test('is deployed as it is, without the source', async () => {
    const folder = await saved('exact');
    expect(statSync(join(folder, 'plan.fx')).mode & 0o077).toBe(0);
    rmSync(join(folder, 'a.js'));
    await writeFiles(folder, { 'project.yml': newer('exact').replace('memory: 1024', 'memory: 2048') });
    const done = await run(folder, ...allowed, '-m', 'as reviewed');
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('Release 2 is live.')]);
    expect(done.stderr).not.toContain('Building');
    const { Configuration } = await cloud.call('lambda', 'GetFunction', {
      FunctionName: 'exact-staging-hello',
      Qualifier: 'live',
    });
    expect(Configuration?.MemorySize).toBe(1024);
    expect((await aws.fx(folder, ['invoke', 'hello', '--env', 'staging'])).stdout).toContain('two, which is longer');
    // the same release as a deploy from the source would make
    expect(resultOf(await run(folder, 'releases', 'show', '2', '--json'))).toMatchObject({
      message: 'as reviewed',
      status: 'succeeded',
    });
    // a second time, it is not what is live any more
    expect((await run(folder, ...allowed)).stderr).toContain('the newest release was 1, and is 2');
  });

  test('creates an environment', async () => {
    const folder = await folderOf({ 'project.yml': older('fresh'), 'a.js': answers('one') });
    await succeeded(folder, 'plan', '-o', 'plan.fx');
    expect((await run(folder, 'deploy', 'plan.fx')).stdout).toContain('Release 1 is live.');
  });

  test('still asks before it deletes data', async () => {
    const folder = await saved('asks');
    const done = await run(folder, 'deploy', 'plan.fx');
    expect([done.exitCode, done.stderr]).toEqual([5, expect.stringContaining('add --allow-replace Orders')]);
  });

  test('is refused once anything that is live has moved', async () => {
    const folder = await saved('moved');
    const refused = async (why: RegExp) => {
      aws.calls();
      const done = await run(folder, ...allowed);
      expect([done.exitCode, done.stderr]).toEqual([3, expect.stringMatching(why)]);
      expect(done.stderr).toContain('[PLAN_OUTDATED]\n→ make a new plan: fx plan --env staging');
      expect(written()).toEqual([]);
    };
    const alias = (FunctionVersion: string, more: object = {}) =>
      cloud.call('lambda', 'UpdateAlias', {
        FunctionName: 'moved-staging-hello',
        Name: 'live',
        FunctionVersion,
        ...more,
      });
    await cloud.call('lambda', 'UpdateFunctionConfiguration', {
      FunctionName: 'moved-staging-hello',
      Description: 'x',
    });
    await updated('moved-staging-hello');
    await cloud.call('lambda', 'PublishVersion', { FunctionName: 'moved-staging-hello' });
    await alias('2');
    await refused(/the traffic of hello was on version 1, and is on 2/);
    await alias('1', { RoutingConfig: { AdditionalVersionWeights: { '2': 0.1 } } });
    await refused(/the traffic of hello was on version 1, and is on 1, 10 % on 2/);
    await alias('1', { RoutingConfig: { AdditionalVersionWeights: {} } });
    await succeeded(folder, 'deploy', '--allow-replace', 'Orders');
    await refused(/the newest release was 1, and is 2/);
  });

  test('is refused for another environment, and if it is damaged, newer, or no plan', async () => {
    const folder = await saved('other');
    const file = join(folder, 'plan.fx');
    const bytes = readFileSync(file);
    const refused = async (exitCode: number, why: string, ...words: string[]) => {
      const done = await run(folder, ...allowed, ...words);
      expect([done.exitCode, done.stderr]).toEqual([exitCode, expect.stringContaining(why)]);
    };
    await refused(3, 'the plan is for the environment staging, not for prod [PLAN_OUTDATED]', '--env', 'prod');
    await refused(3, 'the plan is for the region us-east-1, not for eu-west-1', '--region', 'eu-west-1');
    const line = bytes.toString('latin1').split('\n')[0] ?? '';
    const changed = (from: string, to: string) => {
      expect(line).toContain(from);
      writeFileSync(file, Buffer.concat([Buffer.from(line.replace(from, to), 'latin1'), bytes.subarray(line.length)]));
    };
    changed('{"fx plan":1,', '{"fx plan":2,');
    await refused(4, 'has format 2, and this fx reads formats up to 1 [PLAN_UNREADABLE]');
    changed('\\"MemorySize\\":1024', '\\"MemorySize\\":1025');
    await refused(4, 'the template in the plan is not the one that was planned [PLAN_UNREADABLE]');
    writeFileSync(file, bytes.subarray(0, -10));
    await refused(4, 'is damaged [PLAN_UNREADABLE]');
    writeFileSync(file, answers('one'));
    await refused(4, 'it is no plan [PLAN_UNREADABLE]');
    rmSync(file);
    await refused(4, 'there is no such file [PLAN_UNREADABLE]');
    writeFileSync(file, bytes);
    chmodSync(file, 0o600);
    expect((await run(folder, ...allowed)).stdout).toContain('Release 2 is live.');
  });

  test('replaces an older plan, and no other file', async () => {
    const folder = await saved('replaced');
    await succeeded(folder, 'plan', '-o', 'plan.fx');
    const done = await run(folder, 'plan', '-o', 'project.yml');
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringContaining('exists, and is no plan [ALREADY_EXISTS]'),
    ]);
    expect(readFileSync(join(folder, 'project.yml'), 'utf8')).toBe(newer('replaced'));
  });
});

describe('an environment in several regions', () => {
  test('has one saved plan for each', async () => {
    const regions = 'environments: {prod: {regions: [eu-west-1, us-east-1]}}';
    const text = `name: several\n${regions}\nfunctions: {a: {handler: a.handler}}\n`;
    const folder = await folderOf({ 'project.yml': text, 'a.js': answers('one') });
    const saved = await aws.fx(folder, ['plan', '-o', 'plan.fx', '--env', 'prod']);
    expect([saved.exitCode, saved.stderr]).toEqual([0, expect.stringContaining('Saved to plan.us-east-1.fx, ')]);
    const done = await aws.fx(folder, ['deploy', 'plan.us-east-1.fx']);
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringMatching(/^Release 1 is live\.\n/)]);
    expect(done.stderr).toMatch(/^several · prod · account 000000000000 · us-east-1 /);
    const wrong = await aws.fx(folder, ['deploy', 'plan.us-east-1.fx', '--region', 'eu-west-1']);
    expect(wrong.stderr).toContain('the plan is for the region us-east-1, not for eu-west-1');
  });
});

describe('two releases', () => {
  test('are compared by configuration and code, in either direction, without the source', async () => {
    const folder = await edited('compared');
    await succeeded(folder, 'deploy', '--allow-replace', 'Orders');
    rmSync(join(folder, 'a.js'));
    const forward = await succeeded(folder, 'releases', 'diff', '1', '2');
    for (const pattern of [
      /^Public\n {2}! HelloUrl /m,
      /^hello\n {2}~ code {2}\d+ B → \d+ B\n {6}~ a\.mjs /m,
      /^ {6}MemorySize {2}512 → 1024$/m,
      /^old \(removed\)$/m,
      /^5 to add, 3 to change, 7 to remove, from release 1 to 2\.$/m,
    ])
      expect(forward).toMatch(pattern);
    const back = await succeeded(folder, 'releases', 'diff', '2', '1');
    expect(back).toMatch(/^ {6}MemorySize {2}1024 → 512$/m);
    expect(back).toMatch(/^ {6}- b\.txt {2}1 B$/m);
    expect(await succeeded(folder, 'releases', 'diff', '2', '2')).toBe('Releases 2 and 2 are the same.\n');
    const none = await run(folder, 'releases', 'diff', '1', '9');
    expect([none.exitCode, none.stderr]).toEqual([3, expect.stringContaining('there is no release 9')]);
  });
});

// The project file from the command line: fx config, envs, use, validate --all, --param, --set, and lookups on the local AWS.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf, handler } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const text = `name: shop
region: eu-west-1
params: {level: info}
defaults:
  variables: {LEVEL: "\${params.level}", TOKEN: "\${var.TOKEN, none}"}
functions:
  api: {handler: src/api.handler, memory: 256}
environments:
  staging:
    params: {level: debug}
  prod:
    account: "444455556666"
    protected: true
    functions: {api: {memory: 1024, tracing: Active}}
`;
const files = { 'project.yml': text, 'project.prod.yml': 'tags: {stage: prod}\n', 'src/api.ts': handler };

describe('the name of an environment', () => {
  const branches = {
    'project.yml': `name: shop\nenvironments: {"pr-*": {}}\nfunctions: {api: {handler: a.handler}}\n`,
  };

  test('that fits the pattern but not the rules of names is rejected with the rule and a name that fits', async () => {
    const folder = await folderOf({ ...branches, 'a.ts': handler });
    const long = await fx(folder, ['validate', '--env', 'pr-1234-long-branch-name-of-some-feature']);
    expect(long.exitCode).toBe(4);
    expect(long.stderr).toMatch(
      /it is 40 characters long, 20 too many.*\n→ .*at most 20 characters; try "pr-1234-[a-z0-9-]+"/,
    );
    const capitals = await fx(folder, ['validate', '--env', 'pr-FEATURE']);
    expect(capitals.stderr).toMatch(/it has capital letters.*\n→ .*try "pr-feature"/);
  });

  test('can be made from a branch', async () => {
    const folder = await folderOf({ ...branches, 'a.ts': handler });
    const named = await fx(folder, ['envs', '--name-for', 'pr-1234/Long_branch-name-of-some-feature']);
    expect(named.stdout).toMatch(/^pr-1234-[a-z0-9-]{1,12}\n$/);
    expect((await fx(folder, ['validate', '--env', named.stdout.trim()])).exitCode).toBe(0);
  });
});

test('.env: single quotes are literal, double quotes expand, and an unknown $NAME stays with a warning', async () => {
  const folder = await folderOf({
    'project.yml':
      'name: s\nparams: {s: "${var.SINGLE}", d: "${var.DOUBLE}", b: "${var.BARE}"}\nfunctions: {a: {handler: a.handler}}\n',
    'a.ts': handler,
    '.env': 'word=aa\nSINGLE=\'pa$word\'\nDOUBLE="p$word"\nBARE=pa$nobody\n',
  });
  const shown = await fx(folder, ['config']);
  expect([shown.exitCode, parse(shown.stdout)]).toEqual([
    0,
    expect.objectContaining({ params: { s: 'pa$word', d: 'paa', b: 'pa$nobody' } }),
  ]);
  expect(shown.stderr).toMatch(/^warning: \.env:4:1 there is no variable "nobody"/m);
});

describe('fx config', () => {
  test('prints YAML that reads back as the --json result', async () => {
    const folder = await folderOf(files);
    const shown = await fx(folder, ['config', '--env', 'prod']);
    expect([shown.exitCode, shown.stderr]).toEqual([0, '']);
    const json = resultOf(await fx(folder, ['config', '--env', 'prod', '--json']));
    expect(parse(shown.stdout)).toEqual(json);
    expect(json).toEqual({
      name: 'shop',
      region: 'eu-west-1',
      account: '444455556666',
      protected: true,
      params: { level: 'info' },
      tags: { stage: 'prod' },
      functions: {
        api: {
          handler: 'src/api.handler',
          memory: 1024,
          tracing: 'Active',
          variables: { LEVEL: 'info', TOKEN: '(hidden)' },
        },
      },
    });
    expect(shown.stdout).not.toMatch(/^defaults|^environments/m);
  });

  test('shows each value with its position, its layer and its lookup', async () => {
    const folder = await folderOf(files);
    const { stdout } = await fx(folder, ['config', '--env', 'prod', '--origin', '--param', 'level=warn']);
    expect(stdout).toMatch(/^ {4}memory: 1024 +# project\.yml:14 environments\.prod$/m);
    expect(stdout).toMatch(/^ {4}handler: src\/api\.handler +# project\.yml:7$/m);
    expect(stdout).toMatch(/^ {6}LEVEL: warn +# project\.yml:5 \$\{params\.level\}$/m);
    expect(stdout).toMatch(/^ {2}level: warn +# --param level$/m);
    expect(stdout).toMatch(/^ {2}stage: prod +# project\.prod\.yml:1$/m);
    const leaves = resultOf(
      await fx(folder, ['config', 'functions.api.memory', '--env', 'prod', '--origin', '--json']),
    );
    expect(leaves).toEqual([
      {
        path: 'functions.api.memory',
        value: 1024,
        file: 'project.yml',
        line: 14,
        column: 31,
        layer: 'environments.prod',
      },
    ]);
  });

  test('shows a part, and reports a path that leads nowhere', async () => {
    const folder = await folderOf(files);
    expect((await fx(folder, ['config', 'functions.api.variables.LEVEL'])).stdout).toBe('info\n');
    const wrong = await fx(folder, ['config', 'functions.apo']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      4,
      'error "functions" has no key "apo" [USAGE]\n→ did you mean "api"?\n',
    ]);
  });

  test('shows the differences between two environments, with the positions in both', async () => {
    const folder = await folderOf(files);
    const { stdout } = await fx(folder, ['config', '--diff', 'staging', 'prod']);
    expect(stdout.split('\n')).toEqual([
      'staging → prod',
      '~ params.level  debug → info  project.yml:10 → project.yml:3',
      '~ functions.api.variables.LEVEL  debug → info  project.yml:5 → project.yml:5',
      '~ functions.api.memory  256 → 1024  project.yml:7 → project.yml:14',
      '+ functions.api.tracing  Active  project.yml:14',
      '+ account  "444455556666"  project.yml:12',
      '+ protected  true  project.yml:13',
      '+ tags.stage  prod  project.prod.yml:1',
      '',
    ]);
    expect(
      resultOf(await fx(folder, ['config', 'functions.api.memory', '--diff', 'staging', 'prod', '--json'])),
    ).toEqual([
      {
        path: 'functions.api.memory',
        staging: { value: 256, at: 'project.yml:7', layer: 'project.yml' },
        prod: { value: 1024, at: 'project.yml:14', layer: 'environments.prod' },
      },
    ]);
    expect((await fx(folder, ['config', '--diff', 'local', 'local'])).stdout).toBe('local → local: no difference\n');
  });
});

describe('fx validate --all', () => {
  test('checks every environment, and reports each problem once with its environments', async () => {
    const folder = await folderOf(files);
    const fine = await fx(folder, ['validate', '--all']);
    expect(fine.stdout.split('\n').map((line) => /for "(\w+)"/.exec(line)?.[1])).toEqual([
      'local',
      'staging',
      'prod',
      undefined,
    ]);
    const broken = text
      .replace('debug', '{a: 1}')
      .replace('tracing: Active', 'tracing: On')
      .replace('region: eu-west-1', 'region: eu-west');
    const wrong = await fx(await folderOf({ ...files, 'project.yml': broken }), ['validate', '--all']);
    expect(wrong.exitCode).toBe(4);
    expect(wrong.stderr).toMatch(/not valid for "local", "staging", "prod" \[PROJECT_INVALID\]/);
    expect(wrong.stderr).toMatch(/project\.yml:2:9 expected a region such as eu-west-1, found "eu-west"\n/);
    expect(wrong.stderr).toMatch(/project\.yml:14:\d+ expected one of Active, PassThrough, found "On".* \(prod\)\n/);
    expect(wrong.stderr).toMatch(/\(staging\)\n/);
  });
});

describe('fx use', () => {
  test('keeps an environment in the checkout; FX_ENV and --env take precedence', async () => {
    const folder = await folderOf(files);
    const chosen = async (words: string[] = [], variables = {}) =>
      resultOf(await fx(folder, ['use', '--json', ...words], { variables }));
    expect(await chosen()).toEqual({ name: 'local', by: 'default' });
    const used = await fx(folder, ['use', 'staging']);
    expect([used.exitCode, used.stdout]).toEqual([0, 'Commands in this checkout now use staging.\n']);
    expect(await readFile(join(folder, '.fx/environment'), 'utf8')).toBe('staging\n');
    expect(await chosen()).toEqual({ name: 'staging', by: 'fx use' });
    expect(await chosen([], { FX_ENV: 'prod' })).toEqual({ name: 'prod', by: 'FX_ENV' });
    expect(await chosen(['--env', 'local'], { FX_ENV: 'prod' })).toEqual({ name: 'local', by: '--env' });
    expect((await fx(folder, ['config', 'params.level'])).stdout).toBe('debug\n');
    expect((await fx(join(folder, 'src'), ['config', 'params.level'])).stdout).toBe('debug\n');
    expect((await fx(folder, ['use', 'local'])).stdout).toBe(
      'Commands in this checkout use the local environment again.\n',
    );
    expect(await chosen()).toEqual({ name: 'local', by: 'default' });
  });

  test('rejects an environment that does not exist', async () => {
    const folder = await folderOf(files);
    const wrong = await fx(folder, ['use', 'stagin']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      4,
      'error there is no environment "stagin" [ENVIRONMENT_UNKNOWN]\n→ did you mean "staging"? the project has local, staging, prod\n',
    ]);
    expect((await fx(folder, ['config', 'params.level'])).stdout).toBe('info\n');
  });
});

describe('fx envs', () => {
  test('lists the environments of the project and those deployed, even if some cannot be reached', async () => {
    const folder = await folderOf({
      ...files,
      'project.yml': text.replace('params: {level: debug}', 'account: "000000000000"'),
    });
    const aws = await startRecordedAws();
    try {
      await aws.fx(folder, ['deploy', '--env', 'staging']);
      aws.calls();
      const listed = resultOf(await aws.fx(folder, ['envs', '--json']));
      expect(listed).toEqual([
        {
          name: 'local',
          chosen: true,
          region: 'eu-west-1',
          protected: false,
          status: 'unknown: the local AWS is not running',
        },
        {
          name: 'staging',
          chosen: false,
          account: '000000000000',
          region: 'eu-west-1',
          protected: false,
          deployed: true,
          status: 'CREATE_COMPLETE',
        },
        {
          name: 'prod',
          chosen: false,
          account: '444455556666',
          region: 'eu-west-1',
          protected: true,
          status:
            'unknown: the credentials are for account 000000000000, but the environment "prod" belongs to 444455556666',
        },
      ]);
      expect(
        aws
          .calls()
          .map(({ name }) => name)
          .toSorted(),
      ).toEqual(['cloudformation:DescribeStacks', 'sts:GetCallerIdentity', 'sts:GetCallerIdentity']);
      const { stdout } = await fx(folder, ['envs', '--offline']);
      expect(stdout.split('\n')).toEqual([
        '  environment  account       region     protected  deployed',
        '* local        -             eu-west-1  -          not checked',
        '  staging      000000000000  eu-west-1  -          not checked',
        '  prod         444455556666  eu-west-1  protected  not checked',
        '',
      ]);
    } finally {
      await aws.stop();
    }
  });
});

test('fx envs also lists a chosen environment that matches a pattern', async () => {
  const folder = await folderOf({ 'project.yml': 'name: shop\nenvironments: {pr-*: {region: eu-west-1}}\n' });
  const { stdout } = await fx(folder, ['envs', '--offline'], { variables: { FX_ENV: 'pr-7' } });
  expect(stdout).toContain('* pr-7         -        eu-west-1  -          not checked');
});

describe('lookups of AWS', () => {
  const asking = `name: asking
region: eu-west-1
functions:
  a:
    handler: a.handler
    memory: \${ssm:/asking/\${env}/memory, 128}
    variables: {LEVEL: "\${ssm:/asking/level}", BUCKET: "\${stack:fx-bootstrap.ArtifactBucket, none}"}
environments: {prod: {account: "111122223333"}, test: {}}
`;

  test('are answered by the local AWS, and a SecureString is rejected', async () => {
    const folder = await folderOf({
      'project.yml': asking,
      'a.ts': 'export const handler = async () => ({ level: process.env.LEVEL });\n',
    });
    stopAfter(folder);
    const missing = await fx(folder, ['validate']);
    expect([missing.exitCode, missing.stderr]).toEqual([
      4,
      expect.stringContaining('project.yml:7:24 ${ssm:/asking/level}: the parameter does not exist in eu-west-1'),
    ]);
    const { endpoint } = resultOf(await fx(folder, ['local', 'status', '--json'])) as { endpoint: string };
    const ssm = new SSMClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    });
    await ssm.send(new PutParameterCommand({ Name: '/asking/level', Value: 'canary-secret', Type: 'SecureString' }));
    const secret = await fx(folder, ['deploy']);
    expect([secret.exitCode, secret.stderr]).toEqual([
      4,
      expect.stringContaining('is a SecureString, which would appear in the template as plain text'),
    ]);
    expect(secret.stdout + secret.stderr).not.toContain('canary-secret');
    await ssm.send(new DeleteParameterCommand({ Name: '/asking/level' }));
    await ssm.send(new PutParameterCommand({ Name: '/asking/level', Value: 'debug', Type: 'String' }));
    await ssm.send(new PutParameterCommand({ Name: '/asking/local/memory', Value: '512', Type: 'String' }));
    expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
    expect((await fx(folder, ['invoke', 'a'])).stdout).toContain('"debug"');
    expect((await fx(folder, ['config', 'functions.a.memory'])).stdout).toBe('"512"\n');
    expect((await fx(folder, ['config', 'functions.a.variables.BUCKET'])).stdout).toMatch(/^fx-bootstrap-|^none/);
    ssm.destroy();
  });

  test('verify the account first, and make no other call if it is the wrong one', async () => {
    const folder = await folderOf({ 'project.yml': asking, 'a.ts': handler });
    const aws = await startRecordedAws();
    try {
      const { exitCode, stderr } = await aws.fx(folder, ['validate', '--env', 'prod']);
      expect([exitCode, stderr]).toEqual([
        3,
        expect.stringContaining(
          'the credentials are for account 000000000000, but the environment "prod" belongs to 111122223333',
        ),
      ]);
      expect(aws.calls().map(({ name }) => name)).toEqual(['sts:GetCallerIdentity']);
      await aws.fx(folder, ['validate', '--env', 'test']);
      expect(aws.calls().map(({ name }) => name)).toEqual([
        'sts:GetCallerIdentity',
        expect.any(String),
        expect.any(String),
      ]);
    } finally {
      await aws.stop();
    }
  });
});

describe('values from the command line', () => {
  test('--param, --set and --set-file override every file', async () => {
    const folder = await folderOf({
      ...files,
      'more.env': 'FROM_FILE=1\nBOTH=file\n',
      'more.json': '{"FROM_JSON": 2}',
      'bad.json': '{"A": []}',
    });
    const variables = async (...words: string[]) =>
      resultOf(await fx(folder, ['config', 'functions.api.variables', '--json', ...words]));
    expect(
      await variables('--param', 'level=a=b', '--set', 'BOTH=set', '--set', 'EMPTY=', '--set-file', 'more.env'),
    ).toMatchObject({ LEVEL: 'a=b', BOTH: 'set', EMPTY: '', FROM_FILE: '1' });
    expect(await variables('--set-file', 'more.json')).toMatchObject({ FROM_JSON: '2' });
    for (const [words, message] of [
      [['--set', 'A'], '--set takes NAME=value, not "A"'],
      [['--param', '=x'], '--param takes NAME=value, not "=x"'],
      [['--set-file', 'no.env'], 'there is no file no.env'],
      [['--set-file', 'bad.json'], 'bad.json: expected text or a number as the value of "A"'],
      [['--set', 'AWS_REGION=x'], '--set "AWS_REGION" is not a variable name'],
    ] as const) {
      const { exitCode, stderr } = await fx(folder, ['config', ...words]);
      expect([exitCode, stderr]).toEqual([4, expect.stringContaining(message)]);
    }
  });

  test('warns of a deprecated runtime, with one more line in --json', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {handler: a.handler, runtime: nodejs20.x}}\n',
      'a.ts': handler,
    });
    const { exitCode, stderr } = await fx(folder, ['validate']);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining('warning: project.yml:2:37 nodejs20.x is deprecated since 2026-04-30'),
    ]);
  });
});

test('the local account has its fixed number', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\noutputs: {Account: "${account}"}\nfunctions: {a: {handler: a.handler}}\n',
    'a.ts': handler,
  });
  stopAfter(folder);
  const { endpoint } = resultOf(await fx(folder, ['local', 'start', '--json'])) as { endpoint: string };
  const sts = new STSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } });
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  expect((await fx(folder, ['config', 'outputs.Account'])).stdout).toBe(`"${Account}"\n`);
});

test('an environment is deployed with its role, which is assumed once', async () => {
  const role = 'arn:aws:iam::000000000000:role/deployer';
  const folder = await folderOf({
    'project.yml': `name: roles\nenvironments: {prod: {assumeRole: "${role}"}}\nparams: {level: "\${ssm:/roles/level, none}"}\nfunctions: {a: {handler: a.handler}}\n`,
    'a.ts': handler,
  });
  const aws = await startRecordedAws();
  try {
    const deployed = await aws.fx(folder, ['deploy', '--env', 'prod']);
    expect(deployed.exitCode, deployed.stderr).toBe(0);
    const asked = aws.calls().filter(({ name }) => name === 'sts:AssumeRole');
    // once for the lookups, which run before the project is known, and once for the deploy
    expect(asked.map(({ input }) => input['RoleArn'])).toEqual([role, role]);
    const [release] = resultOf(await aws.fx(folder, ['releases', '--env', 'prod', '--json'])) as { who: string }[];
    expect(release?.who).toMatch(/^arn:aws:/);
    const wrong = await aws.fx(folder, ['deploy', '--env', 'prod', '--profile', 'nobody']);
    expect(wrong.exitCode).toBe(3);
  } finally {
    await aws.stop();
  }
});

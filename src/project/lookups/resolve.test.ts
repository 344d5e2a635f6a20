// Lookups of every kind, resolved or reported at their line.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf, today } from '../../../test/support/project.ts';
import type { Lookups } from '../../aws/aws.ts';
import { FxError } from '../../base/error.ts';
import { toPlain } from '../../base/located.ts';
import { leavesOf, shownProject } from '../leaves.ts';
import { type LoadOptions, loadEnvironment, loadProject } from '../load.ts';

interface Asked {
  readonly calls: string[];
  readonly lookups: Lookups;
}

/** An account with this content, which records the calls. */
function account(): Asked {
  const calls: string[] = [];
  const note = async <T>(call: string, answer: T): Promise<T> => {
    calls.push(call);
    return answer;
  };
  const parameters: Record<string, { type: 'String' | 'StringList' | 'SecureString'; value: string }> = {
    '/shop/level': { type: 'String', value: 'debug' },
    '/shop/prod/level': { type: 'String', value: 'warn' },
    '/shop/size': { type: 'String', value: '1024' },
    '/shop/zones': { type: 'StringList', value: 'a,b' },
    '/shop/secret': { type: 'SecureString', value: '' },
  };
  const lookups: Lookups = {
    account: () => note('account', '111122223333'),
    parameter: (name, region) => note(`parameter ${name} ${region}`, parameters[name]),
    stackOutputs: (stack, region) =>
      note(`stack ${stack} ${region}`, stack === 'network' ? { VpcId: 'vpc-1', Zone: 'z' } : undefined),
    object: (bucket, key, region) =>
      note(`object ${bucket}/${key} ${region}`, bucket === 'settings' ? 'from s3\n' : undefined),
    hostedZones: (name) =>
      note(`zones ${name}`, { 'example.com': ['Z1'], 'two.example.com': ['Z2', 'Z3'] }[name] ?? []),
  };
  return { calls, lookups };
}

async function loaded(text: string, options: Partial<LoadOptions> & { files?: Record<string, string> } = {}) {
  const { files = {}, ...rest } = options;
  const folder = await folderOf({ 'project.yml': text, ...files });
  return loadProject({ folder, environment: 'local', variables: {}, shownFrom: folder, today, ...rest });
}

const withParams = (params: string, rest = '') => `name: shop\nregion: eu-west-1\nparams:\n${params}\n${rest}`;
const paramsOf = async (params: string, options = {}) => {
  const project = await loaded(withParams(params), options);
  return (toPlain(project.merged) as { params: Record<string, unknown> }).params;
};
async function problemsOf(params: string, options = {}): Promise<string[]> {
  const error = await paramsOf(params, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${JSON.stringify(error)}`);
  return error.problems.map(
    ({ at, message, hint }) => `${at.file}:${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`,
  );
}

describe('of the project', () => {
  test('env, name, region, account and function', async () => {
    const text =
      'name: shop\nregion: eu-west-1\nparams: {a: "${env} ${name} ${region} ${account}"}\nfunctions: {one: {handler: a.h, variables: {SELF: "${function}"}}}\n';
    const project = await loaded(text);
    expect(toPlain(project.merged)).toMatchObject({ params: { a: 'local shop eu-west-1 000000000000' } });
    expect(project.functions[0]?.variables).toEqual(new Map([['SELF', 'one']]));
  });

  test('a pinned account needs no call, another does', async () => {
    const { calls, lookups } = account();
    const text = 'name: s\nparams: {a: "${account}"}\nenvironments: {prod: {account: "444455556666"}, test: {}}\n';
    const of = async (environment: string) =>
      toPlain((await loaded(text, { environment, connect: async () => lookups })).merged);
    expect(await of('prod')).toMatchObject({ params: { a: '444455556666' } });
    expect(calls).toEqual([]);
    expect(await of('test')).toMatchObject({ params: { a: '111122223333' } });
    expect(calls).toEqual(['account']);
  });

  test('a hosted zone by its name; on the local AWS, which has no DNS, a zone of its own', async () => {
    const { calls, lookups } = account();
    const of = (name: string, environment: string) =>
      paramsOf(`  a: \${zone:${name}}\nenvironments: {prod: {}}`, { environment, connect: async () => lookups });
    expect(await of('example.com', 'prod')).toEqual({ a: 'Z1' });
    expect(await of('example.com', 'local')).toEqual({ a: expect.stringMatching(/^Z/) });
    expect(calls).toEqual(['zones example.com']);
    const connect = { environment: 'prod', connect: async () => lookups };
    expect(await problemsOf('  a: ${zone:none.example.com}\nenvironments: {prod: {}}', connect)).toEqual([
      'project.yml:4:6 ${zone:none.example.com}: the account has no public hosted zone none.example.com | create it, or give the id of another',
    ]);
    expect(await problemsOf('  a: ${zone:two.example.com}\nenvironments: {prod: {}}', connect)).toEqual([
      "project.yml:4:6 ${zone:two.example.com}: 2 hosted zones have this name | write one's id: Z2 or Z3",
    ]);
  });

  test('params of every type, and a text with several', async () => {
    expect(
      await paramsOf(
        '  list: [1, two]\n  map: {x: {y: 5}}\n  a: ${params.list}\n  b: ${params.map.x}\n  c: "${params.map.x.y}-${params.list.1}"\n  d: ${params.map.x.y}',
      ),
    ).toMatchObject({
      a: [1, 'two'],
      b: { y: 5 },
      c: '5-two',
      d: 5,
    });
    expect(await problemsOf('  list: [1]\n  a: "x${params.list}"')).toEqual([
      'project.yml:5:6 ${params.list} is a list, which cannot be part of a text | make the lookup the whole value',
    ]);
  });

  test('a cycle is reported as its path', async () => {
    expect(await problemsOf('  a: ${params.b}\n  b: x${params.c}\n  c: ${params.a}')).toContain(
      'project.yml:4:6 lookups form a cycle: params.b → params.c → params.a → params.b | give one of them a value',
    );
    expect(await problemsOf('  a: ${params.${params.b}}\n  b: a')).toEqual([
      expect.stringContaining('params.a → params.a'),
    ]);
  });

  test('a default may be a lookup, or quoted', async () => {
    expect(
      await paramsOf(
        '  a: ${params.no, ${params.nor, ${env}}}\n  b: "${params.no, \'}, \'}"\n  c: ${params.no, 5}\n  d: "${params.no,}"',
      ),
    ).toMatchObject({ a: 'local', b: '}, ', c: '5', d: '' });
  });

  test('a Serverless Framework lookup is reported with its fx name', async () => {
    expect(
      await problemsOf(
        '  a: ${self:custom.x}\n  b: ${opt:stage, dev}\n  c: ${env:HOME}\n  d: ${cf:net.Vpc}\n  e: ${file(./a.yml):k}',
      ),
    ).toEqual([
      expect.stringContaining('it is called ${params.x} here'),
      expect.stringContaining('it is called ${env} here'),
      expect.stringContaining('it is called ${var.HOME} here'),
      expect.stringContaining('it is called ${stack:net.Vpc} here'),
      expect.stringContaining('it is called ${file:./a.yml} here'),
    ]);
  });

  test('an unclosed lookup is reported', async () => {
    expect(await problemsOf('  a: "x ${env"')).toEqual([expect.stringContaining('project.yml:4:6 unclosed ${')]);
  });
});

describe('of the process', () => {
  test('variables come from the process, then .env.<environment>, then .env, which may refer to one another', async () => {
    const files = {
      '.env': 'A=env\nB=env\nC=env\n# a comment\nexport HOST=here\nURL="http://${HOST}:1"\n',
      '.env.local': 'A=local\nB=local\n',
    };
    expect(
      await paramsOf('  a: ${var.A}\n  b: ${var.B}\n  c: ${var.C}\n  u: ${var.URL}', {
        files,
        variables: { A: 'process' },
      }),
    ).toEqual({ a: 'process', b: 'local', c: 'env', u: 'http://here:1' });
    expect(await problemsOf('  a: ${var.LEVLE}', { variables: { LEVEL: 'x' } })).toEqual([
      expect.stringContaining('did you mean ${var.LEVEL}?'),
    ]);
  });

  test('a .env with an invalid line is reported', async () => {
    await expect(loaded(withParams('  a: 1'), { files: { '.env': 'A=1\nwhat is this\n' } })).rejects.toMatchObject({
      code: 'PROJECT_INVALID',
      problems: [{ at: { file: '.env', line: 2 }, message: 'expected NAME=value' }],
    });
  });

  test('text becomes a number or a flag if the schema expects one', async () => {
    const text =
      'name: s\nprotected: ${var.SAFE}\nfunctions: {a: {handler: a.h, memory: "${var.MB}", timeout: "${var.SECONDS}", logging: {retentionInDays: "${var.DAYS}"}}}\n';
    const project = await loaded(text, { variables: { SAFE: 'true', MB: '256', SECONDS: '20', DAYS: '7' } });
    expect(project).toMatchObject({
      environment: { protected: true },
      functions: [{ memory: 256, timeout: 20, logging: { retentionInDays: 7 } }],
    });
    await expect(
      loaded(text, { variables: { SAFE: 'true', MB: 'lots', SECONDS: '20', DAYS: '7' } }),
    ).rejects.toMatchObject({
      problems: [{ message: 'expected a whole number from 128 to 10240, found "lots" (${var.MB})' }],
    });
  });

  test('git', async () => {
    const folder = await folderOf({
      'project.yml': withParams('  a: "${git.sha}"\n  b: "${git.branch}"\n  c: ${git.dirty}'),
      'a.txt': 'a',
    });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, encoding: 'utf8' });
    const load = async () =>
      (
        toPlain(
          (await loadProject({ folder, environment: 'local', variables: {}, shownFrom: folder, today })).merged,
        ) as {
          params: unknown;
        }
      ).params;
    await expect(load()).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining('not in a git checkout') }, {}, {}],
    });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'a');
    const sha = git('rev-parse', 'HEAD').trim();
    expect(await load()).toEqual({ a: sha, b: 'main', c: false });
    git('checkout', '-q', '--detach');
    execFileSync('sh', ['-c', 'echo b > a.txt'], { cwd: folder });
    await expect(load()).rejects.toMatchObject({ problems: [{ message: '${git.branch}: no branch is checked out' }] });
  });
});

describe('of files', () => {
  const files = {
    'a.txt': 'line\n',
    'b.yml': 'x: {y: [1, !Ref Q]}\n',
    'c.json': '{"k": "v"}',
    'sub/d.yml': 'outputs: {Text: "${file:e.txt}"}\n',
    'sub/e.txt': 'below',
  };

  test('are text, or the content of YAML and JSON, whole or in part, relative to the file that names them', async () => {
    const text = withParams(
      '  a: ${file:a.txt}\n  b: ${file:b.yml}\n  c: ${file:c.json#k}\n  d: ${file:b.yml#x.y.0}\n  e: "<${file:a.txt}>"\n  f: ${file:none, 3}',
      'include: sub/d.yml\n',
    );
    const project = await loaded(text, { files });
    expect(toPlain(project.merged)).toMatchObject({
      params: { a: 'line', b: { x: { y: [1, { Ref: 'Q' }] } }, c: 'v', d: 1, e: '<line>', f: '3' },
      outputs: { Text: 'below' },
    });
    expect(project.origin(['params', 'b', 'x', 'y'])).toMatchObject({ file: 'b.yml', line: 1 });
  });

  test('that do not exist, are invalid, or lack the part are reported', async () => {
    expect(
      await problemsOf(
        '  a: ${file:no.txt}\n  b: ${file:bad.yml, x}\n  c: ${file:b.yml#z}\n  d: ${file:a.txt#x}\n  e: ${file:.}',
        { files: { ...files, 'bad.yml': 'a: [' } },
      ),
    ).toEqual([
      expect.stringContaining('project.yml:4:6 ${file:no.txt}: there is no file no.txt'),
      expect.stringContaining('${file:bad.yml}: line 1'),
      expect.stringContaining('there is nothing at z | the file has x'),
      expect.stringContaining('only JSON and YAML have parts'),
      expect.stringContaining('is not a file'),
    ]);
  });

  test('keep their text even if it looks like a lookup', async () => {
    expect(
      await paramsOf('  a: ${file:t.txt}\n  b: ${file:t.yml}', {
        files: { 't.txt': '${env}', 't.yml': 'x: "${env}"' },
      }),
    ).toEqual({ a: '${env}', b: { x: '${env}' } });
  });
});

describe('of AWS', () => {
  const connect = (asked: Asked) => ({ connect: async () => asked.lookups });

  test('parameters, outputs and objects, in this and other regions, each with one call', async () => {
    const asked = account();
    const params = [
      'a: ${ssm:/shop/level}',
      'b: "${ssm:/shop/level}!"',
      'c: ${ssm(us-east-1):/shop/zones}',
      'd: ${stack:network.VpcId}',
      'e: ${stack(us-east-1):network.Zone}',
      'f: ${s3:settings/a/b.txt}',
      'g: ${ssm:/shop/no, none}',
      'h: ${ssm:/shop/${params.where}/level}',
      'where: prod',
    ];
    expect(await paramsOf(params.map((one) => `  ${one}`).join('\n'), connect(asked))).toEqual({
      a: 'debug',
      b: 'debug!',
      c: ['a', 'b'],
      d: 'vpc-1',
      e: 'z',
      f: 'from s3',
      g: 'none',
      h: 'warn',
      where: 'prod',
    });
    expect(asked.calls.toSorted()).toEqual([
      'object settings/a/b.txt eu-west-1',
      'parameter /shop/level eu-west-1',
      'parameter /shop/no eu-west-1',
      'parameter /shop/prod/level eu-west-1',
      'parameter /shop/zones us-east-1',
      'stack network eu-west-1',
      'stack network us-east-1',
    ]);
  });

  test('a number in a parameter serves as one', async () => {
    const text = withParams('  a: 1', 'functions: {a: {handler: a.h, memory: "${ssm:/shop/size}"}}\n');
    expect((await loaded(text, connect(account()))).functions[0]?.memory).toBe(1024);
  });

  test('a SecureString is rejected at its position, with or without a default', async () => {
    expect(await problemsOf('  a: ${ssm:/shop/secret, x}', connect(account()))).toEqual([
      'project.yml:4:6 ${ssm:/shop/secret} is a SecureString, which would appear in the template as plain text | have the function read it when it starts: secrets: {NAME: ssm:/shop/secret}',
    ]);
  });

  test('a missing name is reported with those that exist', async () => {
    expect(
      await problemsOf(
        '  a: ${ssm:/no}\n  b: ${stack:nowhere.X}\n  c: ${stack:network.VpcID}\n  d: ${s3:none/key}\n  e: ${stack:network}\n  f: ${s3:bucket}',
        connect(account()),
      ),
    ).toEqual([
      expect.stringContaining('the parameter does not exist in eu-west-1'),
      expect.stringContaining('there is no stack nowhere in eu-west-1'),
      expect.stringContaining('has no output VpcID | did you mean "VpcId"? network has VpcId, Zone'),
      expect.stringContaining('the object does not exist'),
      expect.stringContaining('needs a stack and an output'),
      expect.stringContaining('needs a bucket and a key'),
    ]);
  });

  test('AWS is not called unless a lookup needs it, and never for the destination', async () => {
    const connectNever = { connect: () => Promise.reject(new Error('asked')) };
    await loaded(withParams('  a: ${env}'), connectNever);
    await expect(loaded('name: s\nregion: ${ssm:/region}\n', connectNever)).rejects.toMatchObject({
      code: 'PROJECT_INVALID',
      message: 'region, account, profile and assumeRole cannot be looked up in AWS',
      problems: [{ at: { line: 2 } }],
    });
  });

  test('an AWS error is reported at the line of the lookup', async () => {
    const refuse = {
      connect: () => Promise.reject(new FxError('AWS_CREDENTIALS', 'no credentials', { hint: 'sign in' })),
    };
    await expect(paramsOf('  a: ${ssm:/x}', refuse)).rejects.toMatchObject({
      code: 'AWS_CREDENTIALS',
      hint: 'sign in',
      problems: [{ at: { file: 'project.yml', line: 4 }, message: '${ssm:/x} could not be looked up' }],
    });
  });
});

test('an environment loads even if the rest of the file is wrong', async () => {
  const text =
    'name: shop\nregion: ${params.region}\nparams: {region: eu-west-1, broken: "${var.NOPE}"}\ndefaults: {functionName: "${name}_${function}", memory: "${ssm:/x}"}\nfunctions: {a: {handler: 7, nonsense: "${var.NOPE}"}}\nresources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: "${var.NOPE}"}}}\n';
  const folder = await folderOf({ 'project.yml': text });
  const options = { folder, environment: 'local', variables: {}, shownFrom: folder, today } as const;
  await expect(loadProject(options)).rejects.toThrow();
  const { environment } = await loadEnvironment(options);
  expect(environment).toMatchObject({
    project: 'shop',
    region: 'eu-west-1',
    functions: [{ name: 'a', physicalName: 'shop_a' }],
  });
  expect([...environment.resourceIds]).toEqual(['Q']);
  expect(environment.folder).toBe(join(folder));
});

test('an environment has the log group of each function, and nothing half-written', async () => {
  const text = [
    'name: s',
    'functions:',
    '  a: {logging: {logGroup: "/${params.group}", retentionInDays: 31, kmsKeyArn: "${var.NOPE}"}}',
    '  b: {logging: false}',
    '  c: src/c.handler',
    'resources: {Q: , P: {Typ: x}, R: {Type: "AWS::SQS::Queue"}}',
    'params: {group: "${env}"}',
  ].join('\n');
  const folder = await folderOf({ 'project.yml': text });
  const { environment } = await loadEnvironment({ folder, environment: 'local', variables: {}, shownFrom: folder });
  expect(environment.functions.map(({ name, logGroup }) => [name, logGroup])).toEqual([
    ['a', '/local'],
    ['b', undefined],
    ['c', '/fx/s/local/c'],
  ]);
  expect([...environment.resourceIds]).toEqual(['R']);
});

describe('lookups in odd places', () => {
  test('${function} may be in every default', async () => {
    const project = await loaded(
      'name: s\ndefaults: {tags: {of: "${function}"}, functionName: "${function}"}\nfunctions: {a: {handler: a.h}, b: {handler: b.h}}\n',
    );
    expect(project.functions.map(({ tags }) => tags?.get('of'))).toEqual(['a', 'b']);
  });

  test('${name} is the resolved name', async () => {
    const project = await loaded(
      'name: ${params.n}\nparams: {n: shop}\nfunctions: {a: {handler: a.h, variables: {NAME: "${name}"}}}\n',
    );
    expect(project.functions[0]?.variables.get('NAME')).toBe('shop');
    const circle = 'name: "${name}"\nfunctions: {a: {handler: a.h, memory: "${params.none}"}}\n';
    await expect(loaded(circle)).rejects.toMatchObject({
      problems: [
        expect.objectContaining({ message: 'lookups form a cycle: name → name' }),
        expect.objectContaining({ message: '${params.none} does not exist' }),
      ],
    });
  });

  test('the variables of a Sub are found in params, too', async () => {
    const project = await loaded(
      'name: s\nparams: {url: !Sub ["${Host}/${Stage}", {Stage: "${env}"}]}\nfunctions: {a: {handler: a.h, variables: {URL: "${params.url}"}}}\n',
    );
    expect(project.functions[0]?.variables.get('URL')).toEqual({ 'Fn::Sub': ['${Host}/${Stage}', { Stage: 'local' }] });
  });

  test('a key with a lookup is reported, since nobody would replace it', async () => {
    const text = 'name: s\nresources: {Q: {Type: AWS::SQS::Queue, Properties: {Tags: [{"${env}": 1}]}}}\n';
    await expect(loaded(text)).rejects.toMatchObject({
      problems: [expect.objectContaining({ message: 'a lookup has no place in a key: "${env}"' })],
    });
  });
});

test('a secret that comes through params is hidden everywhere', async () => {
  const text = [
    'name: s',
    'params: {password: "${var.PW}", url: "db:${params.password}", other: "${params.none, ${var.MY_TOKEN}}"}',
    'functions:',
    '  a:',
    '    handler: a.h',
    '    variables: {DB_PASSWORD: "${params.password}", URL: "${params.url}", OTHER: "${params.other}", LEVEL: "${env}"}',
  ].join('\n');
  const project = await loaded(text, {
    variables: { PW: 'hush', MY_TOKEN: 'hush' },
    set: { API_KEY: 'hush' },
  });
  expect(JSON.stringify(leavesOf(project).filter(({ path }) => path.includes('.variables.')))).not.toContain('hush');
  expect(JSON.stringify(shownProject(project.merged))).toContain('"LEVEL":"local"');
});

test('a --param with dots descends into maps, as its lookup does', async () => {
  const text =
    'name: s\nparams: {limits: {a: 1, b: 2}}\nfunctions: {a: {handler: a.h, memory: "${params.limits.a}", timeout: "${params.limits.b}"}}\n';
  const project = await loaded(text, { params: { 'limits.a': '1024' } });
  expect(project.functions[0]).toMatchObject({ memory: 1024, timeout: 2 });
});

describe('before the first call to AWS', () => {
  const problemsOf = async (text: string, options: Partial<LoadOptions> = {}) => {
    const asked: string[] = [];
    const error = await loaded(`name: s\n${text}functions: {a: {handler: a.h, variables: {AA: "\${ssm:/x}"}}}\n`, {
      environment: 'prod',
      files: { 'project.prod.yml': '{}' },
      connect: async () => {
        asked.push('connect');
        return account().lookups;
      },
      ...options,
    }).catch((thrown: unknown) => thrown);
    if (!(error instanceof FxError)) throw new Error('expected an FxError');
    expect(asked).toEqual([]);
    return error.problems.map(({ at, message }) => `${at.line} ${message}`);
  };

  test('an invalid account is reported, and no other account is called instead', async () => {
    expect(await problemsOf('account: 111122223333\n')).toEqual([
      '2 expected a quoted account number of 12 digits, found 111122223333',
    ]);
    expect(await problemsOf('account: [x]\n')).toEqual([
      '2 expected a quoted account number of 12 digits, found a list',
    ]);
  });

  test('an unknown region is reported, wherever it comes from', async () => {
    expect(await problemsOf('region: mars\n')).toEqual(['2 expected a region such as eu-west-1, found "mars"']);
    expect(await problemsOf('region: eu-wset-1\n')).toEqual(['2 there is no region "eu-wset-1"']);
    expect(await problemsOf('', { region: 'eu-wset-1' })).toEqual(['1 there is no region "eu-wset-1"']);
  });
});

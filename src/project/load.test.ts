import { describe, expect, test } from 'vitest';
import { folderOf, load, projectOf } from '../../test/support/project.ts';
import { FxError, type Problem } from '../base/error.ts';
import { eventSources } from '../events/index.ts';

async function problemsOf(text: string, environment = 'local'): Promise<string[]> {
  const error = await projectOf(text, { environment }).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(
    ({ at, message, hint }: Problem) => `${at.file}:${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`,
  );
}

describe('a wrong project file', () => {
  test('reports an unknown key with a suggestion', async () => {
    expect(await problemsOf('name: shop\nfunctions:\n  a:\n    handler: a.handler\n    memmory: 128\n')).toEqual([
      expect.stringMatching(
        /^project\.yml:5:5 unknown key "memmory" \| did you mean "memory"\? the keys here are handler, /,
      ),
    ]);
  });

  test('reports all problems at once, each at its position', async () => {
    const text = [
      'name: Shop',
      'region: mars',
      'functions:',
      '  a:',
      '    handler: .a',
      '    memory: lots',
      '    timeout: 40m',
      '    runtime: nodejs23.x',
      '    variables: {X: 1}',
      '    events:',
      '      - htp: GET /',
      '      - schedule: rate(1 minutes)',
      '      - http: FETCH /x',
    ].join('\n');
    expect(await problemsOf(text)).toEqual([
      'project.yml:1:7 expected a project name (lower-case letters, digits and -, at most 40), found "Shop"',
      'project.yml:2:9 expected a region such as eu-west-1, found "mars"',
      'project.yml:5:14 expected a handler such as src/orders.handler, found ".a"',
      'project.yml:6:13 expected a whole number from 128 to 10240, found "lots"',
      'project.yml:7:14 expected a time from 1s to 30m, found "40m" | a plain number is seconds; 10s, 5m and 6h are times',
      expect.stringMatching(
        /^project\.yml:8:14 expected one of nodejs24\.x, .*, found "nodejs23\.x" \| did you mean nodejs24\.x\?/,
      ),
      'project.yml:9:17 "X" is not a variable name (a letter, then letters, digits and _; two characters or more; none that Lambda sets itself, such as AWS_REGION)',
      `project.yml:11:9 unknown event source "htp" | did you mean "http"? the keys here are ${Object.keys(eventSources).join(', ')}`,
      'project.yml:12:19 "rate(1 minutes)": write rate(1 minute)',
      expect.stringContaining(
        'project.yml:13:15 expected a route such as "GET /orders/{id}", or $default, found "FETCH /x"',
      ),
    ]);
  });

  test('reports an unknown key together with other problems, and once', async () => {
    const text =
      'name: s\nenvironments: {local: {regoin: x}}\nfunctions:\n  a: {handler: a.h, memmory: 1, memory: 64}\n';
    const problems = (await problemsOf(text)).map((one) => one.split(' | ')[0]);
    expect(problems).toEqual([
      'project.yml:2:24 unknown key "regoin"',
      'project.yml:4:21 unknown key "memmory"',
      'project.yml:4:41 expected a whole number from 128 to 10240, found 64',
    ]);
  });

  test('reports a handler without an export, and a function without code', async () => {
    expect(await problemsOf('name: s\nfunctions: {a: {handler: src/a}, b: {}}\n')).toEqual([
      'project.yml:2:26 expected file.export, such as src/orders.handler, found "src/a"',
      expect.stringContaining(
        'project.yml:2:34 the function "b" has no runtime and no handler, and nothing in the project\'s folder says what it is',
      ),
    ]);
  });

  test('reports YAML that does not parse, with its position', async () => {
    expect(await problemsOf('name: shop\nfunctions: [a\n')).toEqual([expect.stringMatching(/^project\.yml:\d+:\d+ /)]);
  });

  test('reports a variable that Lambda sets itself', async () => {
    for (const name of ['AWS_REGION', 'AWS_LAMBDA_FUNCTION_NAME', 'LAMBDA_TASK_ROOT']) {
      expect(await problemsOf(`name: s\nfunctions: {a: {handler: a.h, variables: {${name}: x}}}\n`)).toEqual([
        expect.stringContaining(`"${name}" is not a variable name`),
      ]);
    }
    await projectOf('name: s\nfunctions: {a: {handler: a.h, variables: {AWS_REGION_OF_MINE: x}}}\n');
  });

  test('reports one syntax error once, with the likely fix', async () => {
    expect(
      await problemsOf(
        'name: s\nfunctions:\n  a:\n    handler: a.h\n    events:\n      - http: {path: /files/{rest+}}\n',
      ),
    ).toEqual([expect.stringMatching(/^project\.yml:6:\d+ .* \| put text that has braces in quotes/)]);
  });

  test('reports two functions with one name', async () => {
    expect(await problemsOf('name: s\nfunctions:\n  a: {handler: a.h}\n  a: {handler: b.h}\n')).toEqual([
      expect.stringMatching(/^project\.yml:4:3 the key "a" appears twice; first in line 3/),
    ]);
  });

  test('reports two functions with the same logical id', async () => {
    expect(await problemsOf('name: s\nfunctions:\n  get-user: {handler: a.h}\n  getUser: {handler: b.h}\n')).toEqual([
      'project.yml:4:3 the functions "get-user" and "getUser" have the same logical id, GetUser | rename one of them',
    ]);
  });

  test('reports an environment that does not exist, with those that do', async () => {
    await expect(
      projectOf('name: s\nenvironments: {staging: {}, prod: {}}\n', { environment: 'stagin' }),
    ).rejects.toMatchObject({
      code: 'ENVIRONMENT_UNKNOWN',
      exitCode: 4,
      hint: 'did you mean "staging"? the project has local, staging, prod',
    });
  });

  test('reports a missing project file', async () => {
    const folder = await folderOf({ 'readme.txt': '' });
    await expect(load(folder)).rejects.toMatchObject({
      code: 'PROJECT_NOT_FOUND',
      hint: expect.stringContaining('fx init'),
    });
  });

  test('reports an Export, since exports lock stacks together', async () => {
    expect(await problemsOf('name: s\noutputs: {A: {Value: x, Export: {Name: y}}}\n')).toEqual([
      expect.stringMatching(/^project\.yml:2:25 fx exports nothing/),
    ]);
  });

  test('reports an unknown key inside an environment at its line', async () => {
    expect(await problemsOf('name: s\nenvironments:\n  prod:\n    regoin: eu-west-1\n', 'prod')).toEqual([
      expect.stringMatching(/^project\.yml:4:5 unknown key "regoin" \| did you mean "region"\?/),
    ]);
  });
});

describe('environments', () => {
  const text = [
    'name: shop',
    'params: {domain: example.com}',
    'defaults: {memory: 256, variables: {LEVEL: info, DOMAIN: "${params.domain}"}}',
    'environments:',
    '  prod:',
    '    params: {domain: prod.example.com}',
    '    defaults: {variables: {LEVEL: null}}',
    '    functions: {a: {memory: 1024}}',
    'functions: {a: {handler: a.h, variables: {NAME: "${name}-${env}"}}}',
  ].join('\n');

  test('are merged over the project: maps merge, everything else replaces, null removes', async () => {
    const [local] = (await projectOf(text)).functions;
    const [prod] = (await projectOf(text, { environment: 'prod' })).functions;
    expect(local).toMatchObject({
      memory: 256,
      variables: new Map([
        ['LEVEL', 'info'],
        ['DOMAIN', 'example.com'],
        ['NAME', 'shop-local'],
      ]),
    });
    expect(prod).toMatchObject({
      memory: 1024,
      variables: new Map([
        ['DOMAIN', 'prod.example.com'],
        ['NAME', 'shop-prod'],
      ]),
    });
  });

  test('know the position of each value', async () => {
    const project = await projectOf(text, { environment: 'prod' });
    expect(project.origin(['functions', 'a', 'memory'])).toMatchObject({ line: 8 });
    expect(project.origin(['functions', 'a', 'handler'])).toMatchObject({ line: 9 });
  });

  test('apply their separate file last', async () => {
    const folder = await folderOf({ 'project.yml': text, 'project.prod.yml': 'functions: {a: {memory: 2048}}\n' });
    const project = await load(folder, 'prod');
    expect(project.functions[0]?.memory).toBe(2048);
    expect(project.origin(['functions', 'a', 'memory'])).toMatchObject({ file: 'project.prod.yml', line: 1 });
  });

  test('are found from a folder below the project', async () => {
    const folder = await folderOf({ 'project.yml': 'name: s\n', 'src/deep/x.ts': '' });
    expect((await load(`${folder}/src/deep`)).folder).toBe(folder);
  });
});

describe('lookups', () => {
  test('keep the type if the lookup is the whole value', async () => {
    const project = await projectOf(
      'name: s\nparams: {m: 512}\nfunctions: {a: {handler: a.h, memory: "${params.m}"}}\n',
    );
    expect(project.functions[0]?.memory).toBe(512);
  });

  test('accept a default, and leave $${ and the text of a Sub unchanged', async () => {
    const project = await projectOf(
      'name: s\nfunctions: {a: {handler: a.h, variables: {AA: "${params.x, 7}", BB: "$${x}", CC: !Sub "${AWS::Region}-${AFunction}"}}}\n',
    );
    expect(project.functions[0]?.variables).toEqual(
      new Map<string, unknown>([
        ['AA', '7'],
        ['BB', '${x}'],
        ['CC', { 'Fn::Sub': '${AWS::Region}-${AFunction}' }],
      ]),
    );
  });

  test('that find nothing are errors at their line', async () => {
    const text =
      'name: s\nparams: {domain: x}\nfunctions: {a: {handler: a.h, variables: {AA: "${params.domian}", BB: "${var.NOPE}", CC: "${self:x}"}}}\n';
    expect(await problemsOf(text)).toEqual([
      'project.yml:3:47 ${params.domian} does not exist | did you mean ${params.domain}?',
      expect.stringContaining('${var.NOPE} is not set'),
      expect.stringContaining('${self:x} is not a lookup'),
    ]);
  });

  test('that refer to themselves are errors', async () => {
    expect(await problemsOf('name: s\nparams: {a: "${params.b}", b: "${params.a}"}\n')).toEqual(
      expect.arrayContaining([expect.stringContaining('lookups form a cycle: params.a → params.b → params.a')]),
    );
  });

  test('are found in the variables of a Sub, and a default that is not a plain number stays text', async () => {
    const project = await projectOf(
      'name: s\nparams: {d: x.com}\nfunctions: {a: {handler: a.h, variables: {AA: !Sub ["${H}", {H: "${params.d}"}], BB: "${params.x, 007}", CC: "v${params.x, 1.10}"}}}\n',
    );
    expect(project.functions[0]?.variables).toEqual(
      new Map<string, unknown>([
        ['AA', { 'Fn::Sub': ['${H}', { H: 'x.com' }] }],
        ['BB', '007'],
        ['CC', 'v1.10'],
      ]),
    );
  });
});

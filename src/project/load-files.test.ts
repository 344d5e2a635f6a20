// A project in several files: includes, function folders, layers over them, and other formats of the file.
import { describe, expect, test } from 'vitest';
import { type Files, folderOf, today } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { toPlain } from '../base/located.ts';
import { leavesOf } from './leaves.ts';
import { type LoadOptions, loadProject } from './load.ts';

async function loadedFrom(files: Files, options: Partial<LoadOptions> = {}) {
  const folder = await folderOf(files);
  return loadProject({ folder, environment: 'local', variables: {}, shownFrom: folder, today, ...options });
}

async function problemsOf(files: Files, options: Partial<LoadOptions> = {}): Promise<string[]> {
  const error = await loadedFrom(files, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(
    ({ at, message, hint }) => `${at.file}:${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`,
  );
}

describe('include', () => {
  test('adds functions and resources from other files, in order, through nested includes', async () => {
    const project = await loadedFrom({
      'project.yml': 'name: s\ninclude: [parts/*.yml, "${env}.yml"]\nfunctions: {own: {handler: a.h}}\n',
      'parts/b.yml': 'functions: {b: {handler: b.h}}\n',
      'parts/a.yml': 'include: deep/c.yml\nresources: {Q: {Type: AWS::SQS::Queue}}\n',
      'parts/deep/c.yml': 'functions: {c: {handler: c.h}}\noutputs: {Q: !Ref Q}\n',
      'local.yml': 'functions: {l: {handler: l.h}}\n',
    });
    expect(project.functions.map(({ name }) => name)).toEqual(['own', 'c', 'b', 'l']);
    expect([...project.resources.keys(), ...project.outputs.keys()]).toEqual(['Q', 'Q']);
    expect(project.origin(['functions', 'c', 'handler'])).toMatchObject({ file: 'parts/deep/c.yml', line: 1 });
  });

  test('may name a file twice by two paths', async () => {
    const project = await loadedFrom({
      'project.yml': 'name: s\ninclude: [a.yml, b.yml]\n',
      'a.yml': 'include: b.yml\n',
      'b.yml': 'resources: {Q: {Type: AWS::SQS::Queue}}\n',
    });
    expect([...project.resources.keys()]).toEqual(['Q']);
  });

  test('reports a cycle as its path', async () => {
    expect(
      await problemsOf({
        'project.yml': 'name: s\ninclude: a.yml\n',
        'a.yml': 'include: [sub/b.yml]\n',
        'sub/b.yml': 'include: ../a.yml\n',
      }),
    ).toEqual(['sub/b.yml:1:10 files include each other in a cycle: a.yml → sub/b.yml → a.yml']);
    expect(await problemsOf({ 'project.yml': 'name: s\ninclude: project.yml\n' })).toEqual([
      expect.stringContaining('in a cycle: project.yml → project.yml'),
    ]);
  });

  test('reports duplicates, misplaced keys and missing files, all at once', async () => {
    const files = {
      'project.yml':
        'name: s\nfunctions: {a: {handler: a.h}}\ninclude:\n  - a.yml\n  - no.yml\n  - no/*.yml\n  - ${var.X}.yml\n  - 7\n  - bad.yml\n',
      'a.yml': 'functions: {a: {handler: b.h}}\nregion: eu-west-1\nresource: {}\n',
      'bad.yml': 'functions: [\n',
    };
    expect(await problemsOf(files)).toEqual([
      'a.yml:1:13 "a" is defined twice under functions; first at project.yml:2 | rename one of them',
      expect.stringMatching(/^a\.yml:2:1 "region" is not allowed in an included file/),
      expect.stringMatching(/^a\.yml:3:1 "resource" is not allowed in an included file \| did you mean "resources"\?/),
      expect.stringMatching(/^bad\.yml:2:1 /),
      expect.stringContaining('project.yml:5:5 there is no file no.yml'),
      expect.stringContaining('project.yml:6:5 no file matches no/*.yml'),
      expect.stringContaining('project.yml:7:5 files are included before lookups are resolved'),
      expect.stringContaining('project.yml:8:5 expected the path of a file to include'),
    ]);
  });
});

describe('a function in a separate folder', () => {
  test('is defined by its function.yml, relative to the folder, with a layer per environment', async () => {
    const files = {
      'project.yml':
        'name: s\ndefaults: {memory: 256}\nenvironments: {prod: {functions: {one: {memory: 1024, timeout: 20}}}}\n',
      'functions/one/function.yml': 'handler: src/main.run\nmemory: 512\n',
      'functions/one/function.prod.yml': 'timeout: 30\n',
      'functions/two/function.yml': '',
      'functions/two/index.ts': '',
      'functions/not-one/readme.txt': '',
      'project.prod.yml': 'functions: {one: {description: last}}\n',
    };
    const local = await loadedFrom(files);
    expect(
      local.functions.map(({ name, handler, memory, packaging }) => [name, handler, memory, packaging.source]),
    ).toEqual([
      ['one', 'src/main.run', 512, 'functions/one'],
      ['two', 'index.handler', 256, 'functions/two'],
    ]);
    const prod = await loadedFrom(files, { environment: 'prod' });
    expect(prod.functions[0]).toMatchObject({ memory: 1024, timeout: 30, description: 'last' });
    const layers = leavesOf(prod).flatMap(({ path, layer }) =>
      path.startsWith('functions.one.') ? [[path.slice(14), layer]] : [],
    );
    expect(Object.fromEntries(layers)).toEqual({
      handler: 'functions/one/function.yml',
      memory: 'environments.prod',
      timeout: 'functions/one/function.prod.yml',
      description: 'project.prod.yml',
    });
  });

  test('needs no function.yml if the project lists no functions', async () => {
    const files = { 'project.yml': 'name: s\n', 'functions/hello/index.js': '' };
    expect((await loadedFrom(files)).functions).toMatchObject([
      { name: 'hello', handler: 'index.handler', packaging: { source: 'functions/hello' } },
    ]);
    const listed = { ...files, 'project.yml': 'name: s\nfunctions: {api: {handler: functions/hello/index.other}}\n' };
    expect((await loadedFrom(listed)).functions.map(({ name }) => name)).toEqual(['api']);
  });

  test('that project.yml also defines is reported', async () => {
    expect(
      await problemsOf({
        'project.yml': 'name: s\nfunctions: {a: {handler: a.h}}\n',
        'functions/a/function.yml': 'handler: a.h\n',
      }),
    ).toEqual([expect.stringContaining('"a" is defined twice under functions; first at project.yml:2')]);
  });
});

describe('layers', () => {
  test('come in order: environments, function folders, project.<env>.yml, the command line', async () => {
    const files = {
      'project.yml':
        'name: s\nregion: eu-west-1\nparams: {a: base, b: base, c: base, d: base}\nfunctions: {f: {handler: a.h, variables: {LEVEL: base}}}\nenvironments: {prod: {params: {b: env, c: env, d: env}}}\n',
      'project.prod.yml': 'params: {c: file, d: file}\n',
    };
    const project = await loadedFrom(files, {
      environment: 'prod',
      params: { d: 'line' },
      region: 'us-east-2',
      set: { LEVEL: 'set', MORE: '${env}' },
    });
    expect(toPlain(project.merged)).toMatchObject({
      region: 'us-east-2',
      params: { a: 'base', b: 'env', c: 'file', d: 'line' },
    });
    expect(project.functions[0]?.variables).toEqual(
      new Map([
        ['LEVEL', 'set'],
        ['MORE', '${env}'],
      ]),
    );
    expect(project.sources.map(({ label }) => label)).toEqual([
      'project.yml',
      'environments.prod',
      'project.prod.yml',
      '--param',
      '--region',
    ]);
  });

  test('report an unused --param, unless a name is itself a lookup', async () => {
    const text =
      'name: s\nparams: {domain: x}\nfunctions: {f: {handler: a.h, variables: {LEVEL: "${params.level, info}"}}}\n';
    const of = (name: string, file = text) => loadedFrom({ 'project.yml': file }, { params: { [name]: 'v' } });
    expect((await of('level')).functions[0]?.variables).toEqual(new Map([['LEVEL', 'v']]));
    await of('domain');
    await of('domain.sub').catch(() => {});
    await expect(of('lvel')).rejects.toMatchObject({
      code: 'PROJECT_INVALID',
      problems: [
        {
          at: { file: '--param lvel' },
          message: 'the project does not use the param "lvel"',
          hint: 'did you mean "level"? params are domain, level',
        },
      ],
    });
    await of('lvel', `${text}outputs: {A: "\${params.\${params.domain}, none}"}\n`);
  });

  test('an environment may exist only as a file, or match a name pattern', async () => {
    const files = {
      'project.yml': 'name: s\nenvironments: {"pr-*": {defaults: {memory: 256}}}\nfunctions: {f: {handler: a.h}}\n',
      'project.qa.yml': 'defaults: {memory: 1024}\n',
    };
    expect((await loadedFrom(files, { environment: 'pr-12' })).functions[0]?.memory).toBe(256);
    expect((await loadedFrom(files, { environment: 'qa' })).functions[0]?.memory).toBe(1024);
    expect((await loadedFrom(files)).environments).toEqual(['local', 'pr-*', 'qa']);
    await expect(loadedFrom(files, { environment: 'PR-12' })).rejects.toMatchObject({ code: 'ENVIRONMENT_UNKNOWN' });
  });

  test('reports an unknown key even if null removes it, and a misplaced include', async () => {
    const text =
      'name: s\nfunctions: {f: {handler: a.h}}\nenvironments:\n  prod:\n    include: a.yml\n    functions: {f: {memroy: null}}\n';
    expect(await problemsOf({ 'project.yml': text }, { environment: 'prod' })).toEqual([
      expect.stringContaining('project.yml:5:5 "include" is not allowed in an environment'),
      expect.stringContaining('project.yml:6:21 unknown key "memroy" | did you mean "memory"?'),
    ]);
  });

  test('null in a function removes a default, and permissions accumulate', async () => {
    const text =
      'name: s\ndefaults: {tracing: Active, tags: {a: x, b: y}, layers: ["arn:aws:lambda:us-east-1:111122223333:layer:l:1"], permissions: ["s3:GetObject on *"]}\nfunctions:\n  f: {handler: a.h, tracing: null, tags: {b: null, c: z}, layers: [], permissions: ["s3:PutObject on *"]}\n  g: {handler: a.h, permissions: null}\n';
    const [f, g] = (await loadedFrom({ 'project.yml': text })).functions;
    expect(f).toMatchObject({
      tracing: undefined,
      tags: new Map([
        ['a', 'x'],
        ['c', 'z'],
      ]),
      layers: [],
    });
    expect(f?.permissions).toHaveLength(2);
    expect(g?.permissions).toEqual([]);
    expect(g?.tracing).toBe('Active');
  });
});

describe('other forms of the file', () => {
  test.each([
    ['project.yaml', 'name: s\nfunctions: {f: {handler: a.h}}\n'],
    ['project.json', '{"name": "s", "functions": {"f": {"handler": "a.h"}}}'],
    ['project.mjs', 'export default { name: "s", functions: { f: { handler: "a.h" } } };'],
    [
      'project.ts',
      'import { handler } from "./part.ts";\nexport default async ({ environment }: { environment: string }) => ({ name: environment === "local" ? "s" : "x", functions: { f: { handler } } });',
    ],
  ])('%s', async (name, text) => {
    const project = await loadedFrom({ [name]: text, 'part.ts': 'export const handler: string = "a.h";\n' });
    expect(project).toMatchObject({ name: 's', file: name, functions: [{ name: 'f', handler: 'a.h' }] });
  });

  test.each([
    ['export default { name: 5 };', 'expected a project name'],
    ['throw new Error("no luck");', 'the program returns no project: Error: no luck'],
    ['export const project = {};', 'the program returns no project'],
    ['export default [];', 'expected a map as the default export'],
    ['export default {', 'found end of file'],
    ['process.exit(3)', 'it exited with 3'],
  ])('a program that returns no project is reported: %s', async (text, message) => {
    expect(await problemsOf({ 'project.mjs': text })).toEqual([expect.stringContaining(message)]);
  });

  test('two of them are reported, and --config chooses one', async () => {
    const files = {
      'project.yml': 'name: a\n',
      'project.json': '{"name": "b"}',
      'other.yml': 'name: c\nenvironments: {prod: {}}\n',
      'other.prod.yml': 'region: eu-west-1\n',
    };
    await expect(loadedFrom(files)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('project.yml and project.json'),
    });
    const folder = await folderOf(files);
    const project = await loadProject({
      folder,
      file: `${folder}/other.yml`,
      environment: 'prod',
      variables: {},
      shownFrom: folder,
      today,
    });
    expect(project).toMatchObject({ name: 'c', environment: { region: 'eu-west-1' }, file: 'other.yml' });
  });
});

describe('the file of an environment', () => {
  test('overlays the pattern that its name matches, and is reported if there are two', async () => {
    const files = {
      'project.yml': 'name: s\nparams: {n: 1}\nenvironments: {pr-*: {params: {n: 2}}}\n',
      'project.pr-1.yml': 'params: {m: 3}\n',
    };
    const project = await loadedFrom(files, { environment: 'pr-1' });
    expect(toPlain(project.merged)).toMatchObject({ params: { n: 2, m: 3 } });
    await expect(loadedFrom({ ...files, 'project.pr-1.json': '{}' }, { environment: 'pr-1' })).rejects.toThrow(
      'there are two files for pr-1',
    );
  });

  test('is not found by an invalid name', async () => {
    const files = { 'project.yml': 'name: s\nenvironments: {pr-*: {params: {n: 2}}}\n' };
    await expect(loadedFrom(files, { environment: 'pr-*' })).rejects.toMatchObject({
      code: 'ENVIRONMENT_UNKNOWN',
      hint: 'name one that it matches, such as pr-1',
    });
    for (const environment of ['(', 'Prod', 'a'.repeat(300)])
      await expect(loadedFrom(files, { environment })).rejects.toMatchObject({ code: 'ENVIRONMENT_UNKNOWN' });
  });

  test('of a function may have any format that the function may have', async () => {
    const files = {
      'project.yml': 'name: s\n',
      'functions/a/index.ts': '',
      'functions/a/function.yaml': 'memory: 256\n',
      'functions/a/function.local.yaml': 'memory: 1024\n',
    };
    expect((await loadedFrom(files)).functions[0]).toMatchObject({ memory: 1024 });
    expect(await problemsOf({ ...files, 'functions/a/function.local.json': '{}' })).toEqual([
      'functions/a:1:1 functions/a has both function.local.yaml and function.local.json | remove one of them',
    ]);
  });
});

test('an empty function is a function, with or without defaults', async () => {
  for (const defaults of ['', 'defaults: {memory: 256}\n']) {
    const { functions } = await loadedFrom({
      'project.yml': `name: s\n${defaults}functions:\n  a:\n  b: {handler: b.h, variables: {NONE: }}\n`,
      'index.ts': '',
    });
    expect(functions.map(({ name, variables }) => [name, variables.size])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  }
});

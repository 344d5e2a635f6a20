import { afterAll, describe, expect, test } from 'vitest';
import { artifactIn, buildIn, pathsOf, problemsIn } from '../../test/support/artifacts.ts';
import { localLambda } from '../../test/support/local-lambda.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const version = runs('go', 'version');
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const module = 'module example.test/f\n\ngo 1.22\n\nrequire github.com/aws/aws-lambda-go v1.49.0\n';
const main = (answer: string) => `package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

type Event struct {
	Name string \`json:"name"\`
}

func main() {
	lambda.Start(func(ctx context.Context, event Event) (map[string]string, error) {
		return map[string]string{"hello": ${answer}}, nil
	})
}
`;

describe.skipIf(version === undefined)(`a Go function${reasonMissing(version, 'there is no go here')}`, () => {
  const local = localLambda();
  afterAll(() => local.stop());

  test('is one static program, with a real dependency, that the local AWS runs', { timeout: 180_000 }, async () => {
    const folder = await folderOf({
      'project.yml': `name: s\nfunctions:\n  mine: {architecture: ${architecture}}\n  other: {architecture: ${architecture === 'arm64' ? 'x86_64' : 'arm64'}, source: functions/mine}\n`,
      'functions/mine/go.mod': module,
      'functions/mine/main.go': main('greet(event.Name)'),
      'functions/mine/greet.go': 'package main\n\nfunc greet(name string) string { return "go " + name }\n',
      'functions/mine/greet_test.go': 'package main\n',
    });
    tidy(`${folder}/functions/mine`);
    const { artifacts } = await buildIn(folder);
    const artifact = artifacts.get('mine');
    if (artifact === undefined) throw new Error('nothing was built');
    expect([artifact.code.handler, pathsOf(artifact), artifact.manifest[0]?.mode]).toEqual([
      'bootstrap',
      ['bootstrap'],
      0o755,
    ]);
    expect(artifacts.get('other')?.manifest[0]?.native).toBe(architecture === 'arm64' ? 'elf-x86_64' : 'elf-arm64');
    const { result } = await local.invoke(
      artifact,
      { Runtime: 'provided.al2023', Architectures: [architecture] },
      { name: 'x' },
    );
    expect(result).toEqual({ hello: 'go x' });

    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'functions/mine/greet_test.go': 'package main // changed\n', 'unrelated.go': '' });
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, {
      'functions/mine/greet.go': 'package main\n\nfunc greet(name string) string { return "gone " + name }\n',
    });
    expect((await buildIn(folder)).fresh).toEqual(['mine', 'other']);
    await writeFiles(folder, { 'functions/mine/more.go': 'package main\n\nvar more = 1\n' });
    expect((await buildIn(folder)).fresh).toEqual(['mine', 'other']);
  });

  test('is built again for a new file that matches a go:embed pattern', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/go.mod': 'module f\n\ngo 1.22\n',
      'functions/a/main.go':
        'package main\n\nimport "embed"\n\n//go:embed static pages/*.html *.sql\nvar files embed.FS\n\nfunc main() { files.ReadDir(".") }\n',
      'functions/a/static/css/a.css': 'a',
      'functions/a/pages/a.html': 'a',
      'functions/a/a.sql': 'a',
    });
    await buildIn(folder);
    for (const path of ['static/css/b.css', 'static/js/b.js', 'pages/b.html', 'b.sql']) {
      await writeFiles(folder, { [`functions/a/${path}`]: 'b' });
      expect([path, (await buildIn(folder)).fresh]).toEqual([path, ['a']]);
    }
    await writeFiles(folder, { 'functions/a/notes.txt': 'b' });
    expect((await buildIn(folder)).fresh).toEqual([]);
  });

  test('has the same bytes from another folder', async () => {
    const files = {
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/go.mod': 'module f\n\ngo 1.22\n',
      'functions/a/main.go': 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("x") }\n',
    };
    const keys = [];
    for (let index = 0; index < 2; index++) keys.push((await artifactIn(await folderOf(files))).code.key);
    expect(keys[1]).toBe(keys[0]);
  });

  test('that does not compile is reported once at its line, in the words of go', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/go.mod': 'module f\n\ngo 1.22\n',
      'functions/a/main.go': 'package main\n\nfunc main() {\n\tundefinedThing()\n}\n',
    });
    expect(await problemsIn(folder)).toEqual([
      'functions/a/main.go:4 undefined: undefinedThing | # f\n./main.go:4:2: undefined: undefinedThing',
    ]);
  });
});

function tidy(folder: string): void {
  if (runs('sh', '-c', `cd '${folder}' && go mod tidy 2>&1`) === undefined) throw new Error('go mod tidy failed');
}

test('without go says so', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions: {a: {}}\n',
    'functions/a/main.go': 'package main\n',
  });
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    expect(await problemsIn(folder)).toEqual([
      'project.yml:2 the function "a" is built by go, which is not on the PATH | install go, or build elsewhere and set `artifact` to the result',
    ]);
  } finally {
    process.env['PATH'] = path;
  }
});

// Go's ways to bring code together: workspaces, vendored and private modules, build tags, linker flags; and cgo, which fx refuses.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { artifactIn, buildIn, outputOf, problemsIn } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const version = runs('go', 'version');
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const canRun = process.platform === 'linux';
const project = (more = '') => `name: s\nfunctions:\n  a: {architecture: ${architecture}${more}}\n`;
const prints = (imports: string, value: string) =>
  `package main\n\nimport (\n\t"fmt"\n${imports}\n)\n\nvar version = "none"\n\nfunc main() { fmt.Print(${value}) }\n`;

const outputIn = async (folder: string) => outputOf(await artifactIn(folder));

function setVariable(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

describe.skipIf(version === undefined || !canRun)(`Go${reasonMissing(version, 'there is no go here')}`, () => {
  const workspace = {
    'project.yml': project(),
    'go.work': 'go 1.22\n\nuse (\n\t./functions/a\n\t./shared\n\t./unused\n)\n',
    'functions/a/go.mod': 'module example.test/a\n\ngo 1.22\n',
    'functions/a/main.go': prints('\t"example.test/shared/greet"', 'greet.Word()'),
    'shared/go.mod': 'module example.test/shared\n\ngo 1.22\n',
    'shared/greet/greet.go': 'package greet\n\nfunc Word() string { return "one" }\n',
    'unused/go.mod': 'module example.test/unused\n\ngo 1.22\n',
    'unused/unused.go': 'package unused\n',
  };

  test('workspaces: a change of another module, or of go.work, is a new build', async () => {
    const folder = await folderOf(workspace);
    expect(await outputIn(folder)).toBe('one');
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'shared/greet/greet.go': 'package greet\n\nfunc Word() string { return "two" }\n' });
    expect(await outputIn(folder)).toBe('two');
    await writeFiles(folder, { 'shared/greet/more.go': 'package greet\n' });
    expect((await buildIn(folder)).fresh).toEqual(['a']);
    await writeFiles(folder, { 'unused/unused.go': 'package unused // changed\n' });
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, {
      'unused/go.mod': 'module example.test/unused\n\ngo 1.23\n',
      'go.work': workspace['go.work'].replace('1.22', '1.23'),
    });
    expect((await buildIn(folder)).fresh).toEqual(['a']);
    await writeFiles(folder, { 'go.work': 'go 1.23\n\nuse ./functions/a\n' });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('example.test/shared/greet')]);
  });

  test('workspaces: the file may be above the project, or named by GOWORK', async () => {
    const folder = await folderOf(workspace);
    const { 'project.yml': yml } = workspace;
    await writeFiles(folder, { 'functions/project.yml': yml.replace('{arch', '{source: a, arch') });
    const inner = join(folder, 'functions');
    expect(await outputIn(inner)).toBe('one');
    await writeFiles(folder, { 'shared/greet/greet.go': 'package greet\n\nfunc Word() string { return "two" }\n' });
    expect(await outputIn(inner)).toBe('two');
    execFileSync('mv', ['go.work', 'other.work'], { cwd: folder });
    setVariable('GOWORK', join(folder, 'other.work'));
    expect(await outputIn(folder)).toBe('two');
    await writeFiles(folder, { 'other.work': workspace['go.work'].replace('\t./shared\n', '') });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('example.test/shared/greet')]);
  });

  test('vendored modules: no network, and a change in vendor/ is a new build', async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/go.mod': 'module example.test/a\n\ngo 1.22\n\nrequire example.test/absent v1.0.0\n',
      'functions/a/main.go': prints('\t"example.test/absent"', 'absent.Word()'),
      'functions/a/vendor/modules.txt': '# example.test/absent v1.0.0\n## explicit\nexample.test/absent\n',
      'functions/a/vendor/example.test/absent/a.go': 'package absent\n\nfunc Word() string { return "one" }\n',
    });
    setVariable('GOPROXY', 'off');
    expect(await outputIn(folder)).toBe('one');
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, {
      'functions/a/vendor/example.test/absent/a.go': 'package absent\n\nfunc Word() string { return "two" }\n',
    });
    expect(await outputIn(folder)).toBe('two');
    await writeFiles(folder, {
      'functions/a/vendor/modules.txt': '# example.test/absent v1.0.1\n## explicit\nexample.test/absent\n',
    });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('inconsistent vendoring')]);
  });

  test('private modules: GOPRIVATE and the credentials of git are passed on', async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/go.mod': 'module example.test/a\n\ngo 1.22\n\nrequire example.test/private.git v1.0.0\n',
      'functions/a/main.go': prints('\tprivate "example.test/private.git"', 'private.Word()'),
      'private/go.mod': 'module example.test/private.git\n\ngo 1.22\n',
      'private/a.go': 'package private\n\nfunc Word() string { return "private" }\n',
    });
    const repository = join(folder, 'private');
    const commit =
      'git init -q . && git add . && git -c user.name=x -c user.email=x@example.test commit -qm x && git tag v1.0.0';
    execFileSync('sh', ['-c', commit], { cwd: repository });
    setVariable('GOPRIVATE', 'example.test');
    setVariable('GOMODCACHE', join(folder, 'modules'));
    setVariable('GOFLAGS', '-modcacherw');
    setVariable('GIT_CONFIG_COUNT', '1');
    setVariable('GIT_CONFIG_KEY_0', `url.file://${repository}.insteadOf`);
    setVariable('GIT_CONFIG_VALUE_0', 'https://example.test/private');
    execFileSync('go', ['mod', 'tidy'], { cwd: join(folder, 'functions/a'), stdio: 'pipe' });
    expect(await outputIn(folder)).toBe('private');
  });

  test('tags and flags: those of project.yml and of GOFLAGS, together with those of fx', async () => {
    const folder = await folderOf({
      'project.yml': project(', go: {tags: [paid], ldflags: "-X main.version=1.4"}'),
      'functions/a/go.mod': 'module example.test/a\n\ngo 1.22\n',
      'functions/a/main.go': prints('', 'version, extra, author, plan'),
      'functions/a/plan_free.go': '//go:build !paid\n\npackage main\n\nvar plan = "free"\n',
      'functions/a/plan_paid.go': '//go:build paid && lambda.norpc\n\npackage main\n\nvar plan = "paid"\n',
      'functions/a/extra.go': '//go:build extra\n\npackage main\n\nvar extra = "extra"\n',
      'functions/a/author.go': 'package main\n\nvar author = "nobody"\n',
    });
    setVariable('GOFLAGS', "-tags=extra,other '-ldflags=-X main.author=me'");
    expect(await outputIn(folder)).toBe('1.4 extra me paid'.replaceAll(' ', ''));
    await writeFiles(folder, { 'functions/a/plan_paid.go': '//go:build paid\n\npackage main\n\nvar plan = "gold"\n' });
    expect(await outputIn(folder)).toBe('1.4extramegold');
    await writeFiles(folder, { 'project.yml': project() });
    expect(await outputIn(folder)).toBe('noneextramefree');
  });

  test('cgo is refused by the name of the package, whatever words go has for it', async () => {
    const c = 'package c\n\n// #include <stdlib.h>\nimport "C"\n\nfunc X() int { return int(C.abs(1)) }\n';
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/go.mod': 'module example.test/a\n\ngo 1.22\n',
      'functions/a/main.go': prints('\t"example.test/a/c"', 'c.X()'),
      'functions/a/c/c.go': c,
    });
    const refusal =
      'the function "a" needs cgo for example.test/a/c, but fx builds Go without a C compiler | use a package in pure Go, or build it with a C compiler for Linux and set `artifact` to the result';
    expect(await problemsIn(folder)).toEqual([`project.yml:3 ${refusal}`]);
    await writeFiles(folder, { 'functions/a/c/d.go': 'package c\n' });
    expect(await problemsIn(folder)).toEqual([`functions/a/main.go:10 ${refusal}`]);
    await writeFiles(folder, { 'functions/a/c/d.go': 'package c\n\nvar Y = X()\n' });
    expect(await problemsIn(folder)).toEqual([`functions/a/c/d.go:3 ${refusal}`]);
    await writeFiles(folder, { 'functions/a/c/d.go': '//go:build !cgo\n\npackage c\n\nfunc X() int { return 2 }\n' });
    expect(await outputIn(folder)).toBe('2');
    await writeFiles(folder, { 'functions/a/main.go': c.replace('package c', 'package main') });
    expect(await problemsIn(folder)).toEqual([`project.yml:3 ${refusal.replace('/a/c,', '/a,')}`]);
  });

  test('the remedy for cgo works: the result of a C compiler as artifact', async () => {
    const gcc = runs('gcc', '--version');
    if (gcc === undefined) return;
    const folder = await folderOf({
      'project.yml': project(', artifact: out, runtime: provided.al2023, handler: x'),
      'functions/a/go.mod': 'module example.test/a\n\ngo 1.22\n',
      'functions/a/main.go': 'package main\n\n// #include <stdlib.h>\nimport "C"\n\nfunc main() { print(C.abs(-3)) }\n',
    });
    execFileSync(
      'go',
      ['build', '-o', '../../out/bootstrap', '-ldflags', '-linkmode external -extldflags -static', '.'],
      {
        cwd: join(folder, 'functions/a'),
        env: { ...process.env, CGO_ENABLED: '1' },
        stdio: 'pipe',
      },
    );
    await buildIn(folder);
  });
});

// Which files a build sees: the rules of .dockerignore, as Docker documents them, and what fx leaves out by itself.
// https://docs.docker.com/build/concepts/context/#dockerignore-files
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Files, folderOf } from '../../../test/support/project.ts';
import { contextOf, stage } from './context.ts';

async function pathsOf(files: Files, below = '.', dockerfile = 'Dockerfile') {
  const projectFolder = await folderOf({ Dockerfile: '', ...files });
  const folder = join(projectFolder, below);
  return contextOf({ folder, dockerfile: join(projectFolder, dockerfile), projectFolder }).map(({ path }) => path);
}

test.each([
  ['temp?', ['a/temp1', 'a/tempted', 'other']],
  ['*/temp*', ['other', 'temp1']],
  ['**/temp*', ['other']],
  ['/a', ['other', 'temp1']],
  ['*\n!other', ['other']],
  ['a\n!a/temp1', ['a/temp1', 'other', 'temp1']],
  ['!other\nother', ['a/temp1', 'a/tempted', 'temp1']],
  ['# other\n\n  ./a/../temp1  ', ['a/temp1', 'a/tempted', 'other']],
])('%j leaves %j', async (text, left) => {
  const files = { '.dockerignore': `${text}\n`, 'a/temp1': '', 'a/tempted': '', other: '', temp1: '' };
  const found = await pathsOf(files);
  expect(found.filter((path) => !['.dockerignore', 'Dockerfile'].includes(path))).toEqual(left);
});

test('an ignore file with the name of the Dockerfile comes first', async () => {
  const files = { '.dockerignore': 'a', 'b.Dockerfile': '', 'b.Dockerfile.dockerignore': '*\n!a', a: '', c: '' };
  expect(await pathsOf(files, '.', 'b.Dockerfile')).toEqual(['a']);
});

test('files of fx and of git are left out, unless a line names them', async () => {
  const files = {
    '.fx/cache/x': '',
    '.git/HEAD': '',
    'project.yml': '',
    'project.prod.yml': '',
    'functions/a/function.yml': '',
    'functions/a/project.yml': '',
    'docs/project.yml': '',
  };
  expect(await pathsOf(files)).toEqual(['Dockerfile', 'docs/project.yml', 'functions/a/project.yml']);
  expect(await pathsOf(files, 'functions/a')).toEqual(['project.yml']);
  const kept = await pathsOf({ ...files, '.dockerignore': '!.git\n!project.yml\n' });
  expect(kept).toEqual(expect.arrayContaining(['.git/HEAD', 'project.yml']));
  // a context above the project
  const above = await folderOf({
    Dockerfile: '',
    'app/.fx/x': '',
    'app/project.yml': '',
    'project.yml': '',
    'lib/a': '',
  });
  const place = { folder: above, dockerfile: join(above, 'Dockerfile'), projectFolder: join(above, 'app') };
  expect(contextOf(place).map(({ path }) => path)).toEqual(['Dockerfile', 'lib/a', 'project.yml']);
});

test('what is staged is what was found: files, modes, links, and empty folders', async () => {
  const projectFolder = await folderOf({ Dockerfile: '', 'a/b.txt': 'b', 'left/out': '', '.dockerignore': 'left' });
  mkdirSync(join(projectFolder, 'empty'));
  symlinkSync('../nowhere', join(projectFolder, 'a/link'));
  const place = { folder: projectFolder, dockerfile: join(projectFolder, 'Dockerfile'), projectFolder };
  const target = join(await folderOf({}), 'staged');
  await stage(contextOf(place), target);
  expect(readdirSync(target, { recursive: true }).sort()).toEqual(
    ['.dockerignore', 'Dockerfile', 'a', 'a/b.txt', 'a/link', 'empty'].sort(),
  );
  expect(readFileSync(join(target, 'a/b.txt'), 'utf8')).toBe('b');
  expect(lstatSync(join(target, 'a/link')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(target, 'a/link'))).toBe('../nowhere');
});

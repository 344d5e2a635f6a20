// Ruby with the real bundler, on gems that the test makes: the registry is not needed.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { artifactIn, pathsOf, problemsIn, unpacked } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const version =
  runs('bundle', '--version') === undefined ? undefined : runs('ruby', '-e', 'print RUBY_VERSION[/\\d+\\.\\d+/]');
const gemspec = (more = '') =>
  `Gem::Specification.new do |s|\n  s.name = "greet"\n  s.version = "1.0.0"\n  s.summary = "x"\n  s.authors = ["x"]\n  s.files = Dir["lib/**/*", "ext/**/*"]\n${more}end\n`;

async function projectWithGem(runtime: string): Promise<string> {
  const folder = await folderOf({
    'project.yml': `name: s\nfunctions:\n  a: {runtime: ${runtime}, architecture: x86_64}\n`,
    'functions/a/lambda.rb': "require 'greet'\n\ndef handler(event:, context:) = Greet.word\n",
    'functions/a/Gemfile': "source 'https://gems.example.test'\n\ngem 'greet', '1.0.0'\n",
    'functions/a/Gemfile.lock':
      'GEM\n  remote: https://gems.example.test/\n  specs:\n    greet (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  greet (= 1.0.0)\n',
    'greet/greet.gemspec': gemspec(),
    'greet/lib/greet.rb': "module Greet\n  def self.word = 'hello'\nend\n",
  });
  const commands =
    'cd greet && gem build greet.gemspec && mkdir -p ../functions/a/vendor/cache && mv *.gem ../functions/a/vendor/cache';
  execFileSync('sh', ['-c', commands], { cwd: folder, stdio: 'pipe' });
  return folder;
}

describe.skipIf(version === undefined)(
  `Ruby by bundler${reasonMissing(version, 'there is no ruby or no bundler here')}`,
  () => {
    test('packs gems where the runtime of the function looks, whatever Ruby this machine has', {
      timeout: 60_000,
    }, async () => {
      const artifact = await artifactIn(await projectWithGem('ruby3.4'));
      expect(pathsOf(artifact)).toEqual(
        expect.arrayContaining([
          'Gemfile',
          'Gemfile.lock',
          'lambda.rb',
          'vendor/bundle/ruby/3.4.0/gems/greet-1.0.0/lib/greet.rb',
          'vendor/bundle/ruby/3.4.0/specifications/greet-1.0.0.gemspec',
        ]),
      );
      expect(pathsOf(artifact).filter((path) => path.includes('vendor/cache'))).toEqual([]);
      // as Lambda does: with its folder of gems, and no bundler
      const folder = unpacked(artifact);
      const call = "require './lambda'; print handler(event: {}, context: nil)";
      const environment = { PATH: process.env['PATH'], GEM_PATH: join(folder, 'vendor/bundle/ruby/3.4.0') };
      expect(execFileSync('ruby', ['-e', call], { cwd: folder, env: environment, encoding: 'utf8' })).toBe('hello');
    });

    test('refuses native code that was built for another Ruby', { timeout: 60_000 }, async () => {
      const folder = await projectWithGem(version === '3.4' ? 'ruby3.3' : 'ruby3.4');
      // a build of real native code needs the headers of Ruby; this gem only brings a file of that kind along
      await writeFiles(folder, { 'greet/lib/greet/greet.so': 'x' });
      execFileSync('sh', ['-c', 'gem build greet.gemspec && mv *.gem ../functions/a/vendor/cache'], {
        cwd: join(folder, 'greet'),
        stdio: 'pipe',
      });
      expect(await problemsIn(folder)).toEqual([
        expect.stringMatching(
          /^project.yml:3 the function "a" runs on ruby3.\d, but the native code of greet-1.0.0 was built here for Ruby [\d.]+ \| build it with Ruby 3.\d, or set `runtime: ruby[\d.]+` if Lambda has that$/,
        ),
      ]);
    });
  },
);

// What a template may contain.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TemplateCollector, templateLimits } from './template-files.ts';

const admits = (path: string, size = 0) => new TemplateCollector('theirs').admits(path, size);

test.each(['', '/etc/passwd', '../a', 'a/../../b', 'a//b', './a', 'C:/a', 'a\\b', 'a\nb', 'a/'])(
  'no file outside of its folder: %j',
  (path) => {
    expect(() => admits(path)).toThrow('has a file outside of its folder');
  },
);

test.each(['.git/config', 'deep/.GIT/hooks/post-checkout', 'git~1/config', 'node_modules/a/b.js', '.fx/local/log'])(
  'what belongs to a checkout stays out: %s',
  (path) => {
    expect(admits(path)).toBe(false);
  },
);

test('everything else is taken, up to the limits', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,8}$/).filter((text) => text !== 'node_modules');
  fc.assert(fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (parts) => admits(parts.join('/'))));
  expect(() => admits('a', templateLimits.bytes + 1)).toThrow('is larger than a template may be');
  const collector = new TemplateCollector('theirs');
  for (let count = 0; count < templateLimits.files; count++) {
    collector.admits(`f${count}`, 1);
    collector.add(`f${count}`, { bytes: Buffer.alloc(1), isExecutable: false });
  }
  expect(() => collector.admits('one-more', 1)).toThrow('5000 files');
});

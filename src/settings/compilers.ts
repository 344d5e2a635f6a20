// What the compilers of Go and Rust are told besides what fx says itself.
import { described, list, object, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export interface WrittenGo {
  readonly tags?: readonly string[];
  readonly ldflags?: string;
}

const tag = text({ pattern: /^[A-Za-z0-9_.]+$/, expected: 'a build tag such as integration' });

// The names of https://goreleaser.com/customization/builds/go/ and of go itself
export const go: Setting<WrittenGo> = {
  schema: described(
    'Go: build tags, and flags for the linker.',
    object({
      required: {},
      optional: {
        tags: described('Build tags, in addition to lambda.norpc and those in GOFLAGS.', list(tag), {
          examples: [['paid']],
        }),
        ldflags: described('Flags for the linker, after -s -w and those in GOFLAGS.', text(), {
          examples: ['-X main.version=1.4.0'],
        }),
      },
      elsewhere: { buildTags: 'tags', goBuildFlags: 'tags and ldflags, or GOFLAGS in the shell' },
    }),
    { examples: [{ tags: ['paid'], ldflags: '-X main.version=1.4.0' }] },
  ),
  elsewhere: ['goBuildFlags', 'ldflags', 'buildTags'],
};

export interface WrittenRust {
  readonly bin?: string;
  readonly features?: readonly string[];
}

const name = text({ pattern: /^[A-Za-z0-9_-]+$/, expected: 'the name of a program in Cargo.toml' });
const feature = text({ pattern: /^[\w+./:-]+$/, expected: 'the name of a feature in Cargo.toml' });

// The names of cargo's options
export const rust: Setting<WrittenRust> = {
  schema: described(
    'Rust: which program of a package, and features of it.',
    object({
      required: {},
      optional: {
        bin: described('The program, if the package has several and none has the name of the function.', name, {
          examples: ['orders-worker'],
        }),
        features: described('Features of the package, in addition to its default ones.', list(feature), {
          examples: [['tls']],
        }),
      },
      elsewhere: { binary: 'bin' },
    }),
    { examples: [{ bin: 'orders-worker', features: ['tls'] }] },
  ),
  elsewhere: ['cargo'],
};

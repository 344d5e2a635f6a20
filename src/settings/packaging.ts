// How a function's code is found, built and packed. What these come to is decided in project/packaging.ts, by the runtime families.
import { byKind, converted, described, flag, list, object, oneOf, type Schema, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export const insidePath = {
  pattern: /^(?![/~])(?!(.*\/)?\.\.(\/|$)).+$/,
  expected: 'a path inside the project, such as services/orders',
};

export const source: Setting<string> = {
  schema: described(
    "The folder of its code; handler, include and exclude count from there. By itself the project's where a handler is written, else functions/<name>.",
    text(insidePath),
    { examples: ['services/orders'] },
  ),
  own: true,
  elsewhere: ['codeUri', 'src'],
};

const isNotEmpty = (value: unknown) => Array.isArray(value) && value.length > 0;

export const artifact: Setting<string> = {
  schema: described(
    'What was built elsewhere: a zip, a folder, or s3://bucket/key (with ?versionId=…). It needs runtime and handler.',
    text({
      pattern: /^(s3:\/\/[a-z0-9][a-z0-9.-]+\/\S+|(?!s3:).+)$/,
      expected: 'a zip, a folder, or s3://bucket/key',
    }),
    { examples: ['dist/orders.zip', 's3://example-shared-artifacts/orders-1.4.0.zip'] },
  ),
  own: true,
  elsewhere: ['zip', 'packageArtifact'],
  check(value, { include: added, exclude: left }) {
    // an archive is taken as it is; a folder is packed
    const key = isNotEmpty(added) ? 'include' : isNotEmpty(left) ? 'exclude' : undefined;
    return key !== undefined && /^s3:|\.(zip|jar)$/.test(value)
      ? {
          message: `${key} has no effect on an archive, which is taken as it is`,
          hint: `take it out, or write ${key}: null here`,
        }
      : undefined;
  },
};

export const bundle: Setting<boolean> = {
  schema: described('Node.js: bundle what the handler imports. With false files are packed as they stand.', flag, {
    default: true,
    examples: [false],
  }),
  elsewhere: ['esbuild'],
};

export const external: Setting<readonly string[]> = {
  schema: described('Node.js: packages that are not bundled but packed as they are installed.', list(text()), {
    examples: [['sharp']],
  }),
  elsewhere: ['externals', 'nodeModules', 'install'],
};

export const minify: Setting<boolean> = {
  schema: described('Node.js: shorten the bundled code.', flag, { default: false, examples: [true] }),
};

export const sourceMap: Setting<boolean> = {
  schema: described('Node.js: a source map beside the code, so that stacks name the source.', flag, {
    default: true,
    examples: [false],
  }),
};

export const sdk: Setting<'bundled' | 'runtime'> = {
  schema: oneOf(
    ['bundled', 'runtime'],
    "Node.js: the AWS SDK from the project's lock file, or whatever the runtime has that day.",
    { default: 'bundled', examples: ['runtime'] },
  ),
};

const patterns = list(text({ expected: 'a pattern such as templates/**' }));

export const include: Setting<readonly string[]> = {
  schema: described(
    'Further files, by patterns as in .gitignore; what is named without a wildcard gets in always.',
    patterns,
    { examples: [['templates/**', '!**/*.md']] },
  ),
  elsewhere: ['patterns', 'copyFiles', 'package'],
};

export const exclude: Setting<readonly string[]> = {
  schema: described('Files that stay out, by patterns as in .gitignore; .fxignore has such patterns too.', patterns, {
    examples: [['**/*.draft.html']],
  }),
  elsewhere: ['ignore'],
};

export const outsideLinks: Setting<boolean> = {
  schema: described('Follow symbolic links that lead out of the project.', flag, { default: false, examples: [true] }),
};

const commands: Schema<readonly string[]> = byKind<readonly string[]>({
  scalar: converted(text(), (one) => ({ value: [one] })),
  list: list(text()),
  expected: 'a shell command, or a list of them',
});

export interface WrittenHooks {
  readonly build?: readonly string[];
  readonly deploy?: readonly string[];
  readonly clean?: readonly string[];
}

export const hooksSchema: Schema<WrittenHooks> = described(
  "Shell commands at three moments, run in the function's folder, or the project's. One that fails stops everything.",
  object({
    required: {},
    optional: {
      build: described('Before it is built.', commands, { examples: ['npm run generate'] }),
      deploy: described('Before anything is uploaded.', commands, { examples: [['npm test', 'npm run check']] }),
      clean: described('After it was built.', commands, { examples: ['rm -rf generated'] }),
    },
    elsewhere: { prebuild: 'build', predeploy: 'deploy', postbuild: 'clean' },
  }),
  { examples: [{ build: 'npm run generate' }] },
);

export const hooks: Setting<WrittenHooks> = { schema: hooksSchema, own: true };

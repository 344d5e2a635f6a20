// How a function's code is found, built and packed. project/packaging.ts derives the rest from the runtime family.
import { byKind, converted, described, flag, list, mapOf, object, oneOf, type Schema, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export const insidePath = {
  pattern: /^(?![/~])(?!(.*\/)?\.\.(\/|$)).+$/,
  expected: 'a path inside the project, such as services/orders',
};

export const source: Setting<string> = {
  schema: described(
    "The folder of its code, which handler, include and exclude are relative to. If absent, the project's folder if there is a handler, else functions/<name>.",
    text(insidePath),
    { examples: ['services/orders'] },
  ),
  functionOnly: true,
  elsewhere: ['codeUri', 'src'],
};

const isNotEmpty = (value: unknown) => Array.isArray(value) && value.length > 0;

export const artifact: Setting<string> = {
  schema: described(
    'A prebuilt artifact: a zip, a folder, or s3://bucket/key (with ?versionId=…). Needs runtime and handler.',
    text({
      pattern: /^(s3:\/\/[a-z0-9][a-z0-9.-]+\/\S+|(?!s3:).+)$/,
      expected: 'a zip, a folder, or s3://bucket/key',
    }),
    { examples: ['dist/orders.zip', 's3://example-shared-artifacts/orders-1.4.0.zip'] },
  ),
  functionOnly: true,
  elsewhere: ['zip', 'packageArtifact'],
  check(value, { include: added, exclude: left }) {
    // fx packs folders and never repacks an archive
    const key = isNotEmpty(added) ? 'include' : isNotEmpty(left) ? 'exclude' : undefined;
    return key !== undefined && /^s3:|\.(zip|jar)$/.test(value)
      ? {
          message: `${key} has no effect on a prebuilt archive`,
          hint: `remove it, or write ${key}: null here`,
        }
      : undefined;
  },
};

export interface BundleSettings {
  readonly config?: string;
  readonly packages?: ReadonlyMap<string, 'bundle' | 'pack'>;
}

export const bundle: Setting<boolean | BundleSettings> = {
  schema: described(
    'Node.js: bundle what the handler imports; false packs files unchanged. A map changes how.',
    byKind<boolean | BundleSettings>({
      scalar: flag,
      map: object({
        required: {},
        optional: {
          config: described('A module that exports esbuild plugins.', text(insidePath), {
            examples: ['esbuild.config.mjs'],
          }),
          packages: described(
            'Packages to bundle, or to pack as installed, whatever fx decides for them.',
            mapOf(oneOf(['bundle', 'pack'])),
            { examples: [{ pino: 'pack' }] },
          ),
        },
        elsewhere: { plugins: 'config', external: 'write `external` beside `bundle`' },
      }),
      expected: 'true, false, or a map with config and packages',
    }),
    { default: true, examples: [false, { packages: { pino: 'bundle' } }] },
  ),
  elsewhere: ['esbuild'],
};

export const external: Setting<readonly string[]> = {
  schema: described('Node.js: packages to pack as installed instead of bundling them.', list(text()), {
    examples: [['sharp']],
  }),
  elsewhere: ['externals', 'nodeModules', 'install'],
};

export const minify: Setting<boolean> = {
  schema: described('Node.js: minify the bundle.', flag, { default: false, examples: [true] }),
};

export const sourceMap: Setting<boolean> = {
  schema: described('Node.js: add a source map, so that stack traces show the source.', flag, {
    default: true,
    examples: [false],
  }),
};

export const sdk: Setting<'bundled' | 'runtime'> = {
  schema: oneOf(
    ['bundled', 'runtime'],
    "Node.js and Python: pack the AWS SDK of the project's lock file, or use the one in the runtime.",
    { default: 'bundled', examples: ['runtime'] },
  ),
};

const patterns = list(text({ expected: 'a pattern such as templates/**' }));

export const include: Setting<readonly string[]> = {
  schema: described('Further files, by .gitignore patterns. A path without a wildcard is always included.', patterns, {
    examples: [['templates/**', '!**/*.md']],
  }),
  elsewhere: ['patterns', 'copyFiles', 'package'],
};

export const exclude: Setting<readonly string[]> = {
  schema: described('Files to leave out, by .gitignore patterns, in addition to .fxignore.', patterns, {
    examples: [['**/*.draft.html']],
  }),
  elsewhere: ['ignore'],
};

export const outsideLinks: Setting<boolean> = {
  schema: described('Follow symbolic links that point outside the project.', flag, {
    default: false,
    examples: [true],
  }),
};

const commands: Schema<readonly string[]> = byKind<readonly string[]>({
  scalar: converted(text(), (value) => ({ value: [value] })),
  list: list(text()),
  expected: 'a shell command, or a list of them',
});

export interface WrittenHooks {
  readonly build?: readonly string[];
  readonly deploy?: readonly string[];
  readonly clean?: readonly string[];
  readonly afterDeploy?: readonly string[];
}

export const hooksSchema: Schema<WrittenHooks> = described(
  "Shell commands, run in the function's folder or the project's. If one fails, fx stops.",
  object({
    required: {},
    optional: {
      build: described('Before the build.', commands, { examples: ['npm run generate'] }),
      deploy: described('Before the upload.', commands, { examples: [['npm test', 'npm run check']] }),
      clean: described('After the build.', commands, { examples: ['rm -rf generated'] }),
      afterDeploy: described(
        'After a release is live, with its number in FX_RELEASE and the outputs of the stack as JSON in FX_OUTPUTS.',
        commands,
        { examples: ['npm run notify'] },
      ),
    },
    elsewhere: {
      prebuild: 'build',
      predeploy: 'deploy',
      beforeDeploy: 'deploy',
      postbuild: 'clean',
      postdeploy: 'afterDeploy',
    },
  }),
  { examples: [{ build: 'npm run generate' }] },
);

export const hooks: Setting<WrittenHooks> = { schema: hooksSchema, functionOnly: true };

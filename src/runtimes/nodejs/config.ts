// `bundle: {config: esbuild.config.mjs}`: the user's own plugins and options of esbuild.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import type { BuildOptions } from 'esbuild';
import { FxError, type Span } from '../../base/error.ts';
import { esbuild } from '../../base/esbuild.ts';
import type { FunctionSource, Input } from '../runtime.ts';

export interface BundleConfig {
  readonly options: BuildOptions;
  readonly inputs: readonly Input[];
}

export const noConfig: BundleConfig = { options: {}, inputs: [] };

/** Options that do not change which files come out, or in what form Lambda gets them. */
const allowed = new Set([
  'alias',
  'banner',
  'charset',
  'conditions',
  'define',
  'drop',
  'dropLabels',
  'footer',
  'ignoreAnnotations',
  'inject',
  'jsx',
  'jsxDev',
  'jsxFactory',
  'jsxFragment',
  'jsxImportSource',
  'jsxSideEffects',
  'keepNames',
  'legalComments',
  'loader',
  'mainFields',
  'mangleCache',
  'mangleProps',
  'mangleQuoted',
  'plugins',
  'pure',
  'reserveProps',
  'resolveExtensions',
  'supported',
  'target',
  'treeShaking',
  'tsconfig',
  'tsconfigRaw',
]);

/** Instead of the others. */
const instead: Readonly<Record<string, string>> = {
  external: 'write `external` in project.yml',
  minify: 'write `minify` in project.yml',
  sourcemap: 'write `sourceMap` in project.yml',
};

/** The module's default export: plugins, or options with them, or a function that returns either. Throws BUILD_FAILED. */
export async function readConfig({ packaging, at }: FunctionSource, folder: string): Promise<BundleConfig> {
  const name = packaging.bundleConfig;
  if (name === undefined) return noConfig;
  const file = join(folder, name);
  if (!existsSync(file)) throw failed(at, `there is no file ${name}, which bundle.config names`);
  let value: unknown;
  let inputs: readonly Input[] = [];
  try {
    const built = await compiled(file, folder);
    inputs = built.inputs;
    const exported = load(built.code, file).default;
    value = typeof exported === 'function' ? await (exported as () => unknown)() : exported;
  } catch (cause) {
    throw failed(at, `${name} cannot be loaded: ${(cause as Error).message}`);
  }
  return { options: checked(value, name, at), inputs };
}

function checked(value: unknown, name: string, at: Span): BuildOptions {
  const options = Array.isArray(value) ? { plugins: value as unknown[] } : value;
  if (typeof options !== 'object' || options === null) {
    const what = value === undefined ? 'missing' : `a ${typeof value}`;
    const hint = 'export a list of esbuild plugins, or {plugins, define, loader, …}';
    throw failed(at, `the default export of ${name} is ${what}`, hint);
  }
  for (const key of Object.keys(options)) {
    if (allowed.has(key)) continue;
    const hint = instead[key] ?? `remove it; fx takes ${[...allowed].join(', ')}`;
    throw failed(at, `${name} sets the esbuild option "${key}", which fx sets itself`, hint);
  }
  return options;
}

/** As CommonJS, so that fx loads it again when it changed. Of the packages that it imports, the lock file decides. */
async function compiled(
  file: string,
  folder: string,
): Promise<{ readonly code: string; readonly inputs: readonly Input[] }> {
  const { metafile, outputFiles } = await esbuild().build({
    absWorkingDir: folder,
    entryPoints: [file],
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs).map((path): Input => ({ kind: 'file', path: resolve(folder, path) }));
  return { code: outputFiles[0]?.text ?? '', inputs };
}

function load(code: string, file: string): { readonly default?: unknown } {
  const module: { exports: { readonly default?: unknown } } = { exports: {} };
  const run = compileFunction(code, ['module', 'exports', 'require', '__filename', '__dirname'], { filename: file });
  run(module, module.exports, createRequire(file), file, dirname(file));
  return module.exports;
}

function failed(at: Span, message: string, hint?: string): FxError {
  return new FxError('BUILD_FAILED', 'the build failed', {
    problems: [{ at, message, ...(hint === undefined ? {} : { hint }) }],
  });
}

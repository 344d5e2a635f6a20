// Compiles TypeScript files whose tsconfig.json asks for decorator metadata: esbuild has none, and dependency injection needs it.
// Uses the project's own TypeScript or @swc/core; no other file pays for it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { PartialMessage, Plugin } from 'esbuild';
import { resolvePackage } from './nodejs-installed.ts';
import { addCommand } from './nodejs-platform.ts';
import type { Configurations } from './nodejs-tsconfig.ts';
import { slashed } from './parts.ts';

/** `@` at the start of a declaration or a parameter; a false match only costs time. */
const hasDecorators = (text: string) => /(?:^|[\s({;,])@[A-Za-z_$(]/.test(text);

/** Whether any of these modules of the user's needs the plugin. Absolute paths. */
export function needMetadata(files: readonly string[], configurations: Configurations): boolean {
  return files.some(
    (file) =>
      /\.[cm]?tsx?$/.test(file) &&
      !file.includes('node_modules') &&
      configurations.decoratorMetadata(dirname(file)) !== undefined &&
      hasDecorators(readFileSync(file, 'utf8')),
  );
}

export function decoratorMetadata(folder: string, configurations: Configurations): Plugin {
  const compilers = new Map<string, Compiler | PartialMessage>();
  return {
    name: 'fx-decorator-metadata',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.[cm]?tsx?$/ }, ({ path }) => {
        if (path.includes('node_modules')) return undefined;
        const set = configurations.decoratorMetadata(dirname(path));
        const text = set === undefined ? '' : readFileSync(path, 'utf8');
        if (set === undefined || !hasDecorators(text)) return undefined;
        const compiler = compilers.get(set.nearest) ?? compilerFor(path, set, folder);
        compilers.set(set.nearest, compiler);
        if (typeof compiler !== 'function') return { errors: [compiler] };
        return { contents: compiler(text, path), loader: 'js', resolveDir: dirname(path) };
      }),
  };
}

/** TypeScript → JavaScript with an inline source map. */
type Compiler = (text: string, path: string) => string;

function compilerFor(
  path: string,
  { nearest, setBy }: { readonly nearest: string; readonly setBy: string },
  folder: string,
): Compiler | PartialMessage {
  return typescriptCompiler(path, nearest) ?? swcCompiler(path) ?? missingCompiler(setBy, folder);
}

/** The part of TypeScript's API that is used. TypeScript 7 does not have it. */
interface TypeScript {
  readonly version: string;
  readonly ModuleKind: { readonly ESNext: number };
  readonly sys: unknown;
  transpileModule?(
    text: string,
    options: { readonly compilerOptions: object; readonly fileName: string },
  ): { readonly outputText: string };
  getParsedCommandLineOfConfigFile?(
    file: string,
    options: object,
    host: object,
  ): { readonly options: object } | undefined;
}

function typescriptCompiler(path: string, tsconfig: string): Compiler | undefined {
  const typescript = load<TypeScript>('typescript', path);
  const { transpileModule, getParsedCommandLineOfConfigFile: parse } = typescript ?? {};
  if (typescript === undefined || transpileModule === undefined || parse === undefined) return undefined;
  const host = { ...(typescript.sys as object), onUnRecoverableConfigFileDiagnostic: () => {} };
  const written = parse(tsconfig, {}, host)?.options ?? {};
  const compilerOptions = {
    ...written,
    module: typescript.ModuleKind.ESNext,
    noEmit: false,
    declaration: false,
    emitDeclarationOnly: false,
    composite: false,
    incremental: false,
    inlineSourceMap: true,
    sourceMap: false,
    inlineSources: false,
    sourceRoot: undefined,
    outDir: undefined,
  };
  return (text, fileName) => transpileModule(text, { compilerOptions, fileName }).outputText;
}

interface Swc {
  transformSync(text: string, options: object): { readonly code: string };
}

function swcCompiler(path: string): Compiler | undefined {
  const swc = load<Swc>('@swc/core', path);
  if (swc === undefined) return undefined;
  return (text, filename) =>
    swc.transformSync(text, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: 'inline',
      module: { type: 'es6' },
      jsc: {
        target: 'es2022',
        keepClassNames: true,
        parser: { syntax: 'typescript', decorators: true, tsx: filename.endsWith('x') },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
    }).code;
}

function load<T>(name: string, from: string): T | undefined {
  const installed = resolvePackage(name, dirname(from));
  return installed === undefined
    ? undefined
    : (createRequire(join(installed.folder, 'package.json'))(installed.folder) as T);
}

function missingCompiler(setBy: string, folder: string): PartialMessage {
  const lines = readFileSync(setBy, 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes('emitDecoratorMetadata'));
  const lineText = lines[index] ?? '';
  const column = Math.max(0, lineText.indexOf('"emitDecoratorMetadata"'));
  const command = addCommand('@swc/core', folder).replace(/(install|add) /, '$1 -D ');
  return {
    text: 'emitDecoratorMetadata needs a compiler that has it, and neither @swc/core nor TypeScript before 7 is installed',
    location: { file: slashed(relative(folder, setBy)), line: index + 1, column, length: 23, lineText },
    notes: [{ text: `install one: ${command}` }],
  };
}

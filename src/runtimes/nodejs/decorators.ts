// Compiles TypeScript files whose tsconfig.json asks for decorator metadata: esbuild has none, and dependency injection needs it.
// Uses the project's own TypeScript or @swc/core; no other file pays for it.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, parse, relative } from 'node:path';
import { promisify } from 'node:util';
import type { PartialMessage } from 'esbuild';
import { temporaryFolder } from '../../base/temporary-folder.ts';
import { slashed } from '../parts.ts';
import { resolvePackage } from './installed.ts';
import { addCommand } from './platform.ts';
import type { Configurations } from './tsconfig.ts';

const execute = promisify(execFile);

/** `@` at the start of a declaration or a parameter; a false match only costs time. */
const hasDecorators = (text: string) => /(?:^|[\s({;,])@[A-Za-z_$(]/.test(text);

/** Whether a module of the user's must be compiled before esbuild reads it. */
export function needsMetadata(file: string, text: string, configurations: Configurations): boolean {
  return (
    /\.[cm]?tsx?$/.test(file) && configurations.decoratorMetadata(dirname(file)) !== undefined && hasDecorators(text)
  );
}

/** Compiles such modules; keeps one compiler per tsconfig.json. */
export class MetadataCompiler {
  readonly #folder: string;
  readonly #configurations: Configurations;
  readonly #compilers = new Map<string, Compiler | PartialMessage>();

  constructor(folder: string, configurations: Configurations) {
    this.#folder = folder;
    this.#configurations = configurations;
  }

  async compile(text: string, file: string): Promise<string | { readonly error: PartialMessage }> {
    const set = this.#configurations.decoratorMetadata(dirname(file));
    if (set === undefined) throw new Error(`no decorator metadata in ${file}`);
    const compiler = this.#compilers.get(set.nearest) ?? compilerFor(file, set, this.#folder);
    this.#compilers.set(set.nearest, compiler);
    return typeof compiler === 'function' ? compiler(text, file) : { error: compiler };
  }
}

/** TypeScript → JavaScript with an inline source map. */
type Compiler = (text: string, path: string) => string | Promise<string>;

function compilerFor(
  path: string,
  { nearest, setBy }: { readonly nearest: string; readonly setBy: string },
  folder: string,
): Compiler | PartialMessage {
  return (
    typescriptCompiler(path, nearest) ??
    swcCompiler(path) ??
    nativeTypescript(path, nearest) ??
    missingCompiler(setBy, folder)
  );
}

/** The part of TypeScript's API that is used; TypeScript 7 has only the command. */
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
  const { transpileModule, getParsedCommandLineOfConfigFile: parseConfig } = typescript ?? {};
  if (typescript === undefined || transpileModule === undefined || parseConfig === undefined) return undefined;
  const host = { ...(typescript.sys as object), onUnRecoverableConfigFileDiagnostic: () => {} };
  const written = parseConfig(tsconfig, {}, host)?.options ?? {};
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

/** One run of tsc a file: TypeScript 7 takes 0.15 s for it. */
function nativeTypescript(path: string, tsconfig: string): Compiler | undefined {
  const installed = resolvePackage('typescript', dirname(path));
  if (installed === undefined) return undefined;
  return async (_, file) => {
    const scratch = temporaryFolder('fx-tsc-');
    try {
      const config = join(scratch.path, 'tsconfig.json');
      const out = join(scratch.path, 'out');
      const compilerOptions = {
        noCheck: true,
        module: 'esnext',
        outDir: out,
        rootDir: parse(file).root,
        noEmit: false,
        emitDeclarationOnly: false,
        declaration: false,
        composite: false,
        incremental: false,
        sourceMap: false,
        inlineSourceMap: true,
        inlineSources: false,
      };
      writeFileSync(config, JSON.stringify({ extends: tsconfig, files: [file], include: [], compilerOptions }));
      const tsc = join(installed.folder, 'bin', 'tsc');
      // errors in types do not matter here, as with esbuild
      const { stdout } = await execute(process.execPath, [tsc, '-p', config]).catch(
        (error: { stdout: string }) => error,
      );
      const emitted = join(out, relative(parse(file).root, file)).replace(/\.([cm]?)tsx?$/, '.$1js');
      if (!existsSync(emitted)) throw new Error(`tsc compiled nothing: ${stdout.trim()}`);
      return withSource(readFileSync(emitted, 'utf8'), file);
    } finally {
      await scratch.remove();
    }
  };
}

/** tsc writes the path from its output to the source. */
function withSource(code: string, file: string): string {
  return code.replace(
    /(\/\/# sourceMappingURL=data:application\/json;base64,)(\S+)\s*$/,
    (_, start: string, data: string) => {
      const map = JSON.parse(Buffer.from(data, 'base64').toString()) as object;
      const changed = JSON.stringify({ ...map, sourceRoot: '', sources: [basename(file)] });
      return start + Buffer.from(changed).toString('base64');
    },
  );
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
  return resolvePackage(name, dirname(from)) === undefined ? undefined : (createRequire(from)(name) as T);
}

function missingCompiler(setBy: string, folder: string): PartialMessage {
  const lines = readFileSync(setBy, 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes('emitDecoratorMetadata'));
  const lineText = lines[index] ?? '';
  const column = Math.max(0, lineText.indexOf('"emitDecoratorMetadata"'));
  const command = addCommand('typescript', folder).replace(/(install|add) /, '$1 -D ');
  return {
    text: 'emitDecoratorMetadata needs a compiler that has it, and neither TypeScript nor @swc/core is installed',
    location: { file: slashed(relative(folder, setBy)), line: index + 1, column, length: 23, lineText },
    notes: [{ text: `install one in the project: ${command}` }],
  };
}

// Which code a new function of a project gets: in the project's main language, beside its other handlers.
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { FxError } from '../base/error.ts';
import { type Located, toPlain, valueAt } from '../base/located.ts';
import type { Sources } from '../project/sources.ts';
import { families, runtimeIdentifiers } from '../runtimes/index.ts';
import { newHandler } from './handler-code.ts';
import { type Language, languageNames } from './languages.ts';

export interface CodeRequest {
  readonly name: string;
  readonly language?: string | undefined;
  readonly runtime?: string | undefined;
  readonly handler?: string | undefined;
}

export interface FunctionCode {
  /** Of the function in project.yml, such as its handler. */
  readonly settings: Readonly<Record<string, string>>;
  /** By path, relative to the project. Some may exist. */
  readonly files: Readonly<Record<string, string>>;
}

const scriptEndings: Partial<Record<Language, readonly string[]>> = {
  typescript: ['.ts', '.mts', '.cts', '.tsx'],
  javascript: ['.js', '.mjs', '.cjs', '.jsx'],
  python: ['.py'],
  ruby: ['.rb'],
};

const familyOf: Readonly<Record<Language, string>> = {
  typescript: 'nodejs',
  javascript: 'nodejs',
  python: 'python',
  go: 'go',
  rust: 'rust',
  java: 'jvm',
  kotlin: 'jvm',
  clojure: 'jvm',
  ruby: 'ruby',
  csharp: 'dotnet',
};

/** Throws USAGE for an unknown language or runtime, and if fx writes no code in the language and there is no handler. */
export function codeOf(request: CodeRequest, sources: Sources, kinds: readonly string[]): FunctionCode {
  const { name, handler, runtime } = request;
  checkRuntime(runtime);
  const functions = functionsOf(sources);
  const language = chosenLanguage(request, functions);
  const own = runtime ?? runtimeFor(language, sources);
  const extra: Readonly<Record<string, string>> = own === undefined ? {} : { runtime: own };
  const made = newHandler(language, {
    name,
    folder: folderFor(language, functions),
    kinds,
    hasTypes: textOf(join(sources.folder, 'package.json')).includes('"@types/aws-lambda"'),
    package: packageFor(functions),
  });
  if (handler !== undefined)
    return { settings: { handler, ...extra }, files: filesFor(handler, language, made, sources) };
  if (made !== undefined) return { settings: { ...made.settings, ...extra }, files: made.files };
  throw new FxError('USAGE', `fx writes no code of a function in ${language}`, {
    hint: 'write it, and name it with --handler',
  });
}

function checkRuntime(runtime: string | undefined): void {
  if (runtime === undefined || runtimeIdentifiers.includes(runtime)) return;
  throw new FxError('USAGE', `"${runtime}" is no runtime of Lambda`, {
    hint: `runtimes are ${runtimeIdentifiers.join(', ')}`,
  });
}

/** The code of the file that a handler such as src/orders.handler names, if it is not there. */
function filesFor(
  handler: string,
  language: Language,
  made: { readonly files: Readonly<Record<string, string>> } | undefined,
  { folder }: Sources,
): FunctionCode['files'] {
  const [ending] = scriptEndings[language] ?? [];
  const [code] = Object.values(made?.files ?? {});
  const dot = handler.lastIndexOf('.');
  if (ending === undefined || code === undefined || dot === -1) return {};
  const file = handler.slice(0, dot);
  const endings = Object.values(scriptEndings).flat();
  if (endings.some((one) => existsSync(join(folder, file + one)))) return {};
  return { [`${file}${ending}`]: code.replace(/\bhandler\b(?=[ (:])/, handler.slice(dot + 1)) };
}

/** A function as its lines say, with the language of its code. */
interface Existing {
  readonly handler: string | undefined;
  readonly source: string | undefined;
  readonly language: Language | undefined;
}

function functionsOf({ merged, folder }: Sources): readonly Existing[] {
  const functions = valueAt(merged, ['functions']);
  if (functions?.kind !== 'map') return [];
  const byDefault = textAt(merged, ['defaults', 'runtime']);
  return [...functions.entries.values()].map(({ value }) => {
    const handler = textAt(value, ['handler']);
    const source = textAt(value, ['source']);
    const runtime = textAt(value, ['runtime']) ?? byDefault;
    return { handler, source, language: languageOf({ handler, source, runtime, folder }) };
  });
}

function textAt(value: Located, path: readonly string[]): string | undefined {
  const found = valueAt(value, path);
  const plain = found === undefined ? undefined : toPlain(found);
  return typeof plain === 'string' ? plain : undefined;
}

function languageOf(code: {
  readonly handler: string | undefined;
  readonly source: string | undefined;
  readonly runtime: string | undefined;
  readonly folder: string;
}): Language | undefined {
  const folder = join(code.folder, code.source ?? '');
  if (code.handler !== undefined) {
    const file = code.handler.slice(0, Math.max(0, code.handler.lastIndexOf('.')));
    for (const [language, endings = []] of Object.entries(scriptEndings))
      if (endings.some((ending) => existsSync(join(folder, file + ending)))) return language as Language;
  }
  const has = (name: string) => existsSync(join(folder, name)) || existsSync(join(code.folder, name));
  if (has('main.go') || has('go.mod')) return 'go';
  if (has('Cargo.toml')) return 'rust';
  if (has('project.clj')) return 'clojure';
  if (has('src/main/kotlin')) return 'kotlin';
  if (has('pom.xml') || has('build.gradle') || has('build.gradle.kts')) return 'java';
  const [family] =
    Object.entries(families).find(([, { identifiers }]) => identifiers.includes(code.runtime ?? '')) ?? [];
  return languageNames.find((language) => familyOf[language] === family);
}

/** The one that is asked for, or that of most functions; TypeScript in an empty project. Throws USAGE. */
function chosenLanguage({ language, runtime }: CodeRequest, functions: readonly Existing[]): Language {
  const known = languageNames.find((one) => one === language);
  if (known !== undefined) return known;
  if (language !== undefined) {
    throw new FxError('USAGE', `"${language}" is no language that fx knows`, {
      hint: `languages are ${languageNames.join(', ')}`,
    });
  }
  const fits = (one: Language) =>
    runtime === undefined || families[familyOf[one]]?.identifiers.includes(runtime) === true;
  const counts = new Map<Language, number>();
  for (const { language: one } of functions)
    if (one !== undefined && fits(one)) counts.set(one, (counts.get(one) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? languageNames.find(fits) ?? 'typescript';
}

/** Undefined if the defaults, or the file of the code, say it. */
function runtimeFor(language: Language, { merged }: Sources): string | undefined {
  const byDefault = textAt(merged, ['defaults', 'runtime']);
  const family = families[familyOf[language]];
  if (byDefault === undefined || family === undefined || family.identifiers.includes(byDefault)) return undefined;
  return family.identifiers[0];
}

/** Where most handlers of the language are. */
function folderFor(language: Language, functions: readonly Existing[]): string {
  const isProgram = language === 'go' || language === 'rust';
  const folders = functions
    .filter((one) => one.language === language)
    .flatMap(({ handler, source }) => {
      const place = isProgram ? source : handler === undefined ? undefined : posix.join(source ?? '', handler);
      return place === undefined ? [] : [posix.dirname(place)];
    });
  return mostFrequent(folders) ?? (isProgram ? 'functions' : 'src');
}

/** Of the classes: `app` of `app.Hello::handleRequest`. */
function packageFor(functions: readonly Existing[]): string {
  const packages = functions.flatMap(({ handler }) => {
    const [, name] = /^([\w.]+)\.\w+(?:::\w+)?$/.exec(handler ?? '') ?? [];
    return name === undefined ? [] : [name];
  });
  return mostFrequent(packages) ?? 'app';
}

function mostFrequent(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

// Reads the text of a module for signs that it needs its own place on disk: it opens files beside itself, starts workers from
// them, or loads modules by a path that it computes. A bundle has one place for all modules, so there it would miss them.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';

export interface Module {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** The folder of its package. */
  readonly packageFolder: string;
}

export interface Evidence {
  /** Existing files and folders that it refers to by its own place, absolute. */
  readonly files: readonly string[];
  /** Packages that it loads by `createRequire` or finds by `require.resolve`. */
  readonly packages: readonly string[];
}

// `directoryOf(import.meta)` gives it to a function
const ownPlace = String.raw`__dirname|__filename|import\.meta(?:\.(?:url|dirname|filename)|(?=\s*\)))`;
const literal = String.raw`(?:'[^'\n]*'|"[^"\n]*"|\x60[^\x60$]*(?:\x60|(?=\$\{)))`;

/** Whether a text may contain evidence: a quick test before the thorough one. */
export const mayHaveEvidence = (text: string): boolean => quick.test(text);
const quick = new RegExp(String.raw`\b(?:${ownPlace}|require\.resolve|createRequire)\b`);

export function evidenceIn(module: Module): Evidence {
  const text = withoutComments(module.text);
  if (!quick.test(text)) return { files: [], packages: [] };
  const requires = requiresByPlace(text);
  const byName = [...requires, ...resolved(text)];
  const relativeNames = byName.filter((name) => /^[.#]/.test(name)).map((name) => moduleAt(module, name));
  const files = [...referredTo(text, module), ...namedAssets(text, module), ...relativeNames];
  const whole = files.flatMap((file) => (file === undefined ? [] : [existing(resolve(file))]));
  return {
    files: [...new Set(whole)].filter((file) => isEvidence(file, module)),
    packages: byName.filter((name) => !/^[./#]/.test(name) && !isBuiltin(name)),
  };
}

/** Of a path with places for names, such as `locales/{{lng}}/*.json`, the folder before the first. */
function existing(path: string): string {
  const start = /^(.*?)\/[^/]*[{*%:<[]/.exec(path)?.[1];
  return start === undefined || start === '' || existsSync(path) ? path : start;
}

function withoutComments(text: string): string {
  // only those that start a line: `/*` may also be part of a string
  return text.replace(/^[ \t]*(?:\/\/.*$|\/\*[\s\S]*?\*\/)/gm, '');
}

/** Programs for Windows are useless on Lambda, and a module's own folders are no file beside it. */
function isEvidence(path: string, { file, packageFolder }: Module): boolean {
  if (/\.(?:exe|dll|cmd|bat|ps1)$/i.test(path) || !existsSync(path)) return false;
  const inside = path.startsWith(packageFolder + sep);
  return inside && !`${file}${sep}`.startsWith(`${path}${sep}`);
}

/** `join(__dirname, 'data', name)`, `__dirname + '/data'`, `${__dirname}/data`, `new URL('data', import.meta.url)`, also by way of a variable. */
function referredTo(text: string, { file }: Module): readonly string[] {
  const places = new Map<string, string>();
  const paths: string[] = [];
  // a variable may be made of another one
  for (let round = 0; round < 3; round++) {
    const before = places.size;
    const names = [...places.keys()].map(escaped);
    const token = new RegExp(String.raw`(?<![\w$.])(?:${[ownPlace, ...names].join('|')})(?![\w$])`, 'g');
    for (const { 0: name, index } of text.matchAll(token)) {
      const lead = text.slice(Math.max(0, index - leadLength), index);
      const next = text.slice(index + name.length, index + name.length + nextLength);
      const start = places.get(name) ?? ownFolder(name, lead, file);
      const place = placeIn(start, lead, next, file);
      paths.push(...place.paths);
      const variable = /([\w$]+)\s*=\s*(?:"[^"\n]*"|'[^'\n]*'|[\w$.:(,|?'"& ]|[!=]==?)*$/.exec(lead)?.[1];
      // `import.meta.url ? … : …` asks whether there is one
      const isAsked = /^\s*(?:\?(?![?.])|&&)/.test(next);
      if (variable !== undefined && !isAsked && !places.has(variable) && !variable.startsWith('__'))
        places.set(variable, place.paths[0] ?? start);
    }
    if (places.size === before) break;
  }
  return paths;
}

/** How much text around a name is read. */
const leadLength = 120;
const nextLength = 300;

const escaped = (name: string): string => name.replaceAll('$', String.raw`\$`);

/** `__filename` and `import.meta.url` name the module; `dirname` or a URL leads to its folder. */
function ownFolder(name: string, lead: string, file: string): string {
  const isFile = /filename$|url$/.test(name) && !/dirname[\w$]*\)?\s*\((?:[^()]*\()?[^()]*$|URL\([^()]*$/.test(lead);
  return isFile ? file : dirname(file);
}

// after `__dirname + '/data'`, a comma begins another argument
const following = new RegExp(
  String.raw`^(?:\s*\)(?:\.(?:pathname|href))?)*((?:\s*\+\s*${literal})+|(?:\s*,\s*${literal}(?:\s*\+\s*${literal})*)+)`,
);
const relativeLiteral = /(['"`])(\.\.?\/[^'"`$\n]*)\1/g;

/** The paths that one use of a place leads to. */
function placeIn(start: string, lead: string, next: string, file: string): { readonly paths: readonly string[] } {
  const url = /new URL\(\s*(['"`])([^'"`$\n]*)\1\s*,\s*$/.exec(lead)?.[2];
  if (url !== undefined) {
    const path = resolve(dirname(file), url);
    const [, inner] = following.exec(next) ?? [];
    return { paths: inner === undefined ? [path] : [joinedPath(path, inner, '')[0]] };
  }
  const template = /\$\{\s*$/.test(lead) ? /^\s*\}([^`$]*)(`|\$\{)?/.exec(next) : null;
  if (template !== null) {
    const [, rest = '', end] = template;
    const path = start + rest;
    return { paths: rest.length < 2 ? [] : end === '`' ? [path] : startingWith(path) };
  }
  const parts = following.exec(next);
  if (parts !== null) {
    const [path, isPrefix] = joinedPath(start, parts[1] ?? '', next.slice(parts[0].length));
    return { paths: isPrefix ? startingWith(path) : [path] };
  }
  // `{relativeTo: __dirname, path: 'templates'}`
  if (/[\w$]\s*:\s*$/.test(lead)) {
    const object = lead.slice(lead.lastIndexOf('{') + 1) + (/^[^}]*/.exec(next)?.[0] ?? '');
    return { paths: [...object.matchAll(/(['"`])([\w./-]+)\1/g)].map(([, , path = '']) => resolve(start, path)) };
  }
  // `join(__dirname, process.env.DATA || '../data')`
  const rest = /^\s*,[^;)]*/.exec(next)?.[0] ?? '';
  return { paths: [...rest.matchAll(relativeLiteral)].map(([, , path = '']) => resolve(start, path)) };
}

/** The path, and whether more follows its last part. */
function joinedPath(base: string, parts: string, next: string): readonly [path: string, isPrefix: boolean] {
  let path = base;
  let isPrefix = false;
  for (const [whole, sign = '', value = ''] of parts.matchAll(new RegExp(String.raw`\s*([,+])\s*(${literal})`, 'g'))) {
    const isOpen = value.startsWith('`') && !value.endsWith('`');
    const text = value.slice(1, isOpen ? undefined : -1);
    path = sign === ',' ? join(path, text) : path + text;
    isPrefix = isOpen || (whole.includes('+') && /^\s*\+/.test(next)) || /^\s*\+/.test(next);
  }
  return [path, isPrefix];
}

/** A path that more text follows: existing if anything begins like it. */
function startingWith(path: string): readonly string[] {
  const folder = path.endsWith('/') ? path : dirname(path);
  const start = path.endsWith('/') ? '' : path.slice(folder.length + 1);
  if (start === '' || existsSync(path)) return [path.replace(/\/$/, '')];
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const name = readdirSync(folder).find((entry) => entry.startsWith(start));
  return name === undefined ? [] : [join(folder, name)];
}

const assetName =
  /(require\(\s*|from\s*|import\s*\(?\s*)?(['"`])(?:\.\/)?((?:[\w.@-]+\/)*[\w.@-]+\.(?:wasm|json|txt|dat|bin|afm|ttf|otf|woff2?|pem|proto|html|css|xml|csv|ya?ml|sql|graphql|gz|br|zip|wsdl|xsd|sh|hbs|ejs|pug|mustache|njk|png|jpg|svg|stub|d\.ts))\2/g;

/** Literals that name data files, except those that the module imports. */
function assetNames(text: string): readonly string[] {
  return [...text.matchAll(assetName)].flatMap(([, loads, , name]) => (loads === undefined ? (name ?? []) : []));
}

/** `join(root, 'browsers.json')` where `root` comes from elsewhere: the name alone is the sign. */
function namedAssets(text: string, { file, packageFolder }: Module): readonly string[] {
  if (!new RegExp(String.raw`\b(?:${ownPlace})\b`).test(text)) return [];
  const found: string[] = [];
  for (const name of assetNames(text)) {
    if (/(^|\/)(?:package|tsconfig|jsconfig)\.json$/.test(name)) continue;
    for (const folder of [dirname(file), packageFolder]) {
      const path = join(folder, name);
      if (existsSync(path)) found.push(path);
    }
  }
  return found;
}

/** What `createRequire(import.meta.url)` loads: no bundler follows it. */
function requiresByPlace(text: string): readonly string[] {
  const names = [...text.matchAll(requireAtOnce)].map(([, , name = '']) => name);
  for (const [, name = ''] of text.matchAll(
    /([\w$]+)\s*=\s*(?:[\w$.]+(?:\([^()]*\))?\.)?\(?(?:0,\s*[\w$.]+)?\)?createRequire[\w$]*\(/g,
  )) {
    const calls = new RegExp(String.raw`(?<![\w$.])${escaped(name)}(?:\.resolve)?\(\s*(['"])([^'"\n]+)\1\s*\)`, 'g');
    for (const [, , specifier = ''] of text.matchAll(calls)) names.push(specifier);
  }
  return names;
}

/** `createRequire(import.meta.url)('../dist/babel.cjs')` */
const requireAtOnce = /\bcreateRequire[\w$]*\)?\([\w$.]+\)(?:\.resolve)?\(\s*(['"])([^'"\n]+)\1\s*\)/g;

function resolved(text: string): readonly string[] {
  return [...text.matchAll(/\brequire\.resolve\(\s*(['"])([^'"\n]+)\1\s*[,)]/g)].map(
    ([, , specifier = '']) => specifier,
  );
}

function moduleAt({ file }: Module, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return ownImport(file, specifier);
  const path = resolve(dirname(file), specifier);
  const places = extname(path) === '' ? ['.js', '.cjs', '.mjs', '.json', '/index.js', ''] : ['', '.js', '.json'];
  return places.map((ending) => path + ending).find((place) => existsSync(place));
}

/** By `imports` of its package.json, as `require` finds it. */
function ownImport(file: string, specifier: string): string | undefined {
  try {
    return createRequire(file).resolve(specifier);
  } catch {
    return undefined;
  }
}

/** Whether a module makes a path of its own place and a name from elsewhere, or gives its own folder away. */
export const namesFilesElsewhere = (text: string): boolean =>
  /new URL\(\s*[A-Za-z_$][\w$.]*\s*,\s*import\.meta\.url|(?:join|resolve)\(\s*__dirname\s*,\s*[A-Za-z_$][\w$.]*\s*\)/.test(
    text,
  );

/** `require = lazy` or `require('lazy-cache')(require)`: what it loads then, no bundler sees. */
export const requiresByItsOwn = (text: string): boolean =>
  /(?:^|[;\n])\s*require\s*=\s*[\w$]|\brequire\((['"])[^'"]+\1\)\(require\)/.test(text);

export const givesItsFolder = (text: string): boolean =>
  /return\s+(?:require\(['"](?:node:)?path['"]\)|[\w$]*path[\w$]*)\.resolve\(\s*__dirname\s*\)|exports(?:\.\w+)?\s*=\s*__dirname\s*;/.test(
    text,
  );

/** Files of a package that its modules name, for one that opens them: relative to it, or to the package. */
export function namedFiles(opener: string, texts: readonly string[], packageFolder: string): readonly string[] {
  return [...new Set(texts.flatMap(assetNames))]
    .filter((name) => !/(^|\/)package\.json$/.test(name))
    .flatMap((name) => [join(dirname(opener), name), join(packageFolder, name)].filter((path) => existsSync(path)));
}

/** As shown to the user: relative to the package. */
export const shownIn = (packageFolder: string, path: string): string =>
  relative(packageFolder, path).split(sep).join('/');

// Checks that prebuilt code has the file or class that its handler names, where Lambda's runtime looks for it.
import { posix } from 'node:path';
import type { Problem } from '../base/error.ts';
import { shortList } from '../base/short-list.ts';
import { zipEntries } from '../base/zip-entries.ts';
import type { FunctionSource } from './runtime.ts';

/** Prebuilt code: a zip (also one in S3), or a folder. */
export interface Prebuilt {
  readonly kind: 'zip' | 'folder';
  /** As project.yml writes it. */
  readonly shown: string;
  /** With `/`, relative to its top. */
  readonly paths: readonly string[];
  /** Reads an archive in it. */
  open(path: string): Promise<string | Buffer>;
  /** The files of the layers that the function uses, relative to /opt. Undefined if it uses layers that fx does not know. */
  readonly layerPaths: readonly string[] | undefined;
}

/** What the runtime wants, what is there instead, and what to do about it. */
interface Missing {
  readonly wanted: string;
  readonly found: string | undefined;
  readonly remedies: readonly string[];
}

/** Undefined if the handler's file is there, or may be: in a layer, or in /opt. */
export async function missingHandler(source: FunctionSource, code: Prebuilt): Promise<Problem | undefined> {
  if (source.handler.startsWith('/') || code.layerPaths === undefined) return undefined;
  const missing = await lookFor(source, code);
  if (missing === undefined) return undefined;
  const { wanted, found, remedies } = missing;
  const there = found === undefined ? '' : `; found ${found}`;
  return {
    at: source.artifactAt ?? source.at,
    message: `the function "${source.name}" has no ${wanted} in ${code.shown}${there}`,
    hint: remedies.join(', or '),
  };
}

function lookFor(
  { runtime, handler }: FunctionSource,
  code: Prebuilt,
): Promise<Missing | undefined> | Missing | undefined {
  if (runtime.startsWith('nodejs')) return lookForScript(nodejsFile(handler), code);
  if (runtime.startsWith('python')) return lookForScript(pythonFile(handler), code);
  if (runtime.startsWith('ruby')) return lookForScript(rubyFile(handler), code);
  if (runtime.startsWith('java')) return lookForClass(handler, code);
  if (runtime.startsWith('dotnet')) return lookForAssembly(handler, code);
  return lookForFile('bootstrap', code, () => 'name the program bootstrap');
}

// ---- Node.js, Python and Ruby

interface Script {
  /** The path without its ending. */
  readonly stem: string;
  /** The endings that the runtime tries; the file of a package is one too. */
  readonly endings: readonly string[];
  /** Places in layers. */
  readonly layers: readonly string[];
  readonly language: string;
  /** Sources that a compiler makes such files of. */
  readonly sources: readonly string[];
  /** The handler for another path without ending; undefined if none can name it. */
  handlerOf(stem: string): string | undefined;
}

/** `dir/file.export`: the runtime splits at the first dot of the last part. It also tries no ending, a folder, and node_modules.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js */
function nodejsFile(handler: string): Script {
  const { stem, rest } = splitAt(handler, basenameOf(handler).indexOf('.'));
  return {
    stem,
    endings: ['.mjs', '.js', '.cjs', '', '/index.js'],
    layers: ['nodejs/node_modules/'],
    language: 'JavaScript',
    sources: ['.ts', '.mts', '.cts', '.tsx', '.jsx'],
    handlerOf: (other) => `${other}.${rest}`,
  };
}

/** `dir/file.name` or `package.module.name`: the runtime splits at the last dot and imports a module.
 * https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/bootstrap.py */
function pythonFile(handler: string): Script {
  const dot = handler.lastIndexOf('.');
  const [module, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const separator = module.includes('.') ? '.' : '/';
  return {
    stem: module.replaceAll('.', '/'),
    endings: ['.py', '/__init__.py', '.pyc', '.so', '.cpython-'],
    layers: ['python/', 'python/lib/*/site-packages/'],
    language: 'Python',
    sources: [],
    // a dot in a folder's name would be read as a package
    handlerOf: (other) => (other.includes('.') ? undefined : `${other.replaceAll('/', separator)}.${name}`),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/ruby-handler.html */
function rubyFile(handler: string): Script {
  const { stem, rest } = splitAt(handler, basenameOf(handler).indexOf('.'));
  return {
    stem,
    endings: ['.rb', '.so'],
    layers: ['ruby/lib/'],
    language: 'Ruby',
    sources: [],
    handlerOf: (other) => `${other}.${rest}`,
  };
}

const basenameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function splitAt(handler: string, dot: number): { readonly stem: string; readonly rest: string } {
  const start = handler.lastIndexOf('/') + 1;
  if (dot === -1) return { stem: handler, rest: 'handler' };
  return { stem: posix.normalize(handler.slice(0, start + dot)), rest: handler.slice(start + dot + 1) };
}

function lookForScript(script: Script, code: Prebuilt): Missing | undefined {
  const { stem, endings } = script;
  const fits = (path: string, prefix: string) =>
    path.startsWith(prefix + stem) &&
    endings.some((ending) => {
      const rest = path.slice(prefix.length + stem.length);
      return ending === '.cpython-' ? rest.startsWith(ending) : rest === ending;
    });
  const isPackage =
    code.paths.some((path) => path.startsWith(`node_modules/${stem}/`)) && script.language === 'JavaScript';
  if (isPackage || code.paths.some((path) => fits(path, ''))) return undefined;
  if (inLayer(script, code, fits)) return undefined;
  const shownEndings = endings.filter((ending) => /^\.[a-z]{2,3}$/.test(ending) && !['.so', '.pyc'].includes(ending));
  const names = shownEndings.map((ending) => stem + ending);
  const wanted = names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  const deeper = shallowestFirst(code.paths).find((path) => {
    const at = path.indexOf(`/${stem}`);
    return at !== -1 && !isInstalled(path) && fits(path, path.slice(0, at + 1));
  });
  if (deeper !== undefined) {
    const folder = deeper.slice(0, deeper.indexOf(`/${stem}`));
    const handler = script.handlerOf(`${folder}/${stem}`);
    return { wanted, found: deeper, remedies: [withoutFolder(folder, code), ...useHandler(handler)] };
  }
  const source = code.paths.find((path) => script.sources.some((ending) => path === stem + ending));
  if (source !== undefined) {
    return {
      wanted,
      found: source,
      remedies: [`compile ${source} first`, 'let fx bundle it: use `source` instead of `artifact`'],
    };
  }
  return { wanted, ...others(script, code, shownEndings) };
}

/** No file of this name: those that the handler could name. */
function others(script: Script, code: Prebuilt, endings: readonly string[]): Pick<Missing, 'found' | 'remedies'> {
  const add = `put ${script.stem}${endings[0]} at that place`;
  const modules = shallowestFirst(code.paths).filter(
    (path) => endings.some((ending) => path.endsWith(ending)) && !isInstalled(path),
  );
  if (modules.length === 0) return { found: `no ${script.language}`, remedies: ['build it first', add] };
  const [first = ''] = modules;
  const handler = script.handlerOf(first.slice(0, first.lastIndexOf('.')));
  return { found: listed(modules), remedies: [...useHandler(handler), add] };
}

function inLayer(
  { layers }: Script,
  { layerPaths = [] }: Prebuilt,
  fits: (path: string, prefix: string) => boolean,
): boolean {
  return layerPaths.some((path) =>
    layers.some((place) => {
      const prefix = new RegExp(`^${place.replace('*', '[^/]+')}`).exec(path)?.[0];
      return prefix !== undefined && fits(path, prefix);
    }),
  );
}

const useHandler = (handler: string | undefined) => (handler === undefined ? [] : [`set \`handler: ${handler}\``]);
const isInstalled = (path: string) => /(^|\/)(node_modules|site-packages|vendor)\//.test(path);

// ---- Java

/** On the class path: the top, and the jars in lib/. https://docs.aws.amazon.com/lambda/latest/dg/java-package.html */
async function lookForClass(handler: string, code: Prebuilt): Promise<Missing | undefined> {
  const name = handler.split('::')[0] ?? '';
  const path = `${name.replaceAll('.', '/')}.class`;
  if (code.paths.includes(path)) return undefined;
  // a class of a layer's jar: fx does not open those
  if (code.layerPaths?.some((file) => file.startsWith('java/lib/')) === true) return undefined;
  const wanted = `class ${name}`;
  const alike: string[] = [...code.paths];
  const jars = code.paths.filter((file) => file.endsWith('.jar'));
  for (const jar of jars) {
    const classes = await namesIn(await code.open(jar));
    const isOnPath = /^lib\/[^/]+$/.test(jar);
    if (isOnPath) alike.push(...classes);
    if (!classes.includes(path)) continue;
    if (isOnPath) return undefined;
    return {
      wanted,
      found: `it in ${jar}`,
      remedies: [`put ${basenameOf(jar)} into lib/`, `set \`artifact\` to that jar`],
    };
  }
  const wrapped = shallowestFirst(code.paths).find((file) => file.endsWith(`/${path}`));
  if (wrapped !== undefined) {
    const folder = wrapped.slice(0, -path.length - 1);
    return { wanted, found: wrapped, remedies: [withoutFolder(folder, code), 'put the classes into a jar in lib/'] };
  }
  const classes = alike.filter((file) => file.endsWith('.class') && !/\$|module-info|^META-INF\//.test(file));
  const similar = classes.find((file) => basenameOf(file) === basenameOf(path));
  const chosen = similar ?? classes[0];
  if (chosen === undefined)
    return { wanted, found: 'no classes', remedies: ['build it first', `put its jar into lib/`] };
  const method = handler.includes('::') ? `::${handler.split('::')[1]}` : '';
  const other = chosen.replace(/\.class$/, '').replaceAll('/', '.');
  return {
    wanted,
    found: listed([other, ...classes.filter((file) => file !== chosen).map(classOf)]),
    remedies: [`set \`handler: ${other}${method}\``, `put the jar with ${name} into lib/`],
  };
}

const classOf = (path: string) => path.replace(/\.class$/, '').replaceAll('/', '.');

/** An archive that cannot be read has no class. */
async function namesIn(archive: string | Buffer): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of zipEntries(archive)) names.push(name);
  } catch {
    return [];
  }
  return names;
}

// ---- .NET and the provided runtimes

/** The handler is the name of an assembly, or begins with it: https://docs.aws.amazon.com/lambda/latest/dg/csharp-handler.html */
function lookForAssembly(handler: string, code: Prebuilt): Missing | undefined {
  const [assembly = ''] = handler.split('::');
  const rest = handler.slice(assembly.length);
  return lookForFile(`${assembly}.dll`, code, (other) => `set \`handler: ${other.replace(/\.dll$/, '')}${rest}\``);
}

/** A file at the top; `use` is the remedy that makes another file the one. */
function lookForFile(name: string, code: Prebuilt, use: (other: string) => string): Missing | undefined {
  if (code.paths.includes(name) || code.layerPaths?.includes(name) === true) return undefined;
  const deeper = shallowestFirst(code.paths).find((path) => path.endsWith(`/${name}`));
  if (deeper !== undefined) {
    return { wanted: name, found: deeper, remedies: [withoutFolder(deeper.slice(0, -name.length - 1), code)] };
  }
  const others = code.paths.filter((path) => !path.includes('/') && path.endsWith(posix.extname(name)));
  const remedies = others.slice(0, 1).map(use);
  return { wanted: name, found: listed(others), remedies: [...remedies, `put ${name} at its top`] };
}

// ---- Shared

function withoutFolder(folder: string, { kind, shown }: Prebuilt): string {
  return kind === 'zip' ? `zip the contents of ${folder}` : `set \`artifact: ${shown.replace(/\/$/, '')}/${folder}\``;
}

function shallowestFirst(paths: readonly string[]): readonly string[] {
  const depth = (path: string) => path.split('/').length;
  return [...paths].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

const shownNames = 3;
const listed = (names: readonly string[]) => (names.length === 0 ? 'nothing like it' : shortList(names, shownNames));

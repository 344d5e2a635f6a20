// The other modules of a Maven or Gradle build: from where to build a function's module, and which modules it uses.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface Workspace {
  /** Where the tool runs: the folder of the whole build. */
  readonly root: string;
  /** Other modules that the function's module uses, directly or through others, absolute. */
  readonly siblings: readonly string[];
  /** Build files that decide something for every module; they may be absent. */
  readonly settings: readonly string[];
  /** Folders whose code builds the modules. */
  readonly plugins: readonly string[];
}

/** A program that the project brings along, in a folder between the module's and the root; undefined if it has none. */
export function wrapperIn(folder: string, root: string, name: string): string | undefined {
  for (let above = folder; ; above = dirname(above)) {
    if (existsSync(join(above, name))) return join(above, name);
    if (above === root || dirname(above) === above || relative(root, above).startsWith('..')) return undefined;
  }
}

const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** All that can be reached, without the first. */
function reached(start: string, next: (folder: string) => readonly string[]): readonly string[] {
  const found = new Set([start]);
  for (const folder of found) for (const other of next(folder)) found.add(other);
  found.delete(start);
  return [...found];
}

// ---- Maven

const pomOf = (folder: string) => textOf(join(folder, 'pom.xml')).replace(/<!--.*?-->/gs, '');

/** The topmost pom.xml that names the module, itself or through others; the module's own folder if none does.
 * https://maven.apache.org/guides/mini/guide-multiple-modules.html */
export function mavenWorkspace(folder: string): Workspace {
  let root = folder;
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    if (existsSync(join(above, 'pom.xml')) && reached(above, modulesOf).includes(folder)) root = above;
  }
  const modules = [root, ...reached(root, modulesOf)];
  const named = new Map(modules.map((module) => [artifactOf(pomOf(module)), module]));
  const uses = (module: string) => {
    const pom = pomOf(module);
    return [...pom.matchAll(/<artifactId>\s*([^<]+?)\s*<\/artifactId>/g)].flatMap(([, name = '']) => {
      const other = named.get(name);
      return other === undefined || other === module ? [] : [other];
    });
  };
  return {
    root,
    // the sources of a parent are those of other modules
    siblings: reached(folder, uses).filter((module) => modulesOf(module).length === 0),
    settings: [
      ...modules.map((module) => join(module, 'pom.xml')),
      ...['.mvn/maven.config', '.mvn/jvm.config', '.mvn/extensions.xml', '.mvn/wrapper/maven-wrapper.properties'].map(
        (name) => join(root, name),
      ),
    ],
    plugins: [],
  };
}

function modulesOf(folder: string): readonly string[] {
  return [...pomOf(folder).matchAll(/<module>\s*([^<]+?)\s*<\/module>/g)].flatMap(([, name = '']) => {
    const path = resolve(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return [stat.isDirectory() ? path : dirname(path)];
  });
}

/** The module's own name: the first that is neither its parent's nor a dependency's. */
function artifactOf(pom: string): string {
  const own = pom.replace(/<(parent|dependencies|dependencyManagement|build|profiles)>.*?<\/\1>/gs, '');
  return /<artifactId>\s*([^<]+?)\s*<\/artifactId>/.exec(own)?.[1] ?? '';
}

// ---- Gradle

const either = (folder: string, name: string) => [join(folder, name), join(folder, `${name}.kts`)];
const readEither = (folder: string, name: string) =>
  either(folder, name)
    .map(textOf)
    .join('\n')
    .replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');

/** By the nearest settings file above: https://docs.gradle.org/current/userguide/multi_project_builds.html */
export function gradleWorkspace(folder: string): Workspace {
  const root = settingsFolder(folder);
  const settings = readEither(root, 'settings.gradle');
  const projects = gradleProjects(root, settings);
  const uses = (module: string) => {
    const build = readEither(module, 'build.gradle');
    // accessors such as projects.shared are not worth a parser: then all count
    if (/\bprojects\./.test(build)) return [...projects.values()];
    return [...build.matchAll(/['"](:[\w:.-]+)['"]/g)].flatMap(([, path = '']) => projects.get(path) ?? []);
  };
  const included = [...settings.matchAll(/includeBuild\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, path = '']) => path);
  return {
    root,
    siblings: reached(folder, uses),
    settings: [
      ...[root, ...projects.values()].flatMap((module) => either(module, 'build.gradle')),
      ...either(root, 'settings.gradle'),
      join(root, 'gradle.properties'),
      join(root, 'gradle.lockfile'),
    ],
    plugins: ['buildSrc', 'gradle', ...included].map((path) => resolve(root, path)).filter((path) => existsSync(path)),
  };
}

function settingsFolder(folder: string): string {
  for (let above = folder; ; above = dirname(above)) {
    if (either(above, 'settings.gradle').some((file) => existsSync(file))) return above;
    if (dirname(above) === above) return folder;
  }
}

/** `include 'a', 'b:c'` by path, each in the folder of its name or in the one that `projectDir` says. */
function gradleProjects(root: string, settings: string): ReadonlyMap<string, string> {
  const includes = [...settings.matchAll(/\binclude\b\s*\(?((?:\s*['"][^'"]+['"]\s*,?)+)/g)];
  const names = includes.flatMap(([, list = '']) =>
    [...list.matchAll(/['"]([^'"]+)['"]/g)].map(([, name = '']) => name),
  );
  return new Map(
    names.map((name) => {
      const path = name.startsWith(':') ? name : `:${name}`;
      const moved = new RegExp(`['"]${path}['"]\\)\\.projectDir\\s*=\\s*(?:new File\\(\\w+,\\s*|file\\()['"]([^'"]+)`);
      const own = moved.exec(settings)?.[1];
      return [path, resolve(root, own ?? path.slice(1).replaceAll(':', '/'))];
    }),
  );
}

// Requires of a computed name: a bundle has no module for them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Message } from 'esbuild';
import { type Bundled, installedFile, type Pass, packageAt, textOf } from './bundled.ts';
import type { Choices, PackedPackage } from './decision.ts';
import { packageOfSpecifier, readPackage, resolvePackage } from './installed.ts';

/** A path, or a subpath import such as `#fonts/${name}`: a module of the package itself. */
const ownComputed = /^require\(\s*(?:String\.raw)?['"`](?:\.{1,2}\/|#)/;
/** A path that is made before: ``const path = `./${name}` `` */
const ownPath = /(['"])(\.{1,2}\/[^'"\n]*)\1\s*\+|`(\.{1,2}\/[^`$\n]*)\$\{/g;

/** The modules of the package that such a path may lead to and that the bundle does not have. */
function modulesElsewhere(file: string, bundled: readonly string[]): readonly string[] {
  return [...textOf(file).matchAll(ownPath)].flatMap(([, , joined, template]) => {
    const start = joined ?? template ?? '';
    const path = resolve(dirname(file), start);
    const folder = start.endsWith('/') ? path : dirname(path);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    const modules = readdirSync(folder).filter((name) => /\.[cm]?js$/.test(name));
    return modules.map((name) => join(folder, name)).filter((module) => !bundled.includes(module));
  });
}

function computedCalls({ warnings }: Pass, { paths }: Bundled): readonly Message[] {
  return warnings.filter(
    ({ id, location }) => id === 'unsupported-require-call' && location !== null && paths.has(location.file),
  );
}

/** Packages that require modules of their own. */
export function computedRequires(pass: Pass, packages: readonly Bundled[]): readonly PackedPackage[] {
  return packages.flatMap((one): PackedPackage[] => {
    const { name, installed, modules } = one;
    const reason = 'it requires modules of its own by a computed name';
    const opens: string[] = [];
    for (const { location } of computedCalls(pass, one)) {
      if (location === null) continue;
      if (ownComputed.test(location.lineText.slice(location.column))) return [{ name, installed, reason }];
      opens.push(...modulesElsewhere(installedFile(installed, location.file), modules));
    }
    for (const file of computedImports(pass, one)) opens.push(...namedModules(file, modules));
    return opens.length === 0 ? [] : [{ name, installed, reason, opens }];
  });
}

/** The modules of a package that call `import()` with a computed name. */
function computedImports({ warnings }: Pass, { paths, installed }: Bundled): ReadonlySet<string> {
  return new Set(
    warnings.flatMap(({ id, location }) => {
      if (id !== 'unsupported-dynamic-import' || location === null || !paths.has(location.file)) return [];
      return [installedFile(installed, location.file)];
    }),
  );
}

/** Modules beside it that it names and that the bundle does not have, such as `./pdf.worker.mjs`. */
function namedModules(file: string, bundled: readonly string[]): readonly string[] {
  const names = [...textOf(file).matchAll(/(['"`])(?:\.\/)?((?:[\w.-]+\/)*[\w.-]+\.m?js)\1/g)].map(
    ([, , name = '']) => name,
  );
  return [...new Set(names)]
    .map((name) => join(dirname(file), name))
    .filter((path) => !bundled.includes(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/**
 * Packages that others may require by a computed name: the optional peers of the one that requires, and those that the user's
 * code names, as in `app.set('view engine', 'ejs')`. Only from `dependencies` of the project.
 */
export function namedPackages(
  pass: Pass,
  packages: readonly Bundled[],
  { folder, packed }: Choices,
): readonly PackedPackage[] {
  const loaders = packages.filter((one) => computedCalls(pass, one).length > 0);
  if (loaders.length === 0 && packed.size === 0) return [];
  const names = dependenciesOf(folder);
  const bundled = new Set(packages.map(({ name }) => name));
  // packages of a workspace are bundled from their real paths, which name no package
  const imported = importedByUser(pass);
  const open = names.filter((name) => !bundled.has(name) && !imported.has(name));
  const reasons: PackedPackage[] = [];
  const add = (name: string, reason: string, loadedBy: string) => {
    const installed = resolvePackage(name, folder);
    if (installed !== undefined) reasons.push({ name, installed, reason, loadedBy, opens: [] });
  };
  for (const loader of loaders) {
    const { peerDependencies, peerDependenciesMeta, optionalDependencies } = loader.installed.manifest;
    const own = importedBy(loader, pass);
    for (const peer of Object.keys({ ...peerDependencies, ...peerDependenciesMeta, ...optionalDependencies })) {
      if (names.includes(peer) && !own.has(peer))
        add(peer, `${loader.name} may require it by a computed name`, join(loader.installed.folder, 'package.json'));
    }
  }
  for (const { name: loader, modules, installed } of loaders) {
    const prefixes = modules.flatMap((file) => [...textOf(file).matchAll(prefix)].map(([, start = '']) => start));
    for (const name of names.filter((one) => prefixes.some((start) => one.startsWith(start)))) {
      const found = resolvePackage(name, folder);
      const reason = `${loader} may require it by the beginning of its name`;
      const loadedBy = join(installed.folder, 'package.json');
      if (found !== undefined) reasons.push({ name, installed: found, reason, loadedBy });
    }
  }
  for (const path of pass.reached) {
    if (packageAt(path) !== undefined || !/\.[cm]?[jt]sx?$/.test(path)) continue;
    const text = readFileSync(resolve(folder, path), 'utf8');
    for (const name of open)
      if (['"', "'", '`'].some((quote) => text.includes(quote + name + quote))) add(name, `${path} names it`, path);
  }
  return reasons;
}

/** What plugins are called: `puppeteer-extra-plugin-${name}` */
const prefix = /['"`]((?:@[\w.-]+\/)?[a-z][\w.]*-(?:[\w.]+-)+)(?=['"`]|\$\{)/g;

/** The names that the user's modules import. */
function importedByUser({ reached, metafile }: Pass): ReadonlySet<string> {
  const own = reached.filter((path) => packageAt(path) === undefined);
  const imports = own.flatMap((path) => metafile.inputs[path]?.imports ?? []);
  return new Set(imports.map(({ original, path }) => packageOfSpecifier(original ?? path)));
}

/** The packages that a package imports by their names, which are bundled. */
function importedBy({ paths }: Bundled, { metafile }: Pass): ReadonlySet<string> {
  const imports = [...paths].flatMap((path) => metafile.inputs[path]?.imports ?? []);
  return new Set(imports.flatMap(({ path }) => packageAt(path)?.name ?? []));
}

function dependenciesOf(folder: string): readonly string[] {
  const { manifest } = readPackage(folder) ?? {};
  return Object.keys(manifest?.dependencies ?? {});
}

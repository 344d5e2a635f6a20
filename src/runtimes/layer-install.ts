// Installs the dependencies of a layer for Lambda: Python's as for a function, those of Node.js by npm.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { replaceFile } from '../base/replace-file.ts';
import { nativeOfFile, runsOn } from './native.ts';
import { packageFilesOf } from './nodejs/files.ts';
import { type Installed, packagesIn, readPackage } from './nodejs/installed.ts';
import { npmLockOf } from './nodejs/lock-tree.ts';
import { cpuOf } from './nodejs/platform.ts';
import { slashed } from './parts.ts';
import { findDependencies } from './python/dependencies.ts';
import { installOnce } from './python/install.ts';
import { listInstalled } from './python/installed.ts';
import type { ArtifactFile, FunctionSource, Tools } from './runtime.ts';
import type { Architecture } from './settings.ts';
import { findProgram, runTool, toolProblem } from './tool.ts';

export type LayerLanguage = 'python' | 'nodejs';

export interface LayerFiles {
  readonly files: readonly ArtifactFile[];
}
export type LayerInstall = LayerFiles | { readonly problem: Problem };

/** The files by which each language's dependencies are listed. */
export const lists: Readonly<Record<LayerLanguage, readonly string[]>> = {
  python: ['requirements.txt', 'uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'pyproject.toml'],
  nodejs: ['package.json'],
};

/** `source` is a function that uses the layer, with the layer's name and place; the files' paths begin in the packages' folder. */
export function installLayer(
  language: LayerLanguage,
  source: FunctionSource,
  folder: string,
  tools: Tools,
): Promise<LayerInstall> {
  return language === 'python' ? installPython(source, folder, tools) : installNodejs(source, folder, tools);
}

async function installPython(source: FunctionSource, folder: string, tools: Tools): Promise<LayerInstall> {
  const dependencies = findDependencies(source, folder, tools);
  if ('problem' in dependencies) return dependencies;
  const { entries, from = '' } = dependencies;
  if (entries.length === 0) return { files: [] };
  const result = await installOnce(source, dependencies, tools);
  if ('problem' in result) return result;
  return { files: listInstalled(result.folder, slashed(relative(tools.folder, from)), new Set()) };
}

/** For Lambda's platform, without scripts, which would run on this machine.
 * https://docs.npmjs.com/cli/commands/npm-ci */
export function npmInstall(architecture: Architecture): readonly string[] {
  const platform = ['--os=linux', `--cpu=${cpuOf[architecture]}`, '--libc=glibc'];
  return ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', ...platform];
}

const npmFiles = ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'];
const otherLocks = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

async function installNodejs(source: FunctionSource, folder: string, tools: Tools): Promise<LayerInstall> {
  const { architecture, at, name } = source;
  const lock = [...npmFiles.slice(1, 3), ...otherLocks].find((file) => existsSync(join(folder, file)));
  if (lock === undefined) {
    const message = `the layer ${name} has a package.json but no package-lock.json, ${otherLocks.join(', ')}: each build could install something else`;
    return {
      problem: { at, message, hint: `npm install --package-lock-only --prefix ${slashed(source.packaging.source)}` },
    };
  }
  const npm = findProgram('npm');
  if (npm === undefined) {
    return {
      problem: {
        at,
        message: `the layer ${name} is installed by npm, which is not on the PATH`,
        hint: 'install Node.js',
      },
    };
  }
  const present = npmFiles.filter((file) => existsSync(join(folder, file)));
  const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
  const contents = present.map((file) => [file, textOf(file)]);
  if (otherLocks.includes(lock)) contents.push([lock, textOf(lock)]);
  const id = sha256(JSON.stringify([contents, architecture, 1])).slice(0, 32);
  const target = join(tools.cache, 'npm', id);
  const done = join(target, 'done');
  if (!existsSync(done)) {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const file of present) cpSync(join(folder, file), join(target, file));
    if (otherLocks.includes(lock))
      writeFileSync(join(target, 'package-lock.json'), npmLockOf(lock, textOf(lock), textOf('package.json')));
    tools.progress(name, `npm ci for linux-${cpuOf[architecture]}`);
    const args = npmInstall(architecture);
    const result = await runTool({ program: npm, args, folder: target, signal: tools.signal });
    if (result.exitCode !== 0) return { problem: toolProblem(`npm ci of the layer ${name}`, result, at) };
    // an .npmrc may have a token
    rmSync(join(target, '.npmrc'), { force: true });
    replaceFile(done, '');
  }
  const from = `installed by ${slashed(join(source.packaging.source, lock))}`;
  return { files: nodeModules(join(target, 'node_modules'), from, architecture) };
}

/** What functions can use of each package, as when packages are packed with a function. */
function nodeModules(folder: string, from: string, architecture: Architecture): readonly ArtifactFile[] {
  // the layer may serve several versions of Node.js
  const platform = { architecture, node: 0 };
  return packagesBelow(folder, '').flatMap(({ path, installed }) =>
    packageFilesOf(installed.folder, installed.manifest, platform).files.flatMap((file) => {
      const native = /\.(node|so|dylib|dll|exe)(\.[\d.]+)?$|\/bin\//.test(file.path)
        ? nativeOfFile(file.file)
        : undefined;
      const isOther = native !== undefined && !runsOn(native, architecture);
      return isOther ? [] : [{ path: `${path}/${file.path}`, content: { file: file.file }, from: [from] }];
    }),
  );
}

/** Also those that other packages have for themselves. `path` leads from the layer's packages to the folder. */
function packagesBelow(
  folder: string,
  path: string,
): readonly { readonly path: string; readonly installed: Installed }[] {
  return packagesIn(folder).flatMap((name) => {
    const own = join(folder, name);
    const installed = readPackage(own);
    const below = packagesBelow(join(own, 'node_modules'), `${path}${name}/node_modules/`);
    return installed === undefined ? below : [{ path: path + name, installed }, ...below];
  });
}

// Native code in npm packages: which packages contain it, which parts fit the function's platform, and how to install those.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Architecture } from '../settings.ts';
import { type Installed, type Manifest, readPackage, resolvePackage } from './installed.ts';

/** npm's names for the processors of Lambda. */
export const cpuOf: Record<Architecture, string> = { arm64: 'arm64', x86_64: 'x64' };

/** The packages through which others load native code. */
const loaders = [
  'bindings',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  'prebuild-install',
  'node-pre-gyp',
  '@mapbox/node-pre-gyp',
  'require-addon',
  'nan',
];

const native = new WeakMap<Installed, boolean>();

/** Each package is looked at once: packages do not change while fx runs. */
export function isNativePackage(installed: Installed): boolean {
  const is = native.get(installed) ?? looksNative(installed);
  native.set(installed, is);
  return is;
}

/** By what its manifest says, or by what is in its folder: code for node-gyp, or what that or others built. */
function looksNative({ folder, manifest }: Installed): boolean {
  const dependencies = Object.keys(manifest.dependencies ?? {});
  return (
    readdirSync(folder).some((name) => /^(?:binding\.gyp|prebuilds)$/.test(name)) ||
    manifest.gypfile === true ||
    manifest.binary !== undefined ||
    manifest.napi !== undefined ||
    loaders.some((loader) => dependencies.includes(loader)) ||
    Object.keys(manifest.optionalDependencies ?? {}).some(namesPlatform)
  );
}

const systems = 'darwin|win32|windows|linuxmusl|linux|android|freebsd|netbsd|openbsd|sunos|aix|openharmony';
const processors =
  'x64|x86_64|amd64|ia32|arm64|aarch64|arm|armv7|armv6|ppc64le|ppc64|s390x|riscv64|loong64|mips64el|mipsel|universal';
/** `linux-arm64`, `linuxmusl-x64`, `darwin-x64+arm64`, `linux-x64-gnu`, as in the names of packages and files. */
const platformPattern = new RegExp(
  `(?:^|[-_./@])(${systems})[-_]((?:${processors})(?:\\+(?:${processors}))*)(?:[-_.](musl|gnu|glibc|msvc|gnueabihf|musleabihf|eabi))?(?=$|[-_./])`,
);

export function namesPlatform(name: string): boolean {
  return platformPattern.test(name);
}

export function namesWanted(name: string, architecture: Architecture): boolean {
  const [, system, cpus = '', libc = ''] = platformPattern.exec(name) ?? [];
  // Lambda runs on Amazon Linux, which uses glibc
  return system === 'linux' && cpus.split('+').some((cpu) => isCpu(cpu, architecture)) && !libc.startsWith('musl');
}

function isCpu(cpu: string, architecture: Architecture): boolean {
  return architecture === 'arm64' ? ['arm64', 'aarch64'].includes(cpu) : ['x64', 'x86_64', 'amd64'].includes(cpu);
}

/** Whether an optional package fits the function's platform, or all platforms. */
export function isWanted(name: string, { os, cpu, libc }: Manifest, architecture: Architecture): boolean {
  if (os === undefined && cpu === undefined) return !namesPlatform(name) || namesWanted(name, architecture);
  const admits = (list: readonly string[] | undefined, value: string) =>
    list === undefined ||
    list.includes(value) ||
    (list.every((one) => one.startsWith('!')) && !list.includes(`!${value}`));
  return admits(os, 'linux') && admits(cpu, cpuOf[architecture]) && admits(libc, 'glibc') && !/musl/.test(name);
}

/** Prebuilt code for another platform, e.g. `prebuilds/darwin-arm64/x.node`. */
export function isForOther(path: string, architecture: Architecture): boolean {
  if (/(^|\/)prebuilds\//.test(path) || /\.(node|so|dylib|dll|exe)$/.test(path)) {
    if (/\.musl\.node$/.test(path)) return true;
    return platformPattern.test(path) && !namesWanted(path, architecture);
  }
  return false;
}

interface Where {
  readonly folder: string;
  readonly architecture: Architecture;
}

/** The install command for the missing package, for the package manager of the lock file. */
export function installCommand(name: string, missing: readonly string[], { folder, architecture }: Where): string {
  const cpu = cpuOf[architecture];
  const lock = lockFileAbove(folder);
  if (lock === 'pnpm-lock.yaml') {
    return `pnpm: in pnpm-workspace.yaml (before pnpm 10: under "pnpm" in package.json) supportedArchitectures: {os: [current, linux], cpu: [current, ${cpu}], libc: [current, glibc]}, then pnpm install`;
  }
  if (lock === 'yarn.lock' && existsSync(join(folder, '.yarnrc.yml'))) {
    return `yarn: in .yarnrc.yml, supportedArchitectures: {os: [current, linux], cpu: [current, ${cpu}], libc: [current, glibc]}, then yarn install`;
  }
  const versions = resolvePackage(name, folder)?.manifest.optionalDependencies ?? {};
  const packages = missing.map((name) => `${name}@${versions[name] ?? 'latest'}`).join(' ');
  if (lock === 'yarn.lock') return `yarn add --ignore-platform --optional ${packages}`;
  return `npm install --no-save --force ${packages}`;
}

/** The command that adds a package, for the package manager of the lock file. */
export function addCommand(name: string, folder: string): string {
  const manager = managerOf(folder);
  return manager === 'npm' ? `npm install ${name}` : `${manager} add ${name}`;
}

export function installAllCommand(folder: string): string {
  return `${managerOf(folder)} install`;
}

const managers: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
};

/** By the lock file; without one, by `packageManager` of package.json. */
function managerOf(folder: string): string {
  const lockFile = lockFileAbove(folder);
  if (lockFile !== undefined) return managers[lockFile] ?? 'npm';
  const declared = /^(npm|pnpm|yarn|bun)@/.exec(readPackage(folder)?.manifest.packageManager ?? '')?.[1];
  return declared ?? 'npm';
}

function lockFileAbove(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const lockFile = Object.keys(managers).find((name) => existsSync(join(folder, name)));
    if (lockFile !== undefined || dirname(folder) === folder) return lockFile;
  }
}

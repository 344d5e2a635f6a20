// The Python of this machine, and a PATH with pip alone or with uv, which is installed once for a file of tests.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { sharedFolder } from './project.ts';
import { runs } from './toolchain.ts';

export const pythonVersion = runs('python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])');
export const pythonRuntime = `python${pythonVersion}`;

/** A project with one function, `a`, of this machine's Python. */
export const pythonProject = (more = ''): string =>
  `name: s\nfunctions:\n  a: {handler: main.handle, runtime: ${pythonRuntime}, architecture: x86_64${more}}\n`;

/** Makes tools of PyPI usable for one test: only these programs of them, so that their Python is not on PATH. */
export function pythonTools() {
  const folder = sharedFolder();
  const installed = new Set<string>();
  const python = join(folder, 'venv/bin/python');
  const install = (packages: readonly string[]) => {
    const missing = packages.filter((name) => !installed.has(name));
    if (missing.length === 0) return;
    if (installed.size === 0) execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...missing], { stdio: 'pipe' });
    for (const name of missing) installed.add(name);
  };
  return {
    /** `pip` is what the machine has, without uv. */
    use(name: 'pip' | 'uv' | 'poetry', ...more: readonly string[]): void {
      const path = process.env['PATH'] ?? '';
      onTestFinished(() => {
        process.env['PATH'] = path;
      });
      const plain = path.split(':').filter((one) => runs(join(one, 'uv'), '--version') === undefined);
      process.env['PATH'] = plain.join(':');
      if (name === 'pip') return;
      install([name, ...more]);
      const only = join(folder, `only-${name}`);
      mkdirSync(only, { recursive: true });
      if (runs(join(only, name), '--version') === undefined)
        symlinkSync(join(folder, 'venv/bin', name), join(only, name));
      process.env['PATH'] = `${only}:${plain.join(':')}`;
    },
  };
}

// fx upgrade: the only time that fx asks whether there is a newer one is when somebody runs this.
import { basename, dirname, sep } from 'node:path';
import semver from 'semver';
import { FxError } from '../../base/error.ts';
import { packageFolder } from '../../base/packaged.ts';
import { findProgram, runTool } from '../../runtimes/tool.ts';
import { command } from '../command.ts';
import type { Io } from '../io.ts';

export const upgrade = command({
  output: 'upgrade',
  needs: 'folder',
  examples: [['fx upgrade', 'Ask npm for the newest version, and show how to install it']],
  async run({ version, io, signal, print, result }) {
    const newest = await newestVersion(io, signal);
    const isOlder = semver.lt(version, newest);
    const install = isOlder ? installCommand() : undefined;
    print(
      install === undefined
        ? `fx ${version} is the newest.`
        : `fx ${newest} is out; this is ${version}.\n\n  ${install}\n\nIts CHANGELOG.md says what has changed.`,
    );
    result({ version, newest, install });
    return 0;
  },
});

/** As npm's configuration has it: a registry of the company, a proxy. */
async function newestVersion({ workingFolder, variables }: Io, signal: AbortSignal): Promise<string> {
  const npm = findProgram('npm', variables['PATH']);
  const ask =
    npm === undefined
      ? undefined
      : await runTool({
          program: npm,
          args: ['view', 'fx-serverless', 'version'],
          folder: workingFolder,
          variables: {},
          signal,
        });
  const found = ask?.stdout.trim();
  if (ask?.exitCode === 0 && semver.valid(found) !== null) return found as string;
  throw new FxError('USAGE', 'npm does not say which version of fx-serverless is the newest', {
    hint: npm === undefined ? 'npm is not in PATH' : (ask?.output.trim().split('\n')[0] ?? ''),
  });
}

/** For the project that fx is installed in, or for the whole machine. */
function installCommand(): string {
  const folder = packageFolder();
  const above = dirname(dirname(folder));
  // npm's global packages are in lib/node_modules, on Windows in npm/node_modules
  const isGlobal = !folder.includes(`${sep}node_modules${sep}`) || ['lib', 'npm'].includes(basename(above));
  return `npm install ${isGlobal ? '--global' : '--save-dev'} fx-serverless@latest`;
}

// fx upgrade: fx asks whether there is a newer one only when somebody runs this, or has turned the note on.
import { basename, dirname, sep } from 'node:path';
import semver from 'semver';
import { FxError } from '../../base/error.ts';
import { packageFolder } from '../../base/packaged.ts';
import { findProgram, runTool } from '../../runtimes/tool.ts';
import { command } from '../command.ts';
import type { Io } from '../io.ts';
import { isNoteOn, rememberNewest, turnNoteOff, turnNoteOn } from '../upgrade-note.ts';

export const upgrade = command({
  output: 'upgrade',
  needs: 'folder',
  options: {
    note: {
      kind: 'text',
      value: 'on|off',
      about:
        'whether fx asks once a day, and says after a command at a terminal that a newer one is out (default: off)',
    },
  },
  examples: [
    ['fx upgrade', 'Ask npm for the newest version, and show how to install it'],
    ['fx upgrade --note on', 'Be told of newer versions from now on'],
  ],
  async run({ version, io, signal, options, print, result }) {
    if (options.note !== undefined && options.note !== 'on' && options.note !== 'off')
      throw new FxError('USAGE', `--note takes on or off, not "${options.note}"`, { hint: 'fx upgrade --note on' });
    if (options.note === 'off') {
      turnNoteOff(io);
      print('fx asks npm only when you run fx upgrade.');
      result({ version, note: false });
      return 0;
    }
    if (options.note === 'on') turnNoteOn(io);
    const newest = await newestVersion(io, signal);
    rememberNewest(io, newest);
    const isOlder = semver.lt(version, newest);
    const install = isOlder ? installCommand() : undefined;
    print(
      install === undefined
        ? `fx ${version} is the newest.`
        : `fx ${newest} is out; this is ${version}.\n\n  ${install}\n\nIts CHANGELOG.md says what has changed.`,
    );
    result({ version, newest, install, note: isNoteOn(io) });
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

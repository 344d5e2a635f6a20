// Which commit a release was made from.
import { execFile } from 'node:child_process';

/** The short commit, with `+` where tracked files differ from it; undefined outside a git checkout or without git. */
export async function gitCommit(folder: string): Promise<string | undefined> {
  const commit = await git(folder, ['rev-parse', '--short=10', 'HEAD']);
  if (commit === undefined) return undefined;
  const changed = await git(folder, ['status', '--porcelain', '--untracked-files=no']);
  return changed ? `${commit}+` : commit;
}

function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    // a missing git and a folder outside git are the same answer: there is no commit
    execFile('git', [...args], { cwd: folder, encoding: 'utf8' }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    );
  });
}

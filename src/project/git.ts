// The git commit of the project's folder.
import { execFile } from 'node:child_process';

export interface GitState {
  readonly sha: string;
  /** Undefined if no branch is checked out. */
  readonly branch: string | undefined;
  /** Whether tracked files differ from the commit. */
  readonly dirty: boolean;
}

/** Undefined if git is not installed, if the folder is not a checkout, or if it has no commit yet. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const sha = await git(folder, ['rev-parse', 'HEAD']);
  if (sha === undefined) return undefined;
  const [branch, changed] = await Promise.all([
    git(folder, ['symbolic-ref', '--short', '--quiet', 'HEAD']),
    git(folder, ['status', '--porcelain', '--untracked-files=no']),
  ]);
  return { sha, branch, dirty: changed !== undefined && changed !== '' };
}

/** For the ledger: the short commit, with `+` where tracked files differ from it. */
export async function gitCommit(folder: string): Promise<string | undefined> {
  const state = await gitState(folder);
  return state === undefined ? undefined : `${state.sha.slice(0, 10)}${state.dirty ? '+' : ''}`;
}

function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    // without git, or outside a checkout, there is no commit
    execFile('git', [...args], { cwd: folder, encoding: 'utf8' }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    );
  });
}

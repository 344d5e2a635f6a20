// The git commit of the project's folder.
import { execFile } from 'node:child_process';

export interface GitState {
  readonly sha: string;
  /** Undefined if no branch is checked out. */
  readonly branch: string | undefined;
  /** Whether tracked files differ from the commit. */
  readonly dirty: boolean;
}

/** Undefined if git is not installed, if the folder is not a checkout, or if it has no commit yet. One process answers all of it, in the
 * format of https://git-scm.com/docs/git-status#_porcelain_format_version_2. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const status = await git(folder, ['status', '--porcelain=v2', '--branch', '--untracked-files=no']);
  const lines = status?.split('\n') ?? [];
  const header = (name: string) => lines.find((line) => line.startsWith(`# branch.${name} `))?.split(' ')[2];
  const sha = header('oid');
  if (sha === undefined || sha === '(initial)') return undefined;
  const branch = header('head');
  const dirty = lines.some((line) => line !== '' && !line.startsWith('#'));
  return { sha, branch: branch === '(detached)' ? undefined : branch, dirty };
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

import fs from 'node:fs';
import git from 'isomorphic-git';
export const handler = async () => {
  await git.init({ fs, dir: `/tmp/fxgit${process.pid}` });
  return git.currentBranch({ fs, dir: `/tmp/fxgit${process.pid}` });
};

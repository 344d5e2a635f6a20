// What a module of the user's opens that no place of its own shows: files by the working directory, and the modules beside it.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

const literal = String.raw`(['"\x60])((?:\.\/)?[\w@][\w@./-]*)`;
/** Lambda starts functions in the folder of their code, which is the project's. */
const fromTop = [
  String.raw`\b(?:readFile|readFileSync|createReadStream|readdir|readdirSync)\(\s*${literal}\1`,
  String.raw`(?:process\.cwd\(\)|\bLAMBDA_TASK_ROOT(?:['"]\])?!?)\s*[,+]\s*${literal.replace('[\\w@]', '\\/?[\\w@]')}\1`,
].map((pattern) => new RegExp(pattern, 'g'));

export function openedFromTop(text: string, projectFolder: string): readonly string[] {
  if (!/readFile|createReadStream|readdir|process\.cwd|LAMBDA_TASK_ROOT/.test(text)) return [];
  const paths = fromTop.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, , path = '']) => resolve(projectFolder, path.replace(/^\/+/, ''))),
  );
  return paths.filter(
    (path) => path.startsWith(projectFolder + sep) && !path.includes('node_modules') && existsSync(path),
  );
}

/** `readdirSync(__dirname).forEach((file) => require(join(__dirname, file)))`: all modules of its folder. */
export function siblingsOf(file: string, text: string): readonly string[] {
  if (!/\breaddir(?:Sync)?\(\s*(?:__dirname|import\.meta\.dirname)\s*[,)]/.test(text)) return [];
  const names = readdirSync(dirname(file)).filter(
    (name) => /\.[cm]?[jt]s$/.test(name) && !/\.d\.[cm]?ts$|\.(?:test|spec)\./.test(name),
  );
  return names.map((name) => join(dirname(file), name)).filter((path) => path !== file);
}

// Queries of CloudWatch Logs Insights under a name: files of the project, so that others have them, too.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';

const folderName = 'queries';
const ending = '.insights';
const nameText = /^[A-Za-z0-9][\w-]*$/;

/** The query itself, or the saved one that `@name` names. Throws USAGE. */
export async function queryText(written: string, folder: string): Promise<string> {
  // a field of Insights begins with @, too, but no query does
  const name = /^@(\S+)$/.exec(written.trim())?.[1];
  if (name === undefined) return written;
  try {
    if (nameText.test(name)) return await readFile(join(folder, folderName, `${name}${ending}`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const saved = await savedNames(folder);
  const suggestion = nearest(name, saved);
  const list = saved.length === 0 ? `--save ${name} writes one` : `saved are ${saved.join(', ')}`;
  throw new FxError('USAGE', `there is no saved query "${name}"`, {
    hint: suggestion === undefined ? list : `did you mean "@${suggestion}"?`,
  });
}

/** Throws USAGE for a name that cannot be a file's, and ALREADY_EXISTS if another query has it. Writes nothing. */
export async function checkQueryName(name: string, text: string, folder: string): Promise<void> {
  if (!nameText.test(name)) {
    throw new FxError('USAGE', `--save takes a name of letters, digits, - and _, not ${JSON.stringify(name)}`);
  }
  const file = `${folderName}/${name}${ending}`;
  const before = await readFile(join(folder, file), 'utf8').catch(() => undefined);
  if (before === undefined || before.trim() === text.trim()) return;
  throw new FxError('ALREADY_EXISTS', `${file} exists, and has another query`, {
    hint: 'edit it, or choose another name',
  });
}

/** Returns the file, from the project's folder. */
export async function saveQuery(name: string, text: string, folder: string): Promise<string> {
  await mkdir(join(folder, folderName), { recursive: true });
  await writeFile(join(folder, folderName, `${name}${ending}`), `${text.trim()}\n`);
  return `${folderName}/${name}${ending}`;
}

async function savedNames(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(folder, folderName)).catch(() => []);
  return files.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
}

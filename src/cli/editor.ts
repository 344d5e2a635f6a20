// Lets a person edit a value in their editor.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FxError } from '../base/error.ts';

/** The value as it was saved. Throws USAGE if there is no editor, if it failed, or if what it saved is not JSON. */
export async function edited(
  value: unknown,
  fileName: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<unknown> {
  const editor = variables['VISUAL'] || variables['EDITOR'];
  if (!editor)
    throw new FxError('USAGE', '--edit needs an editor', { hint: 'set VISUAL or EDITOR, such as EDITOR=nano' });
  const folder = await mkdtemp(join(tmpdir(), 'fx-edit-'));
  try {
    const file = join(folder, fileName);
    await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
    // its screen goes to standard error, so that the output of fx can be piped
    const program = spawn(`${editor} "$FX_FILE"`, {
      shell: true,
      stdio: [0, 2, 2],
      env: { ...variables, FX_FILE: file },
    });
    const [code] = (await once(program, 'exit')) as [number | null];
    if (code !== 0) throw new FxError('USAGE', `the editor "${editor}" failed`, { hint: 'VISUAL or EDITOR names it' });
    const text = await readFile(file, 'utf8');
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new FxError('USAGE', `what was saved is not JSON: ${(cause as Error).message}`, { cause });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

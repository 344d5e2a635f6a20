// A project file that is a program: bundled and run in a separate process. Its default export is the project.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { esbuild } from '../base/esbuild.ts';
import { fromPlain, type LocatedMap, type Plain } from '../base/located.ts';
import { runProcess } from '../base/process.ts';
import { temporaryFolder } from '../base/temporary-folder.ts';
import { invalid, type Reading } from './read-file.ts';

const timeoutMs = 60_000;

const script = `
const [file, environment] = process.argv.slice(1);
const send = (message) => process.send(message, () => process.exit(0));
try {
  const { default: exported } = await import(file);
  const value = await (typeof exported === 'function' ? exported({ environment }) : exported);
  send({ json: JSON.stringify(value) });
} catch (error) {
  send({ wrong: error instanceof Error ? error.name + ': ' + error.message : String(error) });
}
`;

/** Every position is the start of the file: a program has no line for a value it returns. */
export async function runProgram(
  path: string,
  shown: string,
  { environment, variables }: Reading,
): Promise<LocatedMap> {
  const at = { file: shown, line: 1, column: 1, length: 1 };
  const folder = temporaryFolder('fx-project-');
  try {
    const bundle = join(folder.path, 'project.mjs');
    await writeFile(bundle, await bundled(path, shown));
    const result = await runProcess({
      program: process.execPath,
      args: ['--input-type=module', '--eval', script, pathToFileURL(bundle).href, environment],
      folder: dirname(path),
      variables: Object.fromEntries(
        Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      timeoutMs,
    });
    const answer = result.messages[0] as { readonly json?: string; readonly wrong?: string } | undefined;
    const why = result.timedOut
      ? `it did not exit within ${timeoutMs / 1000} seconds`
      : (answer?.wrong ?? `it exited with ${result.exitCode ?? result.signal}`);
    if (answer?.json === undefined) {
      const hint =
        answer?.wrong === undefined && !result.timedOut
          ? 'export the project, or a function that returns it, as the default export'
          : undefined;
      throw invalid(
        [{ at, message: `the program returns no project: ${why}`, ...(hint === undefined ? {} : { hint }) }],
        shown,
      );
    }
    const value = fromPlain(JSON.parse(answer.json) as Plain, at);
    if (value.kind !== 'map')
      throw invalid([{ at, message: 'expected a map as the default export of the program' }], shown);
    return value;
  } finally {
    await folder.remove();
  }
}

async function bundled(path: string, shown: string): Promise<string> {
  try {
    const { outputFiles } = await esbuild().build({
      entryPoints: [path],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      write: false,
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  } catch (cause) {
    const [first] =
      (cause as { errors?: { text: string; location: { line: number; column: number } | null }[] }).errors ?? [];
    if (first === undefined) throw cause;
    const at = { file: shown, line: first.location?.line ?? 1, column: (first.location?.column ?? 0) + 1, length: 1 };
    throw invalid([{ at, message: first.text }], shown, cause);
  }
}

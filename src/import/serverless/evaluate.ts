// Runs a JavaScript or TypeScript file of a service in a process of its own, and takes what it exports as data.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { esbuild } from '../../base/esbuild.ts';
import type { Plain } from '../../base/located.ts';
import { runProcess } from '../../base/process.ts';
import { temporaryFolder } from '../../base/temporary-folder.ts';

const timeoutMs = 30_000;

/** A function is called as the Serverless Framework 3 does, with options and resolvers that know nothing. */
const script = `
const [file, address, stage] = process.argv.slice(1);
const send = (message) => process.send(message, () => process.exit(0));
try {
  const module = await import(file);
  const nothing = async () => undefined;
  const context = {
    options: { stage }, resolveVariable: nothing, resolveConfigurationProperty: nothing,
    service: { provider: { stage } }, variables: {},
  };
  const call = async (value) => (typeof value === 'function' ? value(context) : value);
  let value = module.default ?? module;
  const steps = address === '' ? [] : address.split('.');
  value = await call(value);
  for (const step of steps) value = await call(value?.[step] ?? (value === undefined ? undefined : module[step]));
  send({ json: JSON.stringify(value) });
} catch (error) {
  send({ wrong: error instanceof Error ? error.message.split('\\n')[0] : String(error) });
}
`;

/** `missing` are the modules that the file imports and that are not here; their values are variables `missing:` of that name. */
export type Evaluated =
  | { readonly value: Plain | undefined; readonly missing: readonly string[] }
  | { readonly wrong: string };

/** Stands for a module that is not here: whatever is taken of it or called is a text that says so. */
const standIn = (module: string) => `
const text = ${JSON.stringify(`\${file(${module})}`)};
const value = new Proxy(function () {}, {
  get(target, key) {
    if (key === 'toJSON' || key === Symbol.toPrimitive) return () => text;
    if (key === '__esModule') return true;
    return key === 'then' || typeof key === 'symbol' ? undefined : value;
  },
  // esbuild's import of CommonJS inherits from the prototype, and so finds any name
  getPrototypeOf: () => value,
  apply: () => value,
  construct: () => value,
});
module.exports = value;
`;

function withStandIns(missing: Set<string>): Plugin {
  return {
    name: 'stand-ins',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
        if (pluginData === 'asked' || kind === 'entry-point') return undefined;
        const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: 'asked' });
        if (found.errors.length > 0) {
          missing.add(path);
          return { path, namespace: 'missing' };
        }
        // an installed package runs as it is
        return /[\\/]node_modules[\\/]/.test(found.path) ? { path: found.path, external: true } : found;
      });
      build.onLoad({ filter: /./, namespace: 'missing' }, ({ path }) => ({ contents: standIn(path), loader: 'js' }));
    },
  };
}

/** @param address what to take of the exports, such as `tables.orders`. */
export async function evaluate(
  path: string,
  {
    address,
    stage,
    variables,
  }: {
    readonly address: string;
    readonly stage: string;
    readonly variables: Readonly<Record<string, string | undefined>>;
  },
): Promise<Evaluated> {
  const folder = temporaryFolder('fx-import-');
  const missing = new Set<string>();
  try {
    const bundle = join(folder.path, 'service.cjs');
    const built = await esbuild().build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      plugins: [withStandIns(missing)],
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(path).href) },
      logLevel: 'silent',
    });
    await writeFile(bundle, built.outputFiles[0]?.text ?? '');
    const { messages, timedOut, exitCode } = await runProcess({
      program: process.execPath,
      args: ['--input-type=module', '--eval', script, pathToFileURL(bundle).href, address, stage],
      folder: dirname(path),
      variables: Object.fromEntries(
        Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      timeoutMs,
    });
    const answer = messages[0] as { readonly json?: string; readonly wrong?: string } | undefined;
    if (answer?.json !== undefined) return { value: JSON.parse(answer.json) as Plain, missing: [...missing] };
    if (timedOut) return { wrong: `it did not end within ${timeoutMs / 1000} seconds` };
    return { wrong: answer?.wrong ?? (exitCode === 0 ? 'it exports nothing' : `it exited with ${exitCode}`) };
  } catch (error) {
    return { wrong: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  } finally {
    await folder.remove();
  }
}

// Loads a project of many functions, compared with only parsing its text. Standalone: node bench/load.mjs [rounds]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { projectText } from './load-project.mjs';
import { inTurn, row, run, table } from './measure.mjs';

const count = 500;

/** Rows for the table: in a new process, and in a warm one. */
export async function loading(top, rounds) {
  const folder = join(top, `load-${count}`);
  mkdirSync(folder, { recursive: true });
  const text = projectText(count);
  writeFileSync(join(folder, 'project.yml'), text);
  const outdir = join(top, 'load');
  await build({
    entryPoints: [resolve(import.meta.dirname, 'load-process.mjs')],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    external: ['esbuild'],
    minifySyntax: true,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as fxRequire } from 'node:module'; const require = fxRequire(import.meta.url);",
    },
  });
  const subject = (...words) => run(process.execPath, [join(outdir, 'load-process.mjs'), ...words], { cwd: folder });
  const cold = await inTurn(rounds, {
    yaml: async () => (await subject('yaml')).ms,
    fx: async () => (await subject('fx')).ms,
  });
  const warm = JSON.parse((await subject('both', String(rounds * 2))).output);
  const floor = `yaml parses its ${Math.round(text.length / 1024)} KB`;
  return [
    row(`loading ${count} functions, a process`, cold.fx, floor, cold.yaml),
    row(`loading ${count} functions, warm`, warm.fx, floor, warm.yaml),
  ];
}

if (process.argv[1] === import.meta.filename) {
  const top = mkdtempSync(join(tmpdir(), 'fx-bench-'));
  try {
    console.log(table(await loading(top, Number(process.argv[2] ?? 5))));
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

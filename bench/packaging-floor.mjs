// The floor of a cold build: one process, one esbuild call over all entry points with fx's settings, and its outputs deflated.
// Run in the project's folder with the number of functions as argument.
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: Array.from({ length: Number(process.argv[2]) }, (_, index) => ({
    in: `src/f${index}.ts`,
    out: `f${index}`,
  })),
  outdir: '.',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  write: false,
  metafile: true,
  sourcemap: 'linked',
  sourcesContent: false,
  charset: 'utf8',
});
const deflate = promisify(deflateRaw);
await Promise.all(outputFiles.map(({ contents }) => deflate(contents)));

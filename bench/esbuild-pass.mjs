// The floor of a build: one process, one esbuild pass over the same entry points with fx's settings. Run in the
// project's folder with the number of functions as argument.
import { build } from 'esbuild';
import { entryPoints } from './project.mjs';

await build({
  entryPoints: entryPoints(Number(process.argv[2])),
  outdir: '.',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  write: false,
  metafile: true,
  sourcemap: 'linked',
  sourcesContent: false,
});

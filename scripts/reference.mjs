// npm run reference: writes docs/reference/project.md from the schema of project.yml. A test fails if it is out of date.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const made = `dist/reference-${process.pid}.mjs`;
await build({
  entryPoints: ['scripts/reference.ts'],
  outfile: made,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
});
try {
  const { projectReference } = await import(pathToFileURL(made));
  await mkdir('docs/reference', { recursive: true });
  await writeFile('docs/reference/project.md', projectReference());
} finally {
  await rm(made);
}
console.log('wrote docs/reference/project.md');

// npm run reference: writes docs/reference: project.md from the schema of project.yml, json.md from the types of what commands print,
// commands.md and errors.md from their tables.
// A test fails if one is out of date.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

await import('./json-schemas.mjs');
const lazily = ({ path, kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined);
const made = `dist/reference-${process.pid}.mjs`;
await build({
  stdin: {
    contents: "export * from './reference.ts'; export * from './json-reference.ts';",
    resolveDir: 'scripts',
  },
  outfile: made,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // the code of the commands is not needed, only their table
  plugins: [{ name: 'lazy', setup: ({ onResolve }) => onResolve({ filter: /^\./ }, lazily) }],
  logLevel: 'warning',
});
const commands = `dist/command-reference-${process.pid}.mjs`;
await build({
  stdin: { contents: "export * from './command-reference.ts';", resolveDir: 'scripts' },
  outfile: commands,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
});
try {
  const { commandReference, errorReference } = await import(pathToFileURL(commands));
  await mkdir('docs/reference', { recursive: true });
  await writeFile('docs/reference/commands.md', await commandReference());
  await writeFile('docs/reference/errors.md', errorReference());
  const { projectReference, jsonReference, summaries, fieldPaths, fieldTree, pathsIn } = await import(
    pathToFileURL(made)
  );
  await writeFile('docs/reference/project.md', projectReference());
  const schemas = JSON.parse(await readFile('dist/json-schemas.json', 'utf8'));
  await writeFile('docs/reference/json.md', jsonReference(schemas, summaries));
  // adds fields, and keeps those that are gone: a test fails until they are back, or a major version removes them here by hand
  const listed = await readFile('test/golden/json-fields.txt', 'utf8').catch(() => '');
  await writeFile('test/golden/json-fields.txt', fieldTree([...pathsIn(listed), ...fieldPaths(schemas)]));
} finally {
  await rm(commands);
  await rm(made);
}
console.log('wrote docs/reference');

// Builds dist/: the bundled CLI in lazily loaded pieces, the schemas, and the boot files of the local Lambda.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const began = Date.now();
await mkdir('dist', { recursive: true });
const { metafile } = await build({
  entryPoints: { bin: 'src/bin.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // a package's modules rather than its CommonJS: a lazily loaded piece of CommonJS would have but a default export
  mainFields: ['module', 'main'],
  conditions: ['module'],
  // a native program beside its JavaScript: it cannot be bundled
  external: ['esbuild'],
  minifySyntax: true,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  banner: {
    // the bundled packages that are CommonJS ask for Node's own modules by require
    js: "import { createRequire as fxRequire } from 'node:module'; const require = fxRequire(import.meta.url);",
  },
});
// what is replaced goes only now: a build that fails leaves the one before as it was
for (const chunk of existsSync('dist/chunks') ? readdirSync('dist/chunks') : []) {
  if (!(`dist/chunks/${chunk}` in metafile.outputs)) await rm(`dist/chunks/${chunk}`);
}
// compiled code of the chunks before
await rm('.cache/compile', { recursive: true, force: true });
await cp('src/runtimes/secrets', 'dist/secrets', { recursive: true });
await cp('src/local/lambda/boot', 'dist/lambda-boot', {
  recursive: true,
  filter: (path) => !path.endsWith('.test.ts'),
});
// the schemas change with the package that carries them, and only then are they extracted again
const specification = JSON.parse(readFileSync('node_modules/@aws-cdk/aws-service-spec/package.json', 'utf8')).version;
const stamp = 'dist/resource-schemas.version';
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== specification) {
  await import('./extract-resource-schemas.mjs');
  await writeFile(stamp, specification);
}
// what editors check project.yml with
const schemaModule = `dist/json-schema-${process.pid}.mjs`;
await build({
  entryPoints: ['src/project/json-schema.ts'],
  outfile: schemaModule,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // the schema names the runtimes; what builds their functions is not loaded
  external: [
    './nodejs.ts',
    './python.ts',
    './go.ts',
    './rust.ts',
    './jvm.ts',
    './ruby.ts',
    './dotnet.ts',
    './prebuilt.ts',
  ],
  logLevel: 'warning',
});
try {
  const { projectJsonSchema } = await import(pathToFileURL(schemaModule));
  await writeFile('dist/project.schema.json', `${JSON.stringify(projectJsonSchema(), null, 2)}\n`);
} finally {
  await rm(schemaModule);
}
await writeFile('dist/package.json', '{"type":"module"}\n');
console.log(`built dist in ${((Date.now() - began) / 1000).toFixed(1)} s`);

// Builds dist/: the bundled CLI and library, the schemas of files and of output, and the boot files of the local Lambda.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const began = Date.now();
await mkdir('dist', { recursive: true });
const options = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // a package's ES modules rather than its CommonJS, so that esbuild can remove unused parts
  mainFields: ['module', 'main'],
  conditions: ['module'],
  // a native program beside its JavaScript: it cannot be bundled
  external: ['esbuild'],
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
};
// One file, whose compiled code bin.ts caches: dynamic imports still run only on demand.
const commonJs = {
  ...options,
  format: 'cjs',
  // a third less to ship and to parse; FX_SOURCE_MAPS=1 writes maps that tell what a position in a stack trace was
  minifyIdentifiers: true,
  sourcemap: process.env['FX_SOURCE_MAPS'] === undefined ? false : 'external',
  define: { 'import.meta.url': 'fxFileUrl' },
  banner: { js: "const fxFileUrl = require('node:url').pathToFileURL(__filename).href;" },
  // the bundles load one another by require
  supported: { 'dynamic-import': false },
};
/**
 * Separate bundles: the local AWS needs every operation of the SDK's clients, the commands only a few; few builds trace
 * files, and only `fx init` asks questions.
 */
const separate = {
  name: 'separate',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/host\.ts$/ }, ({ importer, kind }) =>
      kind === 'dynamic-import' && importer.endsWith('background.ts')
        ? { path: './local.cjs', external: true }
        : undefined,
    );
    onResolve({ filter: /^\.\/local\/host\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './local.cjs', external: true } : undefined,
    );
    onResolve({ filter: /^\.\/trace\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './trace.cjs', external: true } : undefined,
    );
    onResolve({ filter: /^\.\/prompts\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './prompts.cjs', external: true } : undefined,
    );
  },
};
/**
 * The SDK's schemas write the wire's names as computed keys, `{ [_xN]: _m }`, which might run code, so that esbuild keeps every
 * schema of such a client. Written as what they are, the unused ones go.
 */
const literalKeys = ({ throwsErrors }) => ({
  name: 'literal-keys',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk[\\/].*[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const names = new Map(
        [...text.matchAll(/^const (_\w*) = ("[^"\n]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      const literal = text.replace(/\[(_\w*)\](?=:)/g, (key, name) => names.get(name) ?? key);
      // only a client makes exceptions of what it receives
      return { contents: throwsErrors ? literal : literal.replace(/^\w+_registry\.registerError\(.*\);$/gm, '') };
    });
  },
});
/** The local AWS reads the schemas of clients and makes no calls through them: commands, paginators and waiters stay out. */
const schemasOnly = {
  name: 'schemas-only',
  setup({ onResolve, onLoad, resolve: locate }) {
    onResolve({ filter: /^@aws-sdk\/client-/ }, ({ path, importer, pluginData }) =>
      importer.endsWith('model.ts') && pluginData !== 'whole' ? { path, namespace: 'schemas-only' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'schemas-only' }, async ({ path }) => {
      const { path: entry } = await locate(path, {
        kind: 'import-statement',
        resolveDir: process.cwd(),
        pluginData: 'whole',
      });
      const client = /"(\.\/\w+Client)"/.exec(await readFile(entry, 'utf8'))[1];
      const schemas = await readFile(join(dirname(entry), 'schemas/schemas_0.js'), 'utf8');
      // what local/wire/model.ts reads: the operations and the errors
      const names = [...schemas.matchAll(/^export var (\w+\$) = \[(?:9|-3),/gm)].map(([, name]) => name);
      return {
        contents: `export * from '${client}'; export { ${names.join(', ')} } from './schemas/schemas_0';`,
        resolveDir: dirname(entry),
      };
    });
  },
};
/** nft asks it where native code is; fx packs packages with native code whole and never traces them. */
const noInstaller = {
  name: 'no-installer',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@mapbox\/node-pre-gyp$/ }, () => ({ path: 'node-pre-gyp', namespace: 'no-installer' }));
    onLoad({ filter: /./, namespace: 'no-installer' }, () => ({
      contents: "exports.find = () => { throw new Error('not traced'); };",
    }));
  },
};
/** dynalite keeps items in LevelDB, a native program; the local AWS gives it a store of its own. */
const noDatabase = {
  name: 'no-database',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(level|memory-level)$/ }, ({ path }) => ({ path, namespace: 'no-database' }));
    onLoad({ filter: /./, namespace: 'no-database' }, () => ({ contents: '' }));
  },
};
/** Code that `fx --version` and `fx --help` never reach. */
const commands = {
  name: 'commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' && path !== './help.ts' ? { path: './main.cjs', external: true } : undefined,
    );
  },
};
async function exportsOf(file) {
  const { metafile } = await build({
    entryPoints: [file],
    format: 'esm',
    write: false,
    metafile: true,
    outdir: 'dist',
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

// First bundles the called parts of the SDK's clients separately: in a single file, esbuild keeps all of a dynamically imported
// module.
const clientsFolder = resolve(`dist/clients-${process.pid}`);
const sdkClients = {
  name: 'sdk-clients',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/clients\/.*\.ts$/ }, ({ path }) => ({
      path: join(clientsFolder, basename(path).replace(/\.ts$/, '.js')),
    }));
  },
};
await build({
  ...options,
  format: 'esm',
  splitting: true,
  entryPoints: readdirSync('src/aws/clients').map((name) => `src/aws/clients/${name}`),
  outdir: clientsFolder,
  plugins: [literalKeys({ throwsErrors: true })],
});
const bundles = await Promise.all([
  build({
    ...options,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    entryPoints: { bin: 'src/bin.ts' },
    outdir: 'dist',
    plugins: [commands],
  }),
  build({
    ...commonJs,
    stdin: {
      contents: `export { main } from './cli/main.ts';
        export * as library from './index.ts';
        export * as testing from './testing.ts';`,
      resolveDir: 'src',
    },
    outfile: 'dist/main.cjs',
    plugins: [separate, sdkClients],
    // the function that base/compiled.ts calls
    banner: { js: `(function (exports, require, module, __filename, __dirname, fxImport) {${commonJs.banner.js}` },
    footer: { js: '})' },
  }),
  build({
    ...commonJs,
    entryPoints: ['src/local/host.ts'],
    outfile: 'dist/local.cjs',
    plugins: [noDatabase, schemasOnly, literalKeys({ throwsErrors: false })],
  }),
  build({
    ...commonJs,
    entryPoints: ['src/runtimes/nodejs/trace.ts'],
    outfile: 'dist/trace.cjs',
    plugins: [noInstaller],
  }),
  build({ ...commonJs, entryPoints: ['src/cli/prompts.ts'], outfile: 'dist/prompts.cjs' }),
  // the library is a part of main.cjs; Node finds the names to import from a CommonJS file in its text
  ...['index', 'testing'].map(async (name) =>
    build({
      ...options,
      stdin: {
        contents: `import { join } from 'node:path';
          import { loadCompiled } from './base/compiled.ts';
          import { packagedFile, packageFolder } from './base/packaged.ts';
          const { library, testing } = loadCompiled(packagedFile('main.cjs'), join(packageFolder(), '.cache/compile')).exports;
          module.exports = ${name === 'index' ? 'library' : 'testing'};`,
        resolveDir: 'src',
      },
      format: 'cjs',
      define: commonJs.define,
      banner: commonJs.banner,
      footer: { js: `0 && (module.exports = { ${(await exportsOf(`src/${name}.ts`)).join(', ')} });` },
      outfile: `dist/${name}.cjs`,
    }),
  ),
]);
await rm(clientsFolder, { recursive: true });
const outputs = new Set(bundles.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
// replace the old build only now, so that a failed build leaves it intact
for (const chunk of existsSync('dist/chunks') ? readdirSync('dist/chunks') : []) {
  if (!outputs.has(`dist/chunks/${chunk}`)) await rm(`dist/chunks/${chunk}`);
}
// compiled code of the previous build
await rm('.cache/compile', { recursive: true, force: true });
await cp('src/runtimes/secrets', 'dist/secrets', { recursive: true });
await cp('src/local/lambda/boot', 'dist/lambda-boot', {
  recursive: true,
  filter: (path) => !path.endsWith('.test.ts'),
});
// The page of `fx metrics --html`: one file without the data, which the command puts in.
const page = await build({
  entryPoints: ['src/cli/metrics-page/page.ts'],
  bundle: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  write: false,
  logLevel: 'warning',
});
const licence = readFileSync('node_modules/uplot/LICENSE', 'utf8').replaceAll('*/', '* /').trim();
const parts = {
  style: `<style>${readFileSync('node_modules/uplot/dist/uPlot.min.css', 'utf8')}${readFileSync('src/cli/metrics-page/page.css', 'utf8')}</style>`,
  // no text in the script may end its element
  script: `<script>/* uPlot: ${licence} */\n${page.outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`,
};
const shell = readFileSync('src/cli/metrics-page/page.html', 'utf8');
await writeFile(
  'dist/metrics-page.html',
  shell.replace(/<!--(style|script)-->/g, (_, name) => parts[name]),
);
// the schemas change only with the package that carries them, so extract them only then
const specification = JSON.parse(readFileSync('node_modules/@aws-cdk/aws-service-spec/package.json', 'utf8')).version;
const stamp = 'dist/resource-schemas.version';
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== `${specification} br`) {
  await import('./extract-resource-schemas.mjs');
  await writeFile(stamp, `${specification} br`);
}
// what commands print with --json
await import('./json-schemas.mjs');
// the schemas with which editors check project.yml and fx.workspace.yml
const schemaModule = `dist/json-schema-${process.pid}.mjs`;
await build({
  stdin: {
    contents: "export * from './json-schema.ts'; export * from './workspace/json-schema.ts';",
    resolveDir: 'src/project',
  },
  outfile: schemaModule,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // the schema lists the runtimes; their builders are not loaded
  external: [
    './nodejs/nodejs.ts',
    './python/python.ts',
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
  const { projectJsonSchema, workspaceJsonSchema } = await import(pathToFileURL(schemaModule));
  await writeFile('dist/project.schema.json', `${JSON.stringify(projectJsonSchema())}\n`);
  await writeFile('dist/workspace.schema.json', `${JSON.stringify(workspaceJsonSchema(), null, 2)}\n`);
} finally {
  await rm(schemaModule);
}
await writeFile('dist/package.json', '{"type":"module"}\n');
console.log(`built dist in ${((Date.now() - began) / 1000).toFixed(1)} s`);

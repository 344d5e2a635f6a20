// Writes dist/types/: declarations of the exports of src/index.ts and src/testing.ts, and only of the types they use.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const folder = resolve('dist/types');
rmSync(folder, { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], { stdio: 'inherit' });

// the compiler emits a declaration for every module it read
const named = new Set([join(folder, 'index.d.ts'), join(folder, 'testing.d.ts')]);
for (const file of named) {
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g)) {
    const target = resolve(dirname(file), `${specifier}.d.ts`);
    if (!existsSync(target)) throw new Error(`${file} names ${specifier}.ts, which has no declaration`);
    named.add(target);
  }
}
for (const name of readdirSync(folder, { recursive: true })) {
  const file = join(folder, name);
  if (name.endsWith('.d.ts') && !named.has(file)) rmSync(file);
}
console.log(`declared ${named.size} modules in dist/types`);

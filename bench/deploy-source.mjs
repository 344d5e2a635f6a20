// The functions of the deploy benchmark: plain JavaScript files that need no bundling, each in the folder its tool wants.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const names = (count) => Array.from({ length: count }, (_, index) => `f${index}`);

/** CommonJS runs everywhere without a package.json. */
export function writeHandler(path, name, marker) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `exports.handler = async () => ({ name: '${name}', marker: '${marker}' });\n`);
}

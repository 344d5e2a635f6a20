import { mkdirSync, writeFileSync } from 'node:fs';
import { build } from 'vite';
export const handler = async () => {
  mkdirSync('/tmp/fxvite', { recursive: true });
  writeFileSync('/tmp/fxvite/a.js', 'export const a = 1');
  const r = await build({
    root: '/tmp/fxvite',
    logLevel: 'silent',
    configFile: false,
    build: { write: false, lib: { entry: 'a.js', formats: ['es'], fileName: 'a' } },
  });
  return Array.isArray(r);
};

import { mkdirSync, writeFileSync } from 'node:fs';
import tar from 'tar-fs';

export const handler = async () => {
  mkdirSync('/tmp/tarred', { recursive: true });
  writeFileSync('/tmp/tarred/x', 'x');
  let size = 0;
  for await (const chunk of tar.pack('/tmp/tarred')) size += chunk.length;
  return size >= 1024;
};

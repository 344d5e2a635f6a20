import { writeFileSync } from 'node:fs';
import { createJiti } from 'jiti';
export const handler = async () => {
  writeFileSync('/tmp/fxjiti.ts', 'export const a: number = 1');
  return (await createJiti(import.meta.url, { fsCache: false }).import('/tmp/fxjiti.ts')).a;
};

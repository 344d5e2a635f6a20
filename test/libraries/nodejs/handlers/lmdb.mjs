import { open } from 'lmdb';
export const handler = async () => {
  const d = open({ path: `/tmp/fx-lmdb${process.pid}` });
  await d.put('a', { b: 1 });
  const r = d.get('a');
  await d.close();
  return r;
};

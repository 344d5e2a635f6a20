import { ClassicLevel } from 'classic-level';
export const handler = async () => {
  const d = new ClassicLevel(`/tmp/fx-level${process.pid}`);
  await d.put('a', 'b');
  const r = await d.get('a');
  await d.close();
  return r;
};

import { rolldown } from 'rolldown';
export const handler = async () => {
  const b = await rolldown({
    input: 'a',
    plugins: [{ name: 'x', resolveId: (i) => i, load: () => 'export const x = 1' }],
  });
  return (await b.generate({})).output[0].code.length > 5;
};

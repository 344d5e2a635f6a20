import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonDocuments } from './json-documents.ts';

async function documents(...pieces: readonly string[]): Promise<readonly string[]> {
  async function* arriving() {
    yield* pieces;
  }
  const found: string[] = [];
  for await (const document of jsonDocuments(arriving())) found.push(document);
  return found;
}

test.each([
  ['', []],
  [' \n ', []],
  ['{"a": 1}\n{"a": "}\\""}', ['{"a": 1}', '{"a": "}\\""}']],
  ['{}{}[1]"x"', ['{}', '{}', '[1]', '"x"']],
  ['1 true\nnull', ['1', 'true', 'null']],
  ['1{}2"a"3[]', ['1', '{}', '2', '"a"', '3', '[]']],
])('%j', async (text, expected) => {
  expect(await documents(text)).toEqual(expected);
});

test('documents come back whole, however they are cut', async () => {
  const compact = fc.json();
  await fc.assert(
    fc.asyncProperty(
      fc.array(compact, { maxLength: 6 }),
      fc.array(fc.nat(200), { maxLength: 8 }),
      async (all, cuts) => {
        const text = all.join('\n');
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, index) => text.slice(places[index], to));
        expect((await documents(...pieces)).map((found) => JSON.parse(found))).toEqual(
          all.map((each) => JSON.parse(each)),
        );
      },
    ),
  );
});

test('what is no JSON is named by its number and line', async () => {
  await expect(documents('{"a": 1}\n\n{a: 1}')).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/^event 2, at line 3, is not valid JSON: /),
  });
  await expect(documents('{"a": ')).rejects.toThrow(/^the event is not valid JSON: /);
  await expect(documents('}')).rejects.toThrow(/^the event is not valid JSON: /);
});

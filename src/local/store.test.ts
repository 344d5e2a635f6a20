import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Store } from './store.ts';

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'fx-store-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

type Record = { readonly text: string };

const entriesOf = (folder: string) => {
  const store = new Store(folder);
  const entries = [...store.collection<Record>('things').entries()];
  store.close();
  return entries;
};
const log = (folder: string) => join(folder, 'things.log');

const key = fc.constantFrom('a', 'b', 'c', '1', '__proto__', 'with "quotes"\n');
const record = fc.record({ text: fc.string({ unit: 'binary' }) });
const change = fc.oneof(
  fc.tuple(fc.constant('set' as const), key, record),
  fc.tuple(fc.constant('delete' as const), key),
  fc.tuple(fc.constant('reopen' as const)),
);

test('a log replays the same records in the same order', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      using folder = temporaryFolder();
      const model = new Map<string, Record>();
      let store = new Store(folder.path);
      for (const [what, name = '', value = { text: '' }] of changes) {
        const collection = store.collection<Record>('things');
        if (what === 'set') {
          collection.set(name, value);
          model.set(name, value);
        } else if (what === 'delete') expect(collection.delete(name)).toBe(model.delete(name));
        else {
          store.close();
          store = new Store(folder.path);
        }
      }
      store.close();
      const kept = entriesOf(folder.path);
      expect(new Map(kept)).toEqual(model);
    }),
    { numRuns: 60 },
  );
});

test('a torn last line loses only that change', () => {
  const changes = fc.array(fc.tuple(key, record), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(changes, fc.nat(), (all, torn) => {
      using folder = temporaryFolder();
      const model = new Map<string, Record>();
      for (const [name, value] of all.slice(0, -1)) {
        const store = new Store(folder.path);
        store.collection<Record>('things').set(name, value);
        store.close();
        model.set(name, value);
      }
      const before = existsSync(log(folder.path)) ? statSync(log(folder.path)).size : 0;
      const [name, value] = all.at(-1) ?? ['a', { text: '' }];
      const store = new Store(folder.path);
      store.collection<Record>('things').set(name, value);
      store.close();
      const after = statSync(log(folder.path)).size;
      truncateSync(log(folder.path), before + (torn % (after - before)));
      expect(new Map(entriesOf(folder.path))).toEqual(model);
      // and the log continues from there
      const again = new Store(folder.path);
      again.collection<Record>('things').set('next', { text: 'x' });
      again.close();
      expect(new Map(entriesOf(folder.path))).toEqual(new Map([...model, ['next', { text: 'x' }]]));
    }),
    { numRuns: 60 },
  );
});

test('appends changes, and rewrites the log when most of it is outdated', async () => {
  using folder = temporaryFolder();
  const store = new Store(folder.path);
  const things = store.collection<Record>('things');
  const saved = async () => {
    const until = statSync(log(folder.path), { throwIfNoEntry: false })?.mtimeMs;
    await expect.poll(() => statSync(log(folder.path), { throwIfNoEntry: false })?.mtimeMs).not.toBe(until);
  };
  things.set('kept', { text: 'small' });
  things.set('large', { text: 'x'.repeat(3_000_000) });
  await saved();
  for (let i = 0; i < 6; i++) {
    things.set('large', { text: `${i}`.repeat(3_000_000) });
    await saved();
  }
  await expect.poll(() => statSync(log(folder.path)).size).toBeLessThan(10_000_000);
  things.set('later', { text: 'after' });
  store.close();
  expect(entriesOf(folder.path).map(([name, { text }]) => [name, text.slice(0, 3)])).toEqual([
    ['kept', 'sma'],
    ['large', '555'],
    ['later', 'aft'],
  ]);
  expect(readdirSync(folder.path)).toEqual(['things.log']);
});

test('reads state from before there were logs, and converts it to a log', () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'things.json'), JSON.stringify({ a: { text: '1' }, b: { text: '2' } }));
  const store = new Store(folder.path);
  const things = store.collection<Record>('things');
  expect(things.get('b')).toEqual({ text: '2' });
  things.delete('a');
  store.close();
  expect(readdirSync(folder.path)).toEqual(['things.log']);
  expect(readFileSync(log(folder.path), 'utf8').split('\n')[0]).toBe('{"format":1}');
  expect(entriesOf(folder.path)).toEqual([['b', { text: '2' }]]);
});

test('rejects a newer format, and says what to do', () => {
  using folder = temporaryFolder();
  writeFileSync(log(folder.path), '{"format":2,"fx":"9.0.0"}\n["a",{}]\n');
  expect(() => new Store(folder.path)).toThrow(
    `${log(folder.path)} has format 2, and this fx reads formats up to 1: use the newer fx, or delete ${folder.path}`,
  );
});

test('reports damage inside a log at its line instead of losing records', () => {
  using folder = temporaryFolder();
  const store = new Store(folder.path);
  store.collection<Record>('things').set('a', { text: '' });
  store.close();
  appendFileSync(log(folder.path), 'garbage\n["b",{"text":""}]\n');
  expect(() => entriesOf(folder.path)).toThrow(/things\.log:3 is damaged: /);
});

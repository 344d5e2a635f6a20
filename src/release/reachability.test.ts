// What stays for restoring, whatever happened before.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucket, place, release } from './fixture.ts';
import { readIndex, writeRelease } from './ledger.ts';
import { artifactsIn, keptRecords, reachableFrom } from './reachability.ts';
import type { Release } from './record.ts';
import { contentOf, releaseBefore } from './target.ts';

const numbers = (records: readonly { readonly number: number }[]) => records.map(({ number }) => number);
const newestFirst = (...releases: Release[]) => releases.toReversed();
const rollbackOf = (of: number, more: object = {}): Partial<Release> => ({ origin: { kind: 'rollback', of, ...more } });
const failed = { status: 'failed' } as const;

describe('kept are', () => {
  test('the newest good releases; failures do not count', () => {
    const ledger = newestFirst(release(1), release(2), release(3, failed), release(4, failed), release(5));
    expect(numbers(keptRecords(ledger, 2))).toEqual([5, 2]);
  });

  test('code alone, which cannot be restored, only while it is live', () => {
    const code = { origin: { kind: 'code', functions: ['a'] } } as const;
    expect(numbers(keptRecords(newestFirst(release(1), release(2, code), release(3)), 2))).toEqual([3, 1]);
    expect(numbers(keptRecords(newestFirst(release(1), release(2), release(3, code)), 1))).toEqual([3, 2]);
  });

  test('failures after the newest good one: the stack may still have some of it', () => {
    expect(numbers(keptRecords(newestFirst(release(1), release(2), release(3, failed)), 1))).toEqual([3, 2]);
  });

  test('changes that have not ended', () => {
    const { status: _, ...change } = release(3);
    expect(numbers(keptRecords([change, ...newestFirst(release(1), release(2))], 1))).toEqual([3, 2]);
  });

  test('the release that a rollback restored a part of', () => {
    const ledger = newestFirst(release(1), release(2), release(3), release(4, rollbackOf(1, { functions: ['a'] })));
    expect(numbers(keptRecords(ledger, 1))).toEqual([4, 1]);
  });

  test('a rollback and what it restored as one', () => {
    const ledger = newestFirst(
      release(1),
      release(2),
      release(3),
      release(4, rollbackOf(2)),
      release(5, rollbackOf(1)),
    );
    expect(numbers(keptRecords(ledger, 2))).toEqual([5, 4, 2, 1]);
    expect(numbers(keptRecords(ledger, 3))).toEqual([5, 4, 3, 2, 1]);
  });
});

test('records refer to artifacts, templates, images and versions', () => {
  const one = release(1, {
    recipe: {
      functions: new Map([['a', { key: 'k', handler: '', variables: {}, imageTag: 't' }]]),
      layers: new Map([['L', { key: 'l', handler: '', variables: {} }]]),
      site: 's',
    },
    functions: { a: { physicalName: 'shop-a', versionId: 'v', version: '7', events: [] } },
  });
  expect(reachableFrom([one])).toEqual({
    artifacts: new Set(['k', 'l']),
    templates: new Set([one.template.hash]),
    imageTags: new Set(['t']),
    sites: new Set(['s']),
    versions: new Set(['shop-a:7']),
  });
  const key = 'a'.repeat(64);
  expect(artifactsIn(`{"S3Key":"shop/artifacts/${key}.zip"}`)).toEqual([key]);
});

test('after any history, what is live and what a rollback would restore are kept', async () => {
  const step = fc.constantFrom('deploy', 'deploy', 'failed', 'rollback', 'traffic', 'function');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 2, max: 5 }),
      async (steps, keep) => {
        const { aws } = bucket();
        const ledger: Release[] = [];
        const add = async (more: Partial<Release>) => {
          const one = release(ledger.length + 1, more);
          ledger.push(one);
          await writeRelease(aws, place, one);
        };
        const target = async () => {
          const live = ledger.findLast(({ status }) => status === 'succeeded');
          return live && releaseBefore({ aws, place, index: await readIndex(aws, place) }, live);
        };
        await add({});
        for (const step of steps) {
          if (step === 'deploy' || step === 'failed') {
            await add(step === 'failed' ? failed : {});
            continue;
          }
          const to = await target();
          const part = step === 'traffic' ? { trafficOnly: true } : step === 'function' ? { functions: ['a'] } : {};
          if (to !== undefined) await add(rollbackOf(contentOf(to), part));
        }
        const kept = new Set(numbers(keptRecords(ledger.toReversed(), keep)));
        const live = ledger.findLast(({ status }) => status === 'succeeded');
        expect(kept.has(live?.number ?? 0)).toBe(true);
        // how often fx goes back from a row of deploys depends on how many are kept
        const to = await target();
        const contents = new Set(ledger.filter(({ status }) => status === 'succeeded').map(contentOf)).size;
        const isKept = to !== undefined && (contents <= keep || live?.origin.kind === 'deploy');
        if (isKept) expect(kept.has(to.number)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

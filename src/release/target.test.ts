// The target of a rollback: named, or the release before what is live.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucket, place, release } from './fixture.ts';
import { readIndex, writeRelease } from './ledger.ts';
import type { Release } from './record.ts';
import { contentOf, namedRelease, type ReleaseName, releaseBefore } from './target.ts';

async function ledgerOf(releases: readonly Release[]) {
  const { aws } = bucket();
  for (const one of releases) await writeRelease(aws, place, one);
  return { aws, place, index: await readIndex(aws, place) };
}

const newest = (releases: readonly Release[]): Release => {
  const live = releases.findLast(({ status }) => status === 'succeeded');
  if (live === undefined) throw new Error('no release succeeded');
  return live;
};

async function targetAfter(releases: readonly Release[], functions?: readonly string[]): Promise<number | undefined> {
  return (await releaseBefore(await ledgerOf(releases), newest(releases), functions))?.number;
}

const rollbackOf = (of: number, more: object = {}): Partial<Release> => ({ origin: { kind: 'rollback', of, ...more } });
const failed = { status: 'failed' } as const;
const withVersions = (a: string, b: string): Partial<Release> => ({
  functions: Object.fromEntries(
    Object.entries({ a, b }).map(([name, version]) => [
      name,
      { physicalName: name, versionId: `${name}${version}`, version, events: [] },
    ]),
  ),
});

describe('without a name, a rollback restores', () => {
  test('the release before the live one, past failures', async () => {
    expect(await targetAfter([release(1), release(2, failed), release(3), release(4, failed)])).toBe(1);
  });

  test('a release further back the second time, and never a bad one', async () => {
    const ledger = [release(1), release(2), release(3)];
    expect(await targetAfter(ledger)).toBe(2);
    ledger.push(release(4, rollbackOf(2)));
    expect(await targetAfter(ledger)).toBe(1);
    ledger.push(release(5, rollbackOf(1)));
    expect(await targetAfter(ledger)).toBeUndefined();
  });

  test('the release that was live before a deploy after a rollback', async () => {
    expect(await targetAfter([release(1), release(2), release(3, rollbackOf(1)), release(4)])).toBe(3);
  });

  test('the rest of a release of which a part is back', async () => {
    for (const part of [{ functions: ['a'] }, { trafficOnly: true }]) {
      expect(await targetAfter([release(1), release(2), release(3), release(4, rollbackOf(2, part))])).toBe(2);
    }
  });

  test('what a rollback of the traffic restored, after a deploy undid it', async () => {
    const ledger = [release(1), release(2), release(3, rollbackOf(1, { trafficOnly: true })), release(4)];
    expect(await targetAfter(ledger)).toBe(1);
  });

  test('for one function, the last release in which it had another version', async () => {
    const ledger = [
      release(1, withVersions('1', '1')),
      release(2, withVersions('2', '1')),
      release(3, withVersions('2', '2')),
    ];
    expect(await targetAfter(ledger, ['a'])).toBe(1);
    expect(await targetAfter(ledger, ['b'])).toBe(2);
    ledger.push(release(4, { ...withVersions('1', '2'), ...rollbackOf(1, { functions: ['a'] }) }));
    expect(await targetAfter(ledger, ['a'])).toBeUndefined();
  });

  test('after any history, a release whose content is older than that of every earlier live one in a row of rollbacks', async () => {
    const step = fc.constantFrom('deploy', 'failed', 'rollback', 'traffic', 'function');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const ledger = [release(1, withVersions('1', '1'))];
        const contents: number[] = [1];
        for (const step of steps) {
          const number = ledger.length + 1;
          const versions = withVersions(String(number), String(number));
          if (step === 'deploy') {
            ledger.push(release(number, versions));
            contents.length = 0;
            contents.push(number);
            continue;
          }
          if (step === 'failed') {
            ledger.push(release(number, { ...versions, ...failed }));
            continue;
          }
          const live = newest(ledger);
          const target = await releaseBefore(await ledgerOf(ledger), live);
          if (target === undefined) continue;
          expect(target.status).toBe('succeeded');
          const content = contentOf(target);
          const isPart = live.origin.kind === 'rollback' && Object.keys(live.origin).length > 2;
          // it goes back, or completes what came back in part
          if (isPart) expect(content).toBeLessThanOrEqual(contents.at(-1) ?? 0);
          else expect(content).toBeLessThan(contents.at(-1) ?? 0);
          contents.push(content);
          const part = step === 'traffic' ? { trafficOnly: true } : step === 'function' ? { functions: ['a'] } : {};
          ledger.push(release(number, { functions: target.functions, ...rollbackOf(content, part) }));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a name finds', () => {
  const at = (time: string, more: Partial<Release> = {}): Partial<Release> => ({ time, ...more });
  const ledger = ledgerOf([
    release(1, at('2026-01-01T10:00:00Z', { commit: 'aaaa000000', ended: '2026-01-01T10:05:00Z' })),
    release(2, at('2026-01-02T10:00:00Z', { commit: 'bbbb000000+' })),
    release(3, at('2026-01-03T10:00:00Z', { commit: 'cccc000000', ...failed })),
    release(4, at('2026-01-04T10:00:00Z', { commit: 'aaaa000000', ...rollbackOf(1, { trafficOnly: true }) })),
  ]);
  const named = async (name: ReleaseName) => (await namedRelease(await ledger, name)).number;

  test('a release by its number, its commit, or when it was live', async () => {
    expect(await named({ kind: 'number', number: 2 })).toBe(2);
    expect(await named({ kind: 'commit', commit: 'bbbb' })).toBe(2);
    expect(await named({ kind: 'time', time: new Date('2026-01-03T12:00:00Z') })).toBe(2);
    expect(await named({ kind: 'time', time: new Date('2026-01-01T10:05:00Z') })).toBe(1);
  });

  test('the release whose traffic was restored', async () => {
    expect(await named({ kind: 'number', number: 4 })).toBe(1);
    expect(await named({ kind: 'commit', commit: 'aaaa' })).toBe(1);
  });

  test('no release that failed, that is not there, or from before the first', async () => {
    for (const name of [
      { kind: 'number', number: 3 },
      { kind: 'number', number: 9 },
      { kind: 'commit', commit: 'cccc' },
      { kind: 'time', time: new Date('2026-01-01T10:04:00Z') },
    ] as const) {
      await expect(named(name)).rejects.toMatchObject({ code: 'RELEASE_NOT_FOUND' });
    }
  });
});

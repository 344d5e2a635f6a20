// One log of several regions.
import { expect, test } from 'vitest';
import { FxError } from '../base/error.ts';
import type { LogLine } from '../operate/logs.ts';
import { merged, type RegionSession } from './log-regions.ts';

const session = (region: string) => ({ environment: { region } }) as RegionSession;
const line = (seconds: number, message: string, continues = false) =>
  ({ time: new Date(seconds * 1000), message, continues }) as LogLine;
const sessions = [session('eu'), session('us')];

interface Log {
  readonly lines: readonly (LogLine | Promise<LogLine>)[];
  readonly error?: Error;
}

async function read(logs: Readonly<Record<string, Log>>, how: { readonly follow: boolean; readonly count?: number }) {
  const ended: string[] = [];
  async function* reading({ environment: { region } }: RegionSession): AsyncGenerator<LogLine, void> {
    const log = logs[region] as Log;
    try {
      for (const each of log.lines) yield await each;
      if (log.error !== undefined) throw log.error;
    } finally {
      ended.push(region);
    }
  }
  const shown: string[] = [];
  try {
    for await (const { region, message } of merged(sessions, reading, { count: undefined, ...how })) {
      shown.push(`${region} ${message}`);
    }
  } catch (error) {
    shown.push((error as Error).message);
  }
  return { shown, ended: ended.sort() };
}

test('lines come in order of time, and a stack trace stays in one piece', async () => {
  const logs = {
    eu: { lines: [line(1, 'a'), line(3, 'thrown'), line(3.1, 'at x', true), line(3.2, 'at y', true), line(5, 'b')] },
    us: { lines: [line(2, 'c'), line(3.05, 'd'), line(4, 'e')] },
  };
  const all = ['eu a', 'us c', 'eu thrown', 'eu at x', 'eu at y', 'us d', 'us e', 'eu b'];
  expect((await read(logs, { follow: false })).shown).toEqual(all);
  expect((await read(logs, { follow: false, count: 3 })).shown).toEqual(all.slice(-3));
});

test('followed, they come as they are written, whichever region waits', async () => {
  let write = (_: LogLine) => {};
  const late = new Promise<LogLine>((resolve) => {
    write = resolve;
  });
  const logs = { eu: { lines: [late] }, us: { lines: [line(1, 'a'), line(2, 'b')] } };
  const reading = read(logs, { follow: true });
  await new Promise((resolve) => setImmediate(resolve));
  write(line(0, 'c'));
  expect((await reading).shown).toEqual(['us a', 'us b', 'eu c']);
});

test('a failure names its region and ends the others', async () => {
  const error = new FxError('NOT_DEPLOYED', 'nothing is deployed');
  const logs = { eu: { lines: [line(1, 'a')], error }, us: { lines: [line(1.5, 'b'), line(2, 'c')] } };
  const { shown, ended } = await read(logs, { follow: false });
  expect(shown).toEqual(['eu a', 'eu: nothing is deployed']);
  expect(ended).toEqual(['eu', 'us']);
});

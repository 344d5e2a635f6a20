// serverless-plugin-warmup: its warmers under custom.warmup → how often fx warms the functions.
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import type { Service } from './service.ts';

const warmerKeys = new Set(['enabled', 'events', 'memorySize', 'timeout', 'prewarm', 'concurrency', 'role', 'package']);
const usual = 5;
const longest = 15;

/** One warmer, or several by name. Runs when the functions are converted. */
export function convertWarmup(service: Service, settings: Cursor): void {
  const { draft, stage } = service;
  const warmers = settings.keys().some((key) => warmerKeys.has(key))
    ? [settings]
    : settings.entries().flatMap(([, cursor]) => (cursor.isMap ? [cursor] : []));
  const names = Object.keys((draft.get(['functions']) as object | undefined) ?? {});
  for (const warmer of warmers) {
    const enabled = warmer.child('enabled');
    const stages = enabled?.isList === true ? enabled.items().map((item) => item.text()) : [enabled?.text()];
    if (stages.includes('true') || stages.includes(stage)) {
      for (const name of names) {
        const path = ['functions', name];
        if (draft.has([...path, 'warm']) || draft.has([...path, 'provisionedConcurrency'])) continue;
        draft.set([...path, 'warm'], `${usual}m`, placeOf(warmer));
      }
    }
    const schedules = warmer.child('events')?.items() ?? [];
    const written = schedules.flatMap((event) => event.child('schedule') ?? []);
    for (const schedule of written) interval(service, schedule, warmers.length === 1 ? names : []);
  }
  settings.plain();
  draft.changed(placeOf(settings), 'of serverless-plugin-warmup, fx has the interval only: warm');
}

function interval({ draft }: Service, schedule: Cursor, names: readonly string[]): void {
  const rate = schedule.isMap ? schedule.child('rate') : schedule;
  const text = String([rate?.plain() ?? ''].flat()[0]);
  const minutes = Number(/^rate\((\d+) minutes?\)$/.exec(text)?.[1] ?? Number.NaN);
  if (!(minutes <= longest)) {
    draft.dropped(placeOf(schedule), `fx warms around the clock, at least every ${longest} minutes, not by ${text}`, {
      remedy: 'remove warm, or leave it; provisionedConcurrency keeps environments, too',
    });
    return;
  }
  for (const name of names) {
    if (draft.has(['functions', name, 'warm']))
      draft.set(['functions', name, 'warm'], `${minutes}m`, placeOf(schedule));
  }
}

// The stage of a SAM REST API: its cache and canary, and the settings of its methods.
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { type SamTemplate, withOurIds } from './template.ts';

export function stageOf(sam: SamTemplate, api: Cursor, path: Path): void {
  const { draft } = sam;
  const source = api.child('ApiKeySourceType');
  if (source !== undefined) draft.set([...path, 'apiKeySource'], source.text()?.toLowerCase() ?? null, placeOf(source));
  const canary = api.child('CanarySetting');
  const percent = canary?.child('PercentTraffic')?.plain();
  if (canary !== undefined && percent !== undefined) {
    const more: Record<string, Plain> = {};
    for (const [theirs, ours] of [
      ['DeploymentId', 'deploymentId'],
      ['StageVariableOverrides', 'stageVariables'],
      ['UseStageCache', 'useStageCache'],
    ] as const) {
      const value = canary.child(theirs)?.plain();
      if (value !== undefined) more[ours] = withOurIds(sam, value);
    }
    draft.set([...path, 'canary'], { percent, ...more }, placeOf(canary));
  }
  const settings = api.child('MethodSettings')?.items() ?? [];
  const everywhere = settings.find(
    (each) => each.child('HttpMethod')?.text() === '*' && /^\/?\*$/.test(each.child('ResourcePath')?.text() ?? ''),
  );
  if (everywhere !== undefined) methods(sam, everywhere, path);
  for (const other of settings) {
    if (other === everywhere) continue;
    other.plain();
    draft.dropped(placeOf(other), 'what is set for one method belongs to its event', {
      remedy: 'write throttle, metrics or cache at the rest event',
      beside: path,
    });
  }
  const cluster = api.child('CacheClusterEnabled');
  const size = api.child('CacheClusterSize');
  const plainSize = size?.plain();
  if (cluster?.flag() !== true) return;
  if (everywhere?.child('CachingEnabled')?.flag() !== true) {
    draft.dropped(placeOf(cluster), 'this cache keeps the responses of no method, or of some', {
      remedy: 'write cache: {size: …}, and cache: false at the rest events that have none',
      beside: path,
    });
    return;
  }
  const ttl = everywhere.child('CacheTtlInSeconds')?.plain();
  draft.set(
    [...path, 'cache'],
    {
      size: String(plainSize ?? '0.5'),
      ...(ttl === undefined ? {} : { ttl }),
      ...(everywhere.child('CacheDataEncrypted')?.flag() === true ? { encrypted: true } : {}),
    },
    placeOf(cluster),
  );
}

/** The settings of all methods. */
function methods(sam: SamTemplate, settings: Cursor, path: Path): void {
  const { draft } = sam;
  const place = placeOf(settings);
  const level = settings.child('LoggingLevel')?.text()?.toLowerCase();
  const hasBodies = settings.child('DataTraceEnabled')?.flag() === true;
  if (level === 'error' || level === 'info')
    draft.set([...path, 'executionLogs'], hasBodies && level === 'info' ? 'data' : level, place);
  if (settings.child('MetricsEnabled')?.flag() === true) draft.set([...path, 'metrics'], true, place);
  const rate = settings.child('ThrottlingRateLimit')?.plain();
  const burst = settings.child('ThrottlingBurstLimit')?.plain();
  if (rate !== undefined && burst !== undefined)
    draft.set([...path, 'throttle'], { rate: withOurIds(sam, rate), burst: withOurIds(sam, burst) }, place);
  for (const key of ['CachingEnabled', 'CacheTtlInSeconds', 'CacheDataEncrypted']) settings.child(key)?.plain();
}

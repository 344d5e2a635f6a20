// What the keys of usage plans have used, by day, and the periods of quotas.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
import type { QuotaSettings } from '@aws-sdk/client-api-gateway';
import type { Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

/** Requests by day (`2026-11-26`). */
export type Usage = Readonly<Record<string, number>>;

export const openUsage = (cloud: Cloud): Collection<Usage> => cloud.collection('apigateway.usage');

interface Plan {
  readonly id: string;
  readonly quota?: QuotaSettings;
}

const usageKey = (planId: string, keyId: string) => `${planId}/${keyId}`;
const dayMs = 86_400_000;
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The first day of the period that a moment is in. Days, weeks from Sunday, and months, in UTC. */
function periodStart(time: number, { period }: QuotaSettings): string {
  const date = new Date(time);
  if (period === 'MONTH') return `${dayOf(time).slice(0, 7)}-01`;
  return period === 'WEEK' ? dayOf(time - date.getUTCDay() * dayMs) : dayOf(time);
}

/** Counts a request. False if the quota is used up. */
export function countRequest(cloud: Cloud, plan: Plan, keyId: string): boolean {
  const usage = openUsage(cloud);
  const name = usageKey(plan.id, keyId);
  const counts = usage.get(name) ?? {};
  const now = cloud.now();
  const { quota } = plan;
  if (quota !== undefined) {
    const from = periodStart(now, quota);
    const used = Object.entries(counts).reduce((sum, [day, count]) => (day >= from ? sum + count : sum), 0);
    // the offset counts as used in the first period
    if (used + (quota.offset ?? 0) >= (quota.limit ?? Number.POSITIVE_INFINITY)) return false;
  }
  const today = dayOf(now);
  usage.set(name, { ...counts, [today]: (counts[today] ?? 0) + 1 });
  return true;
}

/** For each day, the requests used and those left. */
export function usedBetween(
  usage: Collection<Usage>,
  { id, quota }: Plan,
  keyId: string,
  { startDate, endDate }: { readonly startDate: string; readonly endDate: string },
): number[][] {
  const counts = usage.get(usageKey(id, keyId)) ?? {};
  const days: number[][] = [];
  let left = quota?.limit ?? 0;
  for (let time = Date.parse(startDate); time <= Date.parse(endDate); time += dayMs) {
    const used = counts[dayOf(time)] ?? 0;
    if (quota !== undefined && dayOf(time) === periodStart(time, quota)) left = quota.limit ?? 0;
    left = Math.max(0, left - used);
    days.push([used, left]);
  }
  return days;
}

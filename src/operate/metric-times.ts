// The times for which fx metrics asks: whole periods that CloudWatch still has.
import { FxError } from '../base/error.ts';

export interface MetricTimes {
  /** The start of the first period. */
  readonly since: Date;
  readonly until: Date;
  readonly periodSeconds: number;
  /** One period over all of the time. */
  readonly wholeSeconds: number;
}

export interface WantedTimes {
  readonly since: Date;
  readonly until: Date;
  /** Undefined: chosen so that a chart has enough points and not too many. */
  readonly periodSeconds: number | undefined;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const periods = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * minute);
/** A chart of the whole width of a terminal has about as many columns of dots. */
const wantedPoints = 180;
const mostPoints = 3_000;
/** CloudWatch keeps minutes for 15 days, five minutes for 63, and hours for 455.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention */
const retention = [
  { days: 15, seconds: minute },
  { days: 63, seconds: 5 * minute },
  { days: 455, seconds: hour },
] as const;

export function metricTimes({ since, until, periodSeconds }: WantedTimes, now: number): MetricTimes {
  const spanSeconds = (until.getTime() - since.getTime()) / 1000;
  if (spanSeconds <= 0) throw new FxError('USAGE', '--since is not before --until');
  const ageDays = (now - since.getTime()) / 1000 / day;
  const kept = retention.find(({ days }) => ageDays <= days);
  if (kept === undefined) {
    throw new FxError('USAGE', `--since is ${Math.floor(ageDays)} days ago; CloudWatch keeps metrics for 455 days`);
  }
  const fits = (seconds: number) => seconds % kept.seconds === 0 && spanSeconds / seconds <= wantedPoints;
  const period = periodSeconds ?? periods.find(fits) ?? day;
  if (period % kept.seconds !== 0) {
    const minutes = kept.seconds / minute;
    throw new FxError(
      'USAGE',
      `--period is ${period / minute}m; of ${Math.floor(ageDays)} days ago, CloudWatch has only multiples of ${minutes}m`,
    );
  }
  if (spanSeconds / period > mostPoints) {
    const points = Math.ceil(spanSeconds / period).toLocaleString('en-US');
    throw new FxError('USAGE', `--period would give ${points} points; at most 3,000 can be shown`, {
      hint: 'name a longer --period, or a later --since',
    });
  }
  const periodMs = period * 1000;
  const start = Math.floor(since.getTime() / periodMs) * periodMs;
  const wholeMs = Math.max(until.getTime() - start, periodMs);
  // a multiple of what CloudWatch keeps, as every period
  const wholeSeconds = Math.ceil(wholeMs / 1000 / kept.seconds) * kept.seconds;
  return { since: new Date(start), until, periodSeconds: period, wholeSeconds };
}

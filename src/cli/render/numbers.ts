// Numbers, times and shares as short texts, in a terminal and on a page.

/** `12`, `1,234`, `56.8k`, `1.2M`. */
export function countText(value: number | undefined): string {
  if (value === undefined) return '-';
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e4) return `${trimmed(value / 1e3)}k`;
  return trimmed(value, 'en-US');
}

/** `0.8 ms`, `12 ms`, `1.2 s`, `3.5 min`, `2.1 h`. */
export function durationText(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < 999.5) return `${ms < 10 ? trimmed(ms) : Math.round(ms)} ms`;
  if (ms < 59_950) return `${trimmed(ms / 1_000)} s`;
  return ms < 3_600_000 ? `${trimmed(ms / 60_000)} min` : `${trimmed(ms / 3_600_000)} h`;
}

function trimmed(value: number, locale = 'en-US'): string {
  return value.toLocaleString(locale, { maximumFractionDigits: value < 100 ? 1 : 0 });
}

/** `3 (1.2%)`. */
export function shareText(part: number | undefined, whole: number | undefined): string {
  if (part === undefined || !whole) return countText(part);
  const percent = (part / whole) * 100;
  return part === 0 ? '0' : `${countText(part)} (${percent < 0.1 ? '<0.1' : trimmed(percent)}%)`;
}

/** `minute`, `5 minutes`, `hour`. */
export function periodText(seconds: number): string {
  if (seconds % 86_400 === 0) return seconds === 86_400 ? 'day' : `${seconds / 86_400} days`;
  if (seconds % 3600 === 0) return seconds === 3600 ? 'hour' : `${seconds / 3600} hours`;
  return seconds === 60 ? 'minute' : `${seconds / 60} minutes`;
}

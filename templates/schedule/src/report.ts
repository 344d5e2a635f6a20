interface Input {
  /** How many whole days the report covers. */
  readonly days: number;
  /** The end of the last one; default: today. */
  readonly until?: string;
}

const dayMs = 86_400_000;

export async function handler({ days, until }: Input) {
  const end = Math.floor((until === undefined ? Date.now() : Date.parse(until)) / dayMs) * dayMs;
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const report = { from: day(end - days * dayMs), to: day(end - dayMs) };
  console.log(`report from ${report.from} to ${report.to}`);
  return report;
}

// What Lambda reports at the end of an invocation, from its log: the REPORT line, or platform.report of a JSON log.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html, https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html

/** Times in milliseconds, memory in MB. */
export interface InvocationReport {
  readonly duration: number;
  readonly billed: number;
  readonly memoryUsed: number;
  /** Set if the invocation started its execution environment, or restored a snapshot. */
  readonly initialization: number | undefined;
}

/** The last report of a log; undefined if there is none. */
export function reportIn(log: string): InvocationReport | undefined {
  const line = log.split('\n').findLast((text) => text.startsWith('REPORT ') || text.includes('"platform.report"'));
  if (line === undefined) return undefined;
  return line.startsWith('REPORT ') ? reportOfText(line) : ofJson(line);
}

/** A REPORT line. */
export function reportOfText(line: string): InvocationReport {
  const values = new Map(
    line.split('\t').map((field) => {
      const [, name = '', value = ''] = /^([^:]+): ([\d.]+)/.exec(field.trim()) ?? [];
      return [name, Number(value)];
    }),
  );
  return {
    duration: values.get('Duration') ?? 0,
    billed: values.get('Billed Duration') ?? 0,
    memoryUsed: values.get('Max Memory Used') ?? 0,
    initialization: values.get('Init Duration') ?? values.get('Restore Duration'),
  };
}

function ofJson(line: string): InvocationReport | undefined {
  try {
    const { record } = JSON.parse(line) as { record?: { metrics?: Readonly<Record<string, number>> } };
    return reportOfMetrics(record?.metrics ?? {});
  } catch {
    // the tail of a log begins anywhere, maybe in the middle of this line
    return undefined;
  }
}

/** The metrics of platform.report. */
export function reportOfMetrics(metrics: Readonly<Record<string, number>>): InvocationReport {
  return {
    duration: metrics['durationMs'] ?? 0,
    billed: metrics['billedDurationMs'] ?? 0,
    memoryUsed: metrics['maxMemoryUsedMB'] ?? 0,
    initialization: metrics['initDurationMs'] ?? metrics['restoreDurationMs'],
  };
}

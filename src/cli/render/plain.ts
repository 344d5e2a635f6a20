// Reports for a pipe or CI: one plain line an event, and a sign of life when nothing happens for long.
import { megabytes } from '../../artifact/limits.ts';
import type { Report } from '../../base/report.ts';
import type { Renderer } from './renderer.ts';

const heartbeatMs = 15_000;

export function plainRenderer(write: (text: string) => void): Renderer {
  let stage = '';
  let timer: NodeJS.Timeout | undefined;
  const began = Date.now();
  const beat = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      write(`… ${stage || 'working'}, ${Math.round((Date.now() - began) / 1000)} s\n`);
      beat();
    }, heartbeatMs);
    timer.unref();
  };
  return {
    report(report) {
      if (report.kind === 'stage') stage = report.text;
      const line = plainLine(report);
      if (line !== undefined) write(`${line}\n`);
      beat();
    },
    end: () => clearTimeout(timer),
  };
}

/** A report as one line of text; undefined where it is not worth one. */
export function plainLine(report: Report): string | undefined {
  switch (report.kind) {
    case 'target': {
      const where = report.endpoint === undefined ? '' : ` at ${report.endpoint}`;
      return `${report.project} · ${report.environment} · account ${report.account} · ${report.region}${where}`;
    }
    case 'stage':
      return report.text;
    case 'note':
      return report.text;
    case 'warning':
      return `warning: ${report.text}${report.hint === undefined ? '' : ` (${report.hint})`}`;
    case 'built':
      return report.cached
        ? `  unchanged ${report.functionName}, ${megabytes(report.bytes)}`
        : `  built ${report.functionName}, ${megabytes(report.bytes)}`;
    case 'building':
      return `  ${report.functionName}: ${report.text}`;
    case 'uploaded':
      return `  uploaded ${report.functionName}, ${megabytes(report.bytes)}`;
    case 'resource': {
      // most resources report twice that they begin
      if (report.status.endsWith('_IN_PROGRESS') && report.reason === undefined) return undefined;
      if (/_IN_PROGRESS$/.test(report.status)) return undefined;
      const reason = report.reason === undefined ? '' : `: ${report.reason}`;
      return `  ${report.done}/${report.total} ${report.logicalId} ${report.status}${reason}`;
    }
    case 'alias':
      return `  ${report.functionName} answers with version ${report.version} again`;
  }
}

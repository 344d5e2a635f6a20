// Reports for a pipe or CI: one plain line per event, and a heartbeat during long silences.
import type { Renderer } from './renderer.ts';
import { reportText, stageText } from './report-text.ts';

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
      if (report.kind === 'stage') stage = stageText(report);
      const line = reportText(report);
      if (line !== undefined) write(`${line}\n`);
      beat();
    },
    end: () => clearTimeout(timer),
  };
}

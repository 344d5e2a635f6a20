// Reports for a pipe or CI: one plain line per event, and a heartbeat during long silences.
import type { ResourceReport } from '../../base/report.ts';
import type { Renderer } from './renderer.ts';
import { reportText, stageText } from './report-text.ts';

const heartbeatMs = 30_000;

export function plainRenderer(write: (text: string) => void): Renderer {
  let stage = '';
  let last: ResourceReport | undefined;
  let timer: NodeJS.Timeout | undefined;
  const began = Date.now();
  const beat = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      write(`… ${last === undefined ? `${stage || 'working'}, ${secondsSince(began)} s` : progressText(last)}\n`);
      beat();
    }, heartbeatMs);
    timer.unref();
  };
  return {
    report(report) {
      if (report.kind === 'stage') {
        stage = stageText(report);
        last = undefined;
      }
      if (report.kind === 'resource') last = report;
      const line = reportText(report);
      if (line !== undefined) write(`${line}\n`);
      // what nobody sees is silence, too
      if (line !== undefined || timer === undefined) beat();
    },
    end: () => clearTimeout(timer),
  };
}

/** `still updating: Cdn (AWS::CloudFront::Distribution) for 95 s, 12/14 done`. */
function progressText({ slowest, done, total }: ResourceReport): string {
  const count = `${done}/${total} done`;
  if (slowest === undefined) return `waiting for the stack, ${count}`;
  return `still updating: ${slowest.logicalId} (${slowest.resourceType}) for ${secondsSince(slowest.began)} s, ${count}`;
}

const secondsSince = (began: number): number => Math.round((Date.now() - began) / 1000);

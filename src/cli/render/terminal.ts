// Reports for a terminal: one line per stage with its time, and a status line below.
import type { Report, ResourceReport } from '../../base/report.ts';
import type { Renderer } from './renderer.ts';
import { reportText, stageText } from './report-text.ts';
import { style } from './style.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

const secondsSince = (began: number): number => Math.round((Date.now() - began) / 1000);

export interface TerminalOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly color: boolean;
}

export function terminalRenderer(options: TerminalOptions): Renderer {
  const { bold, dim, green, red, yellow } = style(options.color);
  let stage: { text: string; began: number } | undefined;
  let current = '';
  let waiting: ResourceReport['slowest'];
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const clear = () => options.write('\r\u001b[K');
  const draw = () => {
    if (stage === undefined) return;
    const seconds = secondsSince(stage.began);
    const slow = waiting === undefined ? '' : ` · ${waiting.logicalId} ${secondsSince(waiting.began)}s`;
    const text = `${frames[frame++ % frames.length]} ${stage.text}${current === '' ? '' : ` · ${current}`}${slow} · ${seconds}s`;
    options.write(`\r\u001b[K${text.slice(0, Math.max(10, options.columns() - 1))}`);
  };
  const line = (text: string) => {
    clear();
    options.write(`${text}\n`);
    draw();
  };
  const endStage = (how: 'done' | 'failed') => {
    if (stage === undefined) return;
    const { text, began } = stage;
    stage = undefined;
    const sign = how === 'done' ? green('✓') : red('✗');
    line(`${sign} ${text} ${dim(`${((Date.now() - began) / 1000).toFixed(1)}s`)}`);
  };
  const show = (report: Report) => {
    const text = reportText(report);
    switch (report.kind) {
      case 'target':
        endStage('done');
        line(bold(text ?? ''));
        break;
      case 'stage':
        endStage('done');
        stage = { text: stageText(report), began: Date.now() };
        current = '';
        waiting = undefined;
        timer ??= setInterval(draw, frameMs);
        timer.unref();
        draw();
        break;
      case 'building':
        current = `${report.functionName}: ${report.text}`;
        draw();
        break;
      case 'logs-query':
        current = `${report.scanned.toLocaleString('en')} lines scanned`;
        draw();
        break;
      case 'warning':
      case 'alias-not-moved':
      case 'logs-delayed':
      case 'logs-missing':
      case 'logs-polling':
      case 'logs-sampled':
        line(yellow(text ?? ''));
        break;
      case 'resource':
        current = `${report.done}/${report.total}`;
        waiting = report.slowest;
        if (text !== undefined) line(/FAILED/.test(report.status) ? red(text) : dim(text));
        break;
      case 'built':
      case 'not-loaded':
      case 'build-note':
      case 'hook':
      case 'uploaded':
      case 'rolling-back':
      case 'recreating':
      case 'alias':
      case 'change-settled':
      case 'resuming':
      case 'logs-live':
      case 'logs-slow':
        line(dim(text ?? ''));
        break;
    }
  };
  return {
    report: show,
    end(how) {
      if (timer === undefined) return;
      endStage(how);
      clearInterval(timer);
      timer = undefined;
    },
  };
}

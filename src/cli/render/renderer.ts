// What shows reports while a command works.
import type { Reporter } from '../../base/report.ts';

export interface Renderer {
  readonly report: Reporter;
  /** Ends what was under way, and leaves the screen as text that may follow wants it. */
  end(how: 'done' | 'failed'): void;
}

// What shows reports while a command works.
import type { Reporter } from '../../base/report.ts';

export interface Renderer {
  readonly report: Reporter;
  /** Ends the stage in progress, and leaves the screen ready for text that follows. */
  end(how: 'done' | 'failed'): void;
}

// Shows reports while a command works.
import type { Reporter } from '../../base/report.ts';

export interface Renderer {
  readonly report: Reporter;
  /** Ends the stage in progress, and leaves the screen ready for other text. */
  end(how: 'done' | 'failed'): void;
}

// What shows reports while a command works.
import type { Reporter } from '../../base/report.ts';

export interface Renderer {
  readonly report: Reporter;
  /** Leaves the screen as text that may follow wants it. */
  end(): void;
}

// The environment of the draft that gets what the stack has.
import type { Project } from '../../project/project.ts';
import type { Draft, Path, Place } from '../draft.ts';
import type { Known } from './references.ts';

export interface Own {
  readonly draft: Draft;
  /** `['environments', name]`. */
  readonly environment: Path;
  /** Where findings belong. */
  readonly place: Place;
  readonly project: Project;
  readonly known: Known;
}

// A stack that another tool made, and the environment of the draft that gets what it has.
import type { Project } from '../../project/project.ts';
import type { TemplateData } from '../against/values.ts';
import type { Draft, Path, Place } from '../draft.ts';
import type { Known } from './references.ts';

/** A stack as CloudFormation has it. */
export interface ExistingStack {
  readonly name: string;
  /** With what its transforms made of it. */
  readonly template: TemplateData;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The names in AWS, by logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
  /** The names of the log groups below /aws/lambda/ that exist, of its functions. */
  readonly logGroups: ReadonlySet<string>;
}

export interface Own {
  readonly draft: Draft;
  /** `['environments', name]`. */
  readonly environment: Path;
  /** Where findings belong. */
  readonly place: Place;
  readonly project: Project;
  readonly known: Known;
}

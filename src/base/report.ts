// What fx tells while it works: data, rendered by `cli/render/` for a terminal, a pipe or a program.

/** Which account and region the command works on. */
export interface TargetReport {
  readonly kind: 'target';
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  /** The endpoint where it is not AWS's own. */
  readonly endpoint: string | undefined;
}
/** A stage begins; it ends with the next stage or with the command. */
export interface StageReport {
  readonly kind: 'stage';
  readonly text: string;
}
/** Something worth a line. */
export interface NoteReport {
  readonly kind: 'note';
  readonly text: string;
}
/** Something that is not as it should be, without being an error. */
export interface WarningReport {
  readonly kind: 'warning';
  readonly text: string;
  readonly hint?: string;
}
/** Something is being done for a function. */
export interface BuildingReport {
  readonly kind: 'building';
  readonly functionName: string;
  readonly text: string;
}
/** A function was built, or nothing that it is made of has changed. */
export interface BuiltReport {
  readonly kind: 'built';
  readonly cached: boolean;
  readonly functionName: string;
  readonly bytes: number;
  readonly key: string;
}
/** An artifact went to the bucket. */
export interface UploadedReport {
  readonly kind: 'uploaded';
  readonly functionName: string;
  readonly bytes: number;
}
/** A resource of the stack moved. */
export interface ResourceReport {
  readonly kind: 'resource';
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** How many of the expected resources are done. */
  readonly done: number;
  readonly total: number;
}
/** An alias was moved by rollback, past CloudFormation. */
export interface AliasReport {
  readonly kind: 'alias';
  readonly functionName: string;
  readonly version: string;
}

export type Report =
  | TargetReport
  | StageReport
  | NoteReport
  | WarningReport
  | BuildingReport
  | BuiltReport
  | UploadedReport
  | ResourceReport
  | AliasReport;

export type Reporter = (report: Report) => void;

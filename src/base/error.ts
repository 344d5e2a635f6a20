// The one error type, the table of its codes, and problems as data.

/** A place in a file that the user wrote. Lines and columns count from 1. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters to underline; 1 if only a point is known. */
  readonly length: number;
}

/** Something wrong in what the user wrote. */
export interface Problem {
  readonly at: Span;
  readonly message: string;
  readonly hint?: string;
}

/** Equal for one problem reported twice. */
export function problemKey({ at, message }: Problem): string {
  return `${at.file}:${at.line}:${at.column} ${message}`;
}

/** 0 done, 1 a bug in fx, 2 plan found changes, 3 AWS, stack or function failed, 4 usage or project file, 5 declined or interrupted, 6 busy. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const errorTable = {
  USAGE: { exit: 4, about: 'The command line is wrong.' },
  PROJECT_NOT_FOUND: { exit: 4, about: 'fx found no project.yml.' },
  PROJECT_INVALID: { exit: 4, about: 'project.yml or fx.workspace.yml has problems; all of them are listed.' },
  ENVIRONMENT_UNKNOWN: { exit: 4, about: 'The environment is not in project.yml.' },
  ALREADY_EXISTS: { exit: 4, about: 'A file is in the way; fx overwrites nothing.' },
  IMPORT_FAILED: { exit: 4, about: 'The configuration to import cannot be read, or is not for AWS.' },
  BUILD_FAILED: { exit: 4, about: 'A function could not be built.' },
  HOOK_FAILED: { exit: 4, about: 'A shell command of project.yml failed.' },
  PLUGIN_FAILED: { exit: 4, about: 'A plugin could not be loaded, failed, or broke a rule of the template.' },
  HANDLER_INVALID: { exit: 4, about: 'A built function does not load, or does not export its handler.' },
  ARTIFACT_TOO_LARGE: { exit: 4, about: "An artifact is over one of Lambda's limits." },
  TEMPLATE_INVALID: { exit: 4, about: 'CloudFormation would reject the template.' },
  ACCOUNT_MISMATCH: { exit: 3, about: 'The credentials are for another account than the environment names.' },
  STACK_FOREIGN: { exit: 3, about: 'A stack with this name exists and belongs to another project or tool.' },
  STACK_FAILED: { exit: 3, about: 'CloudFormation could not apply the change.' },
  DEPLOY_ABORTED: {
    exit: 3,
    about: 'The new release misbehaved while it got a part of the traffic; all of it is back.',
  },
  STACK_STUCK: { exit: 3, about: 'The stack is in a state that needs a decision.' },
  NOT_DEPLOYED: { exit: 3, about: 'The environment, or a project that this one depends on, is not deployed yet.' },
  RELEASE_NOT_FOUND: { exit: 3, about: 'The release is not in the ledger.' },
  RELEASE_TOO_NEW: { exit: 3, about: 'A newer fx wrote the release, in a format that this one cannot read.' },
  RELEASE_UNREADABLE: { exit: 3, about: 'An object of the ledger is damaged or missing.' },
  PLAN_UNREADABLE: { exit: 4, about: 'The file of a plan is damaged, no plan, or of a newer fx.' },
  PLAN_OUTDATED: {
    exit: 3,
    about: 'What is live has changed since the plan was made, or the plan is for something else.',
  },
  FUNCTION_FAILED: { exit: 3, about: 'The function answered with an error.' },
  AWS_UNREACHABLE: { exit: 3, about: 'Nothing answers at the endpoint.' },
  AWS_CREDENTIALS: { exit: 3, about: 'AWS credentials are missing, invalid or expired.' },
  AWS_REFUSED: { exit: 3, about: 'AWS refused a call.' },
  LOCAL_NOT_STARTED: { exit: 3, about: 'The local AWS did not start.' },
  DECLINED: { exit: 5, about: 'You answered no, so nothing was changed.' },
  INTERRUPTED: { exit: 5, about: 'You interrupted fx; CloudFormation continues the change.' },
  BUSY: { exit: 6, about: 'Another change of this environment is in progress; try again.' },
} as const satisfies Record<string, { readonly exit: ExitCode; readonly about: string }>;

export type ErrorCode = keyof typeof errorTable;

export interface FxErrorDetails {
  readonly hint?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/** An error that fx expects. Anything else thrown is a bug in fx. */
export class FxError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, details: FxErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FxError';
    this.code = code;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
  }

  get exitCode(): ExitCode {
    return errorTable[this.code].exit;
  }
}

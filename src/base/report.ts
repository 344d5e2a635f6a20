// What fx reports while it works: a closed union of coded events with typed fields. cli/render/ turns them into text; --json prints
// them unchanged.
import type { Span } from './error.ts';

/** Which account and region the command works on. */
export interface TargetReport {
  readonly kind: 'target';
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  /** The endpoint, if it is not AWS. */
  readonly endpoint: string | undefined;
}

export type Stage =
  | 'starting-local-aws'
  | 'building'
  | 'comparing'
  | 'creating-bucket'
  | 'creating-repository'
  | 'uploading'
  | 'moving-traffic'
  | 'creating-stack'
  | 'updating-stack'
  | 'awaiting-functions'
  | 'removing-stack'
  | 'waiting-for-stack'
  | 'attached'
  | 'recovering-stack'
  | 'restoring-stack'
  | 'creating-change-set'
  | 'querying-logs';
/** A stage begins; it ends with the next stage or with the command. */
export interface StageReport {
  readonly kind: 'stage';
  readonly stage: Stage;
  /** The stack and its status, if the stage concerns one. */
  readonly stack?: { readonly name: string; readonly status: string };
  /** The release that is being restored. */
  readonly release?: number;
}

/** A function is being built; `text` is the tool's. */
export interface BuildingReport {
  readonly kind: 'building';
  readonly functionName: string;
  readonly text: string;
}
/** A function was built, or has not changed since an earlier build. */
export interface BuiltReport {
  readonly kind: 'built';
  readonly cached: boolean;
  readonly functionName: string;
  readonly bytes: number;
  readonly key: string;
}
/** A function was not loaded, because it was built for another platform. */
export interface NotLoadedReport {
  readonly kind: 'not-loaded';
  readonly functionName: string;
  readonly reason: string;
}
/** What the user should know of a new build, such as imports that were left out. */
export interface BuildNoteReport {
  readonly kind: 'build-note';
  readonly functionName: string;
  readonly text: string;
}
/** A line that a hook printed. */
export interface HookReport {
  readonly kind: 'hook';
  /** The function, or the project. */
  readonly owner: string;
  readonly moment: string;
  readonly line: string;
}
/** An artifact was uploaded. */
export interface UploadedReport {
  readonly kind: 'uploaded';
  readonly name: string;
  readonly bytes: number;
}

/** A resource of the stack changed its status; `Child/Queue` is one in a nested stack. */
export interface ResourceReport {
  readonly kind: 'resource';
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** How many of the expected resources are done, those in nested stacks included. */
  readonly done: number;
  readonly total: number;
  /** The resource that is in progress for longest, and since when, in milliseconds since 1970. */
  readonly slowest: { readonly logicalId: string; readonly type: string; readonly began: number } | undefined;
}
/** CloudFormation rolls the change back. */
export interface RollingBackReport {
  readonly kind: 'rolling-back';
}
/** A stack that was never created successfully is deleted and created again. */
export interface RecreatingReport {
  readonly kind: 'recreating';
  readonly stack: { readonly name: string; readonly status: string };
}

/** A live alias was moved. */
export interface AliasReport {
  readonly kind: 'alias';
  readonly functionName: string;
  readonly version: string;
}
/** A live alias could not be moved. `busy`: Lambda was changing the function; `gone`: the version does not exist. */
export interface AliasNotMovedReport {
  readonly kind: 'alias-not-moved';
  readonly functionName: string;
  readonly version: string | undefined;
  readonly reason: 'busy' | 'gone';
  /** Whether the stack update moves it afterwards. */
  readonly stackFollows: boolean;
}
/** An interrupted change was settled in the ledger: it either went live or did not. */
export interface SettledChangeReport {
  readonly kind: 'change-settled';
  readonly number: number;
  readonly change: 'deploy' | 'rollback' | 'promotion' | 'code';
  readonly live: boolean;
}
/** An interrupted rollback resumes. */
export interface ResumingReport {
  readonly kind: 'resuming';
  readonly number: number;
  /** The release that it restores. */
  readonly of: number;
}

/** A step of a gradual deployment: the new versions get a share of the calls. */
export interface TrafficStepReport {
  readonly kind: 'traffic-step';
  /** Percent. */
  readonly share: number;
  readonly functions: readonly string[];
  /** Seconds to watch. */
  readonly seconds: number;
}
/** What the metrics of the new versions say so far. */
export interface TrafficWatchReport {
  readonly kind: 'traffic-watch';
  readonly invocations: number;
  readonly errors: number;
  /** Seconds until the next step. */
  readonly left: number;
}
/** A function whose traffic moves all at once, although the deployment is gradual. */
export interface TrafficAtOnceReport {
  readonly kind: 'traffic-at-once';
  readonly functionName: string;
  readonly reason: string;
}
/** All traffic is on the old versions again. */
export interface TrafficBackReport {
  readonly kind: 'traffic-back';
  readonly reason: string;
}
/** A function's new version answered an event before it got traffic. */
export interface SmokeReport {
  readonly kind: 'smoke';
  readonly functionName: string;
  readonly file: string;
}

/** What older releases had, and no kept one has, was deleted. */
export interface PrunedReport {
  readonly kind: 'pruned';
  readonly versions: number;
  readonly objects: number;
}
/** Deleting what older releases had did not work; the next release or `fx prune` does it. */
export interface NotPrunedReport {
  readonly kind: 'not-pruned';
  readonly reason: string;
}

/** Who holds the lease of the environment. */
interface LeaseHolderReport {
  /** The ARN of the caller. */
  readonly who: string;
  readonly command: string;
  /** ISO 8601. */
  readonly began: string;
}
/** Another fx is changing the environment. */
export interface WaitingForLeaseReport extends LeaseHolderReport {
  readonly kind: 'waiting-for-lease';
}
/** The holder of the lease died, or lost its connection: this command takes over. */
export interface LeaseExpiredReport extends LeaseHolderReport {
  readonly kind: 'lease-expired';
}
/** The lease could not be released; it expires by itself. */
export interface LeaseNotReleasedReport {
  readonly kind: 'lease-not-released';
  readonly seconds: number;
  readonly reason: string;
}

/** Something in project.yml or .env that is valid but probably a mistake. */
export interface WarningReport {
  readonly kind: 'warning';
  readonly at: Span;
  readonly message: string;
  readonly hint?: string;
}

/** Lines of logs come late: AWS takes no more calls for now, or does not answer. Said once. */
export interface LogsDelayedReport {
  readonly kind: 'logs-delayed';
  readonly reason: 'throttled' | 'unreachable';
  readonly seconds: number;
}
/** The log groups of these functions do not exist, or not yet. */
export interface LogsMissingReport {
  readonly kind: 'logs-missing';
  readonly functions: readonly string[];
  /** Whether fx waits for them. */
  readonly awaited: boolean;
}
/** There are so many log groups that reading them, or new lines, takes a while. */
export interface LogsSlowReport {
  readonly kind: 'logs-slow';
  readonly groups: number;
  readonly follow: boolean;
  /** Until each has been read once. */
  readonly seconds: number;
}
/** Live Tail begins, and costs. */
export interface LogsLiveReport {
  readonly kind: 'logs-live';
}
/** There is no Live Tail: fx polls. */
export interface LogsPollingReport {
  readonly kind: 'logs-polling';
  readonly reason: string;
}
/** Live Tail leaves lines out. Said once. */
export interface LogsSampledReport {
  readonly kind: 'logs-sampled';
}
/** A query of the logs runs. */
export interface LogsQueryReport {
  readonly kind: 'logs-query';
  /** Log events so far. */
  readonly scanned: number;
}

export type Report =
  | TargetReport
  | StageReport
  | BuildingReport
  | BuiltReport
  | NotLoadedReport
  | BuildNoteReport
  | HookReport
  | UploadedReport
  | ResourceReport
  | RollingBackReport
  | RecreatingReport
  | AliasReport
  | AliasNotMovedReport
  | SettledChangeReport
  | ResumingReport
  | TrafficStepReport
  | TrafficWatchReport
  | TrafficAtOnceReport
  | TrafficBackReport
  | SmokeReport
  | PrunedReport
  | NotPrunedReport
  | WaitingForLeaseReport
  | LeaseExpiredReport
  | LeaseNotReleasedReport
  | LogsDelayedReport
  | LogsMissingReport
  | LogsSlowReport
  | LogsLiveReport
  | LogsPollingReport
  | LogsSampledReport
  | LogsQueryReport
  | WarningReport;

export type Reporter = (report: Report) => void;

// What each command prints with --json: the type of its result, and of its items. `command()` takes no other; `scripts/json-schemas.mjs`
// makes dist/json-schemas.json and docs/reference/json.md of it, with the comments of the types.
import type { SizeGroup } from '../artifact/limits.ts';
import type { InvokeResult, QueryPage } from '../aws/aws.ts';
import type { ErrorCode, ExitCode, Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import type { Report } from '../base/report.ts';
import type { Attached } from '../operate/attach.ts';
import type { Cost, CostChange } from '../operate/cost.ts';
import type { Diagnosis } from '../operate/doctor/index.ts';
import type { Info } from '../operate/info.ts';
import type { LogLevel } from '../operate/log-record.ts';
import type { Source, Turned } from '../operate/pause.ts';
import type { Plan } from '../operate/plan.ts';
import type { Promoted } from '../operate/promote.ts';
import type { Pruned } from '../operate/prune.ts';
import type { Recovered } from '../operate/recover.ts';
import type { DeadLetters } from '../operate/redrive.ts';
import type { ListedRelease, ShownRelease } from '../operate/releases.ts';
import type { ReleasesDifference } from '../operate/releases-diff.ts';
import type { Retained } from '../operate/remove.ts';
import type { RollbackPlan } from '../operate/rollback.ts';
import type { ScheduledRuns } from '../operate/scheduled-runs.ts';
import type { TraceReport } from '../operate/traces.ts';
import type { Triggered } from '../operate/trigger.ts';
import type { Tuned } from '../operate/tune.ts';
import type { Variable } from '../operate/variables.ts';
import type { Leaf } from '../project/leaves.ts';
import type { Adopted } from '../session/adoption.ts';
import type { Chosen } from './environment.ts';
import type { Latency } from './render/latency-text.ts';
import type { MetricsJson } from './render/metrics-json.ts';

/** A failure: the last line, in place of the result. With `fx dev`, what was saved cannot be live, and fx goes on. */
export interface ErrorLine {
  readonly type: 'error';
  /** For programs: it keeps its meaning. `BUG` is a fault of fx. */
  readonly code: ErrorCode | 'BUG';
  /** For people: it may change. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string | undefined;
  /** What is wrong in the files of the project. */
  readonly problems?: readonly Problem[];
  readonly exitCode: ExitCode;
}

/** Stack outputs by name. */
type StackOutputs = Readonly<Record<string, string>>;

export interface ValidEnvironment {
  readonly environment: string;
  readonly functions: readonly string[];
  /** How many resources the template has. */
  readonly resources: number;
}

export interface ListedEnvironment {
  readonly name: string;
  /** Whether commands use it without --env. */
  readonly chosen: boolean;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly protected: boolean | undefined;
  /** Undefined if AWS was not called, or did not answer. */
  readonly deployed: boolean | undefined;
  /** The status of the stack, or why it is not known. */
  readonly status: string;
}

/** A value of the merged project, with --origin. */
export interface ConfigLeaf extends Omit<Leaf, 'at'> {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface DifferingValue {
  readonly value: Plain;
  /** `project.yml:12`. */
  readonly at: string;
  readonly layer: string;
}

/** A value that differs, with --diff: the path, and by the name of each environment its value, if it has one. */
export interface ConfigDifference {
  readonly path: string;
  readonly [environment: string]: string | DifferingValue | undefined;
}

export interface ChosenEnvironment {
  readonly name: string;
  readonly account: string | undefined;
  readonly region: string;
  readonly protected: boolean;
}

export interface BuiltFunction {
  readonly functionName: string;
  readonly handler: string;
  /** The hash of its content. */
  readonly key: string;
  /** Bytes. */
  readonly unzippedSize: number;
  /** The name of the container image, if it is one. */
  readonly image?: string;
  readonly files: readonly BuiltFile[];
}

interface BuiltFile {
  readonly path: string;
  readonly mode: number;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** With --size. */
export interface BuiltSize {
  readonly functionName: string;
  /** Bytes. */
  readonly unzippedSize: number;
  /** Bytes; undefined for a container image. */
  readonly zippedSize: number | undefined;
  readonly largest: readonly SizeGroup[];
}

/** The sources of one built file, with --why. */
export interface FileSources {
  readonly path: string;
  readonly from: readonly string[];
}

export interface PackageUse {
  readonly functionName: string;
  readonly how: 'bundled' | 'packed as installed';
  /** Bytes; undefined if it is bundled. */
  readonly size: number | undefined;
  readonly why: readonly string[];
}

/** How functions have one package, with --why. */
export interface PackageUses {
  readonly package: string;
  readonly uses: readonly PackageUse[];
}

export interface PlanResult extends Plan {
  /** With --cost. */
  readonly cost?: CostChange;
}

export interface Deployed {
  /** False if everything was live already. */
  readonly changed: boolean;
  /** The release that is live now. */
  readonly release: number;
  readonly outputs: StackOutputs;
}

export interface PromotedRelease extends Deployed {
  readonly from: Promoted['from'];
}

export interface RestoredRelease extends Deployed {
  /** Whether this finished an interrupted change. */
  readonly finished: boolean;
  /** The number of the release whose content is live again. */
  readonly target: number;
}

export interface AttachedChange {
  readonly wasInProgress: boolean;
  /** Of the stack; undefined if it is gone. */
  readonly status: string | undefined;
  /** The live release; undefined if the ledger has none. */
  readonly release: Attached['release'];
  readonly outputs: StackOutputs;
}

/** What a function answered. */
export interface Answer extends Omit<InvokeResult, 'payload'> {
  /** Parsed if it is JSON, else its text. */
  readonly payload: unknown;
}

/** The same, with --stream. */
export interface StreamedAnswer extends Pick<InvokeResult, 'status' | 'functionError' | 'executedVersion'> {
  readonly payload: unknown;
}

/** The answer to one of several events. */
export interface NumberedAnswer extends Answer {
  /** From 1, in the order of the events. */
  readonly number: number;
}

/** After several events. */
export interface EventCount {
  readonly events: number;
}

/** A line of a log. */
export interface LogValue {
  /** Set if the environment is in several regions. */
  readonly region?: string;
  readonly functionName: string;
  readonly version: string | undefined;
  /** ISO 8601. */
  readonly time: string;
  /** The log stream. */
  readonly stream: string;
  readonly requestId: string | undefined;
  readonly level: LogLevel | undefined;
  readonly message: string;
}

/** How many lines there were. */
export interface LineCount {
  readonly lines: number;
}

/** With --insights: how many rows there were, and what the query read. */
export interface QueryEnd {
  readonly rows: number;
  readonly statistics: QueryPage['statistics'];
}

/** A row of a query. */
export interface QueryRow {
  /** By the columns that it asks for. */
  readonly values: Readonly<Record<string, string>>;
}

export interface ListedTraces extends Omit<TraceReport, 'since' | 'until'> {
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
}

export interface Address {
  readonly url: string;
}

export interface RedrivenLetters {
  readonly queues: readonly DeadLetters[];
  /** How many messages were moved or called again. */
  readonly redriven: number;
}

export interface SampleEvent {
  readonly about: string;
  /** The page of AWS that shows the event. */
  readonly aws: string;
}

/** With --check. */
export interface CheckedTypes {
  readonly file: string;
  readonly upToDate: boolean;
}

export interface WrittenTypes {
  readonly file: string;
  readonly changed: boolean;
}

export interface RemovedEnvironment {
  /** False if nothing was deployed. */
  readonly removed: boolean;
  /** What is still there: resources that the template retains, and those kept on request. */
  readonly retained: readonly Retained[];
}

export interface LocalServer {
  readonly running: true;
  readonly endpoint: string;
  /** The process. */
  readonly pid: number;
}

/** What a shell offers at the Tab key. */
export interface OfferedWord {
  readonly word: string;
  readonly about: string;
}

export interface Upgrade {
  /** Of this fx. */
  readonly version: string;
  /** What npm says; undefined with --note off, which asks nothing. */
  readonly newest?: string;
  /** The command that installs it; undefined if this is the newest. */
  readonly install?: string | undefined;
  /** Whether fx says after a command that a newer one is out. */
  readonly note: boolean;
}

export interface LocalTime {
  /** What time it is there, in ISO 8601. */
  readonly time: string;
}

export interface NoLocalServer {
  readonly running: false;
}

export interface CreatedProject {
  /** Its name. */
  readonly project: string;
  readonly folder: string;
  readonly files: readonly string[];
  /** Whether its packages were installed, for --install. */
  readonly installed: boolean;
  /** Whether it was made a Git repository, for --git. */
  readonly repository: boolean;
}

/** The templates of fx, with --list. */
export interface ListedTemplates {
  readonly templates: readonly {
    readonly name: string;
    readonly about: string;
    /** The value of --trigger. */
    readonly trigger: string;
    readonly language: string;
  }[];
}

export interface AddedFunction {
  readonly function: string;
  /** The project file, absolute. */
  readonly file: string;
  /** Where its lines begin, from 1. */
  readonly line: number;
  /** What was written, relative to the folder of the project. Empty if the code was there. */
  readonly files: readonly string[];
}

/** A part of the other tool's configuration, and what became of it. */
export interface ImportFinding {
  /** carried: the same here; changed: another way to the same, or nearly so; dropped: not in project.yml. */
  readonly kind: 'carried' | 'changed' | 'dropped';
  /** The part of the configuration, such as `functions.orders.timeout`. */
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string | undefined;
}

/** A difference between the other tool's template and that of fx. */
export interface ImportDifference {
  /** The function or the resource. */
  readonly of: string;
  /** The setting, `variable NAME`, `right`, `trigger`, `function` or `resource`. */
  readonly what: string;
  /** In the other tool's template; absent if only fx has it. */
  readonly theirs: string | undefined;
  /** In the template of fx; absent if only the other has it. */
  readonly ours: string | undefined;
  /** Whether it had to be: the old runtime is one that fx does not build for. */
  readonly expected: boolean;
}

export interface ImportedProject {
  /** The tool: serverless, sam or apex. */
  readonly from: string;
  /** The configuration that was read. */
  readonly source: string;
  /** The file that was written; absent with --dry-run. */
  readonly file: string | undefined;
  /** The environment that the stage became. */
  readonly environment: string;
  /** How many findings of each kind there are. */
  readonly carried: number;
  readonly changed: number;
  readonly dropped: number;
  readonly findings: readonly ImportFinding[];
  /** With --against: how the two templates differ in meaning. */
  readonly differences: readonly ImportDifference[] | undefined;
  /** With --adopt: what the first deploy would change in the stack of each stage. */
  readonly adoptions: readonly Adopted[];
  /** The text of project.yml. */
  readonly project: string;
}

/** A schema that was written to a file, with --output. */
export interface WrittenSchema {
  readonly file: string;
  /** The line that makes editors use it. */
  readonly comment: string;
}

/** The whole project is live. */
export interface LiveItem {
  /** Whether this deploy did something. */
  readonly changed: boolean;
  readonly release: number;
  readonly outputs: StackOutputs;
  readonly ms: number;
}

/** These functions answer with new code. */
export interface SwappedItem {
  readonly functions: readonly string[];
  readonly ms: number;
}

/** What was wrong is not any more, and nothing had to change. */
export type FixedItem = Readonly<Record<never, never>>;

/** The system refuses to watch all folders. */
export interface UnwatchedItem {
  readonly reason: string;
}

interface RanFunction {
  readonly functionName: string;
  /** Whether a new environment was started for it. */
  readonly cold: boolean;
  readonly error?: { readonly type: string; readonly message: string };
}

/** A request that the local AWS answered. */
export interface RequestItem extends Partial<RanFunction> {
  readonly method: string;
  readonly path: string;
  /** Undefined if the client left before the answer. */
  readonly status: number | undefined;
  readonly ms: number;
}

/** An invocation that no request caused. */
export interface InvocationItem extends RanFunction {
  readonly ms: number;
}

/** A line that a function logged. */
export interface DevLogItem {
  readonly functionName: string;
  /** ISO 8601. */
  readonly time: string;
  readonly message: string;
}

/** A debugger attached, stopped or went on. */
export interface DebuggerItem {
  readonly functionName: string;
  readonly state: 'ready' | 'paused' | 'resumed';
}

/** What the local AWS did not send, because it was read too slowly. */
export interface DroppedItem {
  readonly count: number;
}

/** An object whose members can stand beside the `type` of a line. */
export type Untyped = object & { readonly type?: never };

/** What a command prints with --json, beside reports and errors. */
export interface Output {
  readonly result: unknown;
  /** By the `type` of the line. */
  readonly items: Readonly<Record<string, Untyped>>;
  /** The result if the command ran in several regions of the environment. */
  readonly regions?: unknown;
  /** The result if it ran in projects of a workspace. */
  readonly projects?: unknown;
}

type NoItems = Readonly<Record<never, never>>;

interface Once<Result, Items = NoItems> {
  readonly result: Result;
  readonly items: Items;
}

interface InRegions<Result> {
  /** One after the other in the order of project.yml. */
  readonly regions: readonly (Result & { readonly region: string })[];
}

/** A project that is not deployed, where that is not a failure. */
interface NotDeployed {
  readonly project: string;
  readonly notDeployed: true;
  readonly message: string;
  readonly problems: readonly Problem[];
}

interface InProjects<Result> {
  /** In the order in which they ran, as far as they depend on one another. */
  readonly projects: readonly ((Result & { readonly project: string }) | NotDeployed)[];
}

interface List<Entry> {
  readonly list: readonly Entry[];
}

/** A row for each command, by its full name. */
export interface Outputs {
  readonly 'init project': Once<CreatedProject | ListedTemplates>;
  readonly 'init function': Once<AddedFunction>;
  readonly import: Once<ImportedProject>;
  readonly validate: Once<ValidEnvironment | readonly ValidEnvironment[]> & {
    readonly projects: InProjects<ValidEnvironment | List<ValidEnvironment>>;
  };
  readonly config: Once<readonly ConfigLeaf[] | readonly ConfigDifference[] | Plain>;
  /** The schema, or where it was written. */
  readonly schema: Once<Readonly<Record<string, unknown>> | WrittenSchema>;
  readonly envs: Once<readonly ListedEnvironment[] | Pick<ListedEnvironment, 'name'>>;
  readonly use: Once<Chosen | ChosenEnvironment>;
  readonly build: Once<readonly BuiltFunction[] | readonly BuiltSize[] | FileSources | PackageUses> & {
    readonly projects: InProjects<List<BuiltFunction> | List<BuiltSize> | FileSources | PackageUses>;
  };
  readonly plan: Once<PlanResult> & {
    readonly regions: InRegions<PlanResult>;
    readonly projects: InProjects<PlanResult | InRegions<PlanResult>>;
  };
  readonly deploy: Once<Deployed> & {
    readonly regions: InRegions<Deployed>;
    readonly projects: InProjects<Deployed | InRegions<Deployed>>;
  };
  readonly dev: Once<
    undefined,
    {
      readonly live: LiveItem;
      readonly swapped: SwappedItem;
      readonly fixed: FixedItem;
      readonly unwatched: UnwatchedItem;
      readonly request: RequestItem;
      readonly invocation: InvocationItem;
      readonly log: DevLogItem;
      readonly debugger: DebuggerItem;
      readonly dropped: DroppedItem;
    }
  >;
  readonly 'releases list': Once<readonly ListedRelease[]> & { readonly projects: InProjects<List<ListedRelease>> };
  readonly 'releases show': Once<ShownRelease>;
  readonly 'releases diff': Once<ReleasesDifference>;
  readonly rollback: Once<RestoredRelease | RollbackPlan> & {
    readonly regions: InRegions<RestoredRelease | RollbackPlan>;
  };
  readonly promote: Once<PromotedRelease>;
  readonly attach: Once<AttachedChange>;
  readonly recover: Once<Recovered>;
  readonly invoke: Once<Answer | StreamedAnswer | EventCount | Latency, { readonly answer: NumberedAnswer }>;
  readonly trigger: Once<Triggered>;
  readonly logs: Once<LineCount | QueryEnd, { readonly log: LogValue; readonly row: QueryRow }> & {
    readonly regions: InRegions<QueryEnd>;
  };
  readonly metrics: Once<MetricsJson, { readonly metrics: MetricsJson }> & { readonly regions: InRegions<MetricsJson> };
  readonly traces: Once<ListedTraces> & { readonly regions: InRegions<ListedTraces> };
  readonly info: Once<Info> & {
    readonly regions: InRegions<Info>;
    readonly projects: InProjects<Info | InRegions<Info>>;
  };
  readonly open: Once<Address>;
  readonly env: Once<readonly Variable[]>;
  /** The variables by name, with --print. */
  readonly exec: Once<Readonly<Record<string, string>>>;
  readonly pause: Once<readonly Source[] | Turned>;
  readonly resume: Once<readonly Source[] | Turned>;
  readonly doctor: Once<Diagnosis>;
  readonly redrive: Once<RedrivenLetters>;
  readonly cost: Once<Cost>;
  readonly tune: Once<Tuned>;
  /** The names of the events, or the event. */
  readonly 'events show': Once<Readonly<Record<string, SampleEvent>> | unknown>;
  readonly 'events next': Once<readonly ScheduledRuns[]> & { readonly projects: InProjects<List<ScheduledRuns>> };
  readonly types: Once<CheckedTypes | WrittenTypes>;
  readonly prune: Once<Pruned>;
  readonly remove: Once<RemovedEnvironment> & {
    readonly regions: InRegions<RemovedEnvironment>;
    readonly projects: InProjects<RemovedEnvironment | InRegions<RemovedEnvironment>>;
  };
  /** The script. */
  readonly completion: Once<string>;
  readonly complete: Once<readonly OfferedWord[] | 'files'>;
  readonly upgrade: Once<Upgrade>;
  readonly mcp: Once<undefined>;
  readonly 'local start': Once<LocalServer>;
  readonly 'local stop': Once<{ readonly stopped: boolean }>;
  readonly 'local status': Once<LocalServer | NoLocalServer>;
  readonly 'local save': Once<LocalTime>;
  readonly 'local reset': Once<LocalTime>;
  readonly 'local advance': Once<LocalTime>;
  readonly 'local serve': Once<undefined>;
}

/** What any command prints: a report in between is named by its `type`. */
export interface EveryOutput {
  readonly report: Report;
  readonly error: ErrorLine;
  readonly commands: Outputs;
}

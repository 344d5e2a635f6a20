// `fx-serverless/local`: a local AWS for the tests of a project, in the process of the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { durationMs } from './base/duration.ts';
import { FxError } from './base/error.ts';
import { packagedFile, packageVersion } from './base/packaged.ts';
import { AdjustableClock } from './local/clock.ts';
import type { LocalAws } from './local/host.ts';
import type { Context } from './operate/context.ts';
import { answerOf, functionFailed } from './operate/function-answer.ts';
import type { Environment } from './project/environment.ts';
import type { Project } from './project/project.ts';
import type { Caller } from './session/caller.ts';
import { openContext } from './session/connect.ts';
import { installedSdk, stateFolder } from './session/local.ts';
import { scriptLoadOptions } from './session/script.ts';

export interface LocalOptions {
  /** The project's folder, or one below it; default: the working folder. */
  readonly folder?: string;
  /** The project file, if it is not project.yml. */
  readonly file?: string;
  /** Values for `${params.name}`. */
  readonly params?: Readonly<Record<string, string>>;
  /** Variables of every function. */
  readonly set?: Readonly<Record<string, string>>;
  /** Environment variables for `${var.NAME}`; default: those of the process. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** What time it is there at first, such as `2026-12-24T18:00:00Z`; default: now. */
  readonly time?: string;
}

/** What an SDK client takes to reach the local AWS. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface LocalDeployment {
  readonly outputs: Readonly<Record<string, string>>;
  /** The names in AWS of the functions, by those in project.yml. */
  readonly functions: Readonly<Record<string, string>>;
}

export interface Local extends AsyncDisposable {
  readonly endpoint: string;
  /** For a client of the AWS SDK: `new SQSClient(local.client)`. */
  readonly client: ClientOptions;
  /** The same as environment variables, for other programs: AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION and credentials. */
  readonly variables: Readonly<Record<string, string>>;
  /** Builds the project and deploys it, and keeps what is there then for `reset`. Rejects with FxError, as fx deploy does. */
  deploy(): Promise<LocalDeployment>;
  /** Calls a function by its name in project.yml and resolves with what it returned. Rejects with FUNCTION_FAILED if it threw. */
  invoke(name: string, event?: unknown): Promise<unknown>;
  /** The lines that functions logged, oldest first: of one, or of all. Lambda's own lines are left out. */
  logs(name?: string): Promise<readonly string[]>;
  /** What time it is there. */
  now(): Date;
  /** Moves the clock on, by `10m`, `2h`, `3d` or milliseconds. What falls due meanwhile, such as schedules and retries, begins. */
  advance(time: string | number): Promise<void>;
  /** Makes all as it was after the last `deploy`: queues, tables, buckets and logs. The time stays. */
  reset(): Promise<void>;
  /** Ends it, with all that it runs. */
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts a local AWS, empty and apart from all others. Rejects with LOCAL_NOT_STARTED. */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const { variables = process.env } = options;
  // the SDK warns developers who depend on it; fx states its requirement in package.json
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const state = mkdtempSync(join(tmpdir(), 'fx-test-'));
  const aws = await started(options, state);
  const caller: Caller = {
    variables,
    local: { endpoint: aws.endpoint, now: () => aws.now() },
    program: [process.execPath, packagedFile('bin.js')],
    report: () => {},
    signal: new AbortController().signal,
    now: () => aws.now(),
    version: packageVersion(),
  };
  let deployed: { readonly environment: Environment; readonly context: Context } | undefined;
  let region = 'us-east-1';
  const known = () => {
    if (deployed !== undefined) return deployed;
    throw new FxError('NOT_DEPLOYED', 'nothing is deployed yet', { hint: 'await local.deploy() first' });
  };
  const stop = async () => {
    await aws.stop();
    rmSync(state, { recursive: true, force: true });
  };
  return {
    endpoint: aws.endpoint,
    get client() {
      return { endpoint: aws.endpoint, region, credentials };
    },
    get variables() {
      return {
        AWS_ENDPOINT_URL: aws.endpoint,
        AWS_REGION: region,
        // what boto3 and version 1 of the AWS command line read
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      };
    },
    async deploy() {
      const project = await load(options, caller);
      const { environment, deployment } = project;
      const context = await openContext(caller, environment);
      const { deploy } = await import('./operate/deploy.ts');
      // tests have no data to lose
      const { outputs } = await deploy(project, { message: undefined, deployment, approve: async () => {} }, context);
      deployed = { environment, context };
      region = environment.region;
      await aws.save();
      return {
        outputs,
        functions: Object.fromEntries(environment.functions.map(({ name, physicalName }) => [name, physicalName])),
      };
    },
    async invoke(name, event = {}) {
      const { environment, context } = known();
      const { invoke } = await import('./operate/invoke.ts');
      const payload = JSON.stringify(event);
      const answer = await invoke(environment, { name, mode: 'wait', payload }, context);
      if (answer.functionError !== undefined) throw functionFailed(name, answer.payload, answer.functionError);
      return answer.payload === '' ? undefined : answerOf(answer.payload);
    },
    async logs(name) {
      const { environment, context } = known();
      const { allLogs, logs } = await import('./operate/logs.ts');
      const wanted = { ...allLogs, names: name === undefined ? [] : [name], since: new Date(0) };
      const lines: string[] = [];
      for await (const { record } of logs(environment, wanted, context)) {
        if (record.platform === undefined) lines.push(record.text.trimEnd());
      }
      return lines;
    },
    now: () => new Date(aws.now()),
    async advance(time) {
      const ms = typeof time === 'number' ? time : durationMs(time);
      if (ms === undefined || !(ms >= 0)) {
        throw new FxError(
          'USAGE',
          `advance takes a time such as 10m, 2h or 3d, or milliseconds, not ${JSON.stringify(time)}`,
        );
      }
      await aws.advance(ms);
    },
    async reset() {
      known();
      await aws.reset();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function started({ folder = '.', time }: LocalOptions, state: string): Promise<LocalAws> {
  const { startLocalAws } = await import('./local/host.ts');
  try {
    const sdk = installedSdk(stateFolder(resolve(folder)));
    return await startLocalAws({ folder: state, sdk, clock: new AdjustableClock(time) });
  } catch (cause) {
    throw new FxError('LOCAL_NOT_STARTED', `the local AWS did not start: ${(cause as Error).message}`, { cause });
  }
}

async function load(options: LocalOptions, caller: Caller): Promise<Project> {
  const { loadProject } = await import('./project/load.ts');
  const { set, folder, file, params } = options;
  const today = new Date(caller.now());
  // only these: an environment or a region that a caller without types adds must not lead out of the local AWS
  const place = {
    ...(folder === undefined ? {} : { folder }),
    ...(file === undefined ? {} : { file }),
    ...(params === undefined ? {} : { params }),
  };
  return loadProject({ ...scriptLoadOptions(place, caller), today, ...(set === undefined ? {} : { set }) });
}

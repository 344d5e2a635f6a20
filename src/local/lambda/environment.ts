// One execution environment: a process that runs a function's code against its own Runtime API, and that environment's log.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { endGroup } from '../../base/process.ts';
import type { Cloud } from '../cloud.ts';
import type { Inspected } from '../following.ts';
import { DebuggerSession } from './debugger-session.ts';
import { placeInspected } from './inspect.ts';
import {
  answerEnd,
  type Ended,
  exitFailure,
  exitText,
  type Failure,
  failureEnd,
  initFailure,
  type Outcome,
  timeoutEnd,
} from './invocation-end.ts';
import { placeCode } from './layer-folder.ts';
import { LogStream, streamName } from './log-stream.ts';
import { PeakMemory } from './memory.ts';
import { readFrames, readLines } from './output.ts';
import { type InvokeEnd, keepsLine, type PlatformLog, platformLog } from './platform-log.ts';
import { foreignProgram, processFor } from './process.ts';
import { type Invocation, RuntimeApi } from './runtime-api.ts';
import type { FunctionVersion } from './state.ts';

export interface EnvironmentOptions {
  readonly cloud: Cloud;
  readonly name: string;
  readonly version: FunctionVersion;
  readonly initializationType: 'on-demand' | 'provisioned-concurrency';
  /** Set if it runs under a debugger. */
  readonly inspected?: Inspected | undefined;
}

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
const initLimitMs = 10_000;
/** How long a container's output may be on its way through the engine. */
const containerLagMs = 30;

/** Starts its process on the first invocation and takes one invocation at a time. */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #log: LogStream;
  readonly #platform: PlatformLog;
  readonly #logStreamName: string;
  readonly #api: RuntimeApi;
  #process: ChildProcess | undefined;
  #memory: PeakMemory | undefined;
  /** Ends the container that the process started. */
  #endOthers: (() => Promise<void>) | undefined;
  /** The invocation in progress, or the initialization ahead of one. */
  #using: Promise<unknown> = Promise.resolve();
  /** What remains to be logged of the last invocation. */
  #finishing: Promise<unknown> = Promise.resolve();
  #received = 0;
  #failure: Failure | undefined;
  #readyOrFailed: () => void = () => {};
  #failed: () => void = () => {};
  #isEnded = false;
  #initMs: number | undefined;
  /** True from handing over an invocation until the runtime asks for the next. */
  #isBusy = false;
  readonly #whenIdle: (() => void)[] = [];
  /** Set if it runs under a debugger. */
  readonly #debugger: DebuggerSession | undefined;

  constructor(options: EnvironmentOptions) {
    const { cloud, name, version, initializationType, inspected } = options;
    this.#options = options;
    this.#logStreamName = streamName(name, version, cloud.now());
    this.#log = new LogStream(cloud, version.settings.logGroup, this.#logStreamName);
    this.#platform = platformLog({
      name,
      version,
      logStreamName: this.#logStreamName,
      initializationType,
      now: () => cloud.now(),
      write: (message) => this.#log.write(message),
    });
    const { runtime } = version.settings;
    this.#debugger = inspected && new DebuggerSession({ cloud, name, runtime, inspected });
    this.#api = new RuntimeApi({
      onReady: () => {
        this.#debugger?.answered();
        this.#isBusy = false;
        this.#readyOrFailed();
        this.#becomeIdle();
      },
      onInitError: (answer) => this.#fail(initFailure(answer)),
    });
  }

  /** Whether it can take another invocation after the current one. */
  get isUsable(): boolean {
    return !this.#isEnded && this.#failure === undefined;
  }

  /** Resolves when the last invocation is logged and the runtime asks for its next, or never will again. */
  async whenIdle(): Promise<void> {
    await this.#finishing;
    if (this.#isBusy && this.isUsable) await new Promise<void>((done) => this.#whenIdle.push(done));
  }

  /** Starts and initializes the process ahead of an invocation. Resolves to whether that succeeded. */
  async prepare(): Promise<boolean> {
    if (this.#process !== undefined) return this.isUsable;
    this.#using = this.#start();
    await this.#using;
    return this.isUsable;
  }

  /** Never rejects because of the function: whatever the function does is an outcome. */
  invoke(invocation: Invocation): Promise<Outcome> {
    const outcome = this.#invoke(invocation);
    this.#using = outcome;
    return outcome;
  }

  async #invoke(invocation: Invocation): Promise<Outcome> {
    let initMs: number | undefined;
    if (this.#process === undefined) {
      await this.#start();
      initMs = this.#initMs;
    }
    const { requestId } = invocation;
    const log = this.#log;
    log.startTail();
    this.#platform.start(requestId, invocation.functionArn);
    const started = performance.now();
    const ended = await this.#run(invocation);
    const durationMs = performance.now() - started;
    const logged = this.#finish(ended, { requestId, durationMs, initMs });
    this.#finishing = logged;
    if (ended.kills) await logged;
    const { payload, failed } = ended;
    const stored = async () => {
      const tail = await logged;
      await log.flush();
      return tail();
    };
    const rounded = Math.round(durationMs * 100) / 100;
    return { payload, failed, durationMs: rounded, cold: initMs !== undefined, initMs, log: stored };
  }

  /** Logs Lambda's own lines after the function's, which may still be arriving. Resolves to the tail of the log. */
  async #finish(ended: Ended, measured: Pick<InvokeEnd, 'requestId' | 'durationMs' | 'initMs'>): Promise<() => Buffer> {
    // the caller already has its answer
    if (!ended.kills) await this.#drain();
    const usedMb = (await this.#memory?.read()) ?? 0;
    if (ended.kills) await this.end();
    const { payload, failed: _, kills: __, ...ending } = ended;
    this.#platform.end({ ...measured, usedMb, producedBytes: payload.length, ...ending });
    return this.#log.endTail();
  }

  /** Ends the process and everything it started; resolves when its last output is stored. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#debugger?.end();
    this.#becomeIdle();
    this.#api.close();
    await this.#endOthers?.();
    const child = this.#process;
    if (child?.pid !== undefined) {
      // Not 'close': a process that left the group may hold the pipes open for good.
      const isRunning = child.exitCode === null && child.signalCode === null;
      const exited = isRunning ? new Promise((done) => child.once('exit', done)) : undefined;
      endGroup(child.pid);
      await exited;
      await this.#drain();
      for (const stream of child.stdio) stream?.destroy();
    }
    this.#memory?.close();
    this.#memory = undefined;
    await this.#log.flush();
  }

  /** Resolves when its whole log is stored. */
  async logged(): Promise<void> {
    await this.#using;
    await this.#finishing;
    await this.#log.flush();
  }

  #becomeIdle(): void {
    for (const done of this.#whenIdle.splice(0)) done();
  }

  async #start(): Promise<void> {
    const { cloud, name, version, initializationType } = this.#options;
    const address = await this.#api.listen();
    await placeCode(cloud, version);
    const { inspected } = this.#options;
    const { runtime } = version.settings;
    if (inspected !== undefined) await placeInspected(cloud, version.code, { name, runtime, inspected });
    if (this.#isEnded) {
      this.#api.close();
      this.#fail(exitFailure('Error: the environment was ended', 'Runtime.ExitError'));
      return;
    }
    const logStreamName = this.#logStreamName;
    const request = { cloud, name, version, initializationType, logStreamName, inspected, runtimeApi: address };
    const spec = await processFor(request);
    if ('failure' in spec) {
      this.#fail(exitFailure(`Error: ${spec.failure}`, 'Runtime.InvalidEntrypoint'));
      return;
    }
    this.#endOthers = spec.end;
    if (this.#isEnded) await spec.end?.();
    this.#platform.initStart({ runtimeVersion: spec.runtimeVersion, runtimeVersionArn: spec.runtimeVersionArn });
    const foreign = foreignProgram(spec.program);
    if (foreign !== undefined) {
      this.#fail(exitFailure(`Error: ${foreign}`, 'Runtime.InvalidEntrypoint'));
      return;
    }
    const started = performance.now();
    const readyOrFailed = new Promise<void>((done) => {
      this.#readyOrFailed = done;
    });
    const child = spawn(spec.program, spec.arguments, {
      cwd: spec.folder,
      env: spec.env,
      // Its own process group, so that what it starts can be ended with it.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#memory = new PeakMemory(child.pid);
    this.#listenTo(child);
    this.#debugger?.started();
    // A slower initialization goes on as part of the first invocation.
    await cloud.pauses.within(initLimitMs, readyOrFailed);
    this.#initMs = performance.now() - started;
    if (this.#failure !== undefined) await this.#drain();
    this.#platform.initEnd(this.#initMs, this.#failure?.errorType);
  }

  #listenTo(child: ChildProcess): void {
    const count = (stream: Readable) => stream.on('data', () => this.#received++);
    const { cloud, name, version } = this.#options;
    const { following } = cloud;
    const write = (message: string, at?: number) => {
      this.#log.write(message, at);
      if (following.isFollowed) {
        following.publish({ kind: 'log', functionName: name, time: at ?? cloud.now(), message });
      }
    };
    const writeLine = (line: string) => {
      if (this.#debugger?.takes(line) !== true && keepsLine(version, line)) write(line);
    };
    const [, out, err, frames] = child.stdio as unknown as [null, Readable, Readable, Readable];
    for (const stream of [out, err, frames]) count(stream);
    readLines(out, writeLine);
    readLines(err, writeLine);
    readFrames(frames, (message, at) => write(message, at === undefined ? undefined : at + this.#options.cloud.skew()));
    child.once('error', (error) => this.#fail(exitFailure(`Error: ${error.message}`, 'Runtime.InvalidEntrypoint')));
    child.once('exit', (code, signal) => this.#fail(exitFailure(exitText(code, signal), 'Runtime.ExitError')));
  }

  #fail(failure: Failure): void {
    this.#debugger?.answered();
    // The runtime may report what went wrong before it exits; that report takes precedence.
    this.#failure ??= failure;
    this.#readyOrFailed();
    this.#failed();
    this.#becomeIdle();
  }

  async #run(invocation: Invocation): Promise<Ended> {
    const { timeout } = this.#options.version.settings;
    if (this.#failure !== undefined) return failureEnd(invocation, this.#failure);
    const failure = new Promise<'failed'>((done) => {
      this.#failed = () => done('failed');
    });
    this.#isBusy = true;
    this.#debugger?.invoked();
    // the process compares it with the machine's clock
    const answered = this.#api.invoke(invocation, Date.now() + timeout * 1000);
    const first = await this.#options.cloud.pauses.within(timeout * 1000, Promise.race([answered, failure]));
    this.#debugger?.answered();
    if (first === 'timeout') return timeoutEnd(invocation, timeout, this.#options.cloud.now());
    if (first === 'failed') return failureEnd(invocation, this.#failure ?? exitFailure('', 'Runtime.ExitError'));
    return answerEnd(first);
  }

  /** Waits until the pipes are empty: what the function wrote before it answered has reached them. */
  async #drain(): Promise<void> {
    for (let before = -1; before !== this.#received; ) {
      before = this.#received;
      if (this.#endOthers !== undefined) await setTimeout(containerLagMs);
      await setImmediate();
      await setImmediate();
    }
  }
}

// What Lambda itself writes into a function's log: lines of text or, if the function logs JSON, records of its Telemetry API.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
import type { FunctionVersion, LogLevel } from './state.ts';

export interface InitStart {
  readonly runtimeVersion: string;
  readonly runtimeVersionArn: string;
}

export interface InvokeEnd {
  readonly requestId: string;
  readonly durationMs: number;
  /** Only for the invocation that the environment was initialized for. */
  readonly initMs: number | undefined;
  readonly usedMb: number;
  readonly producedBytes: number;
  readonly status: 'success' | 'error' | 'timeout';
  readonly errorType?: string;
  /** Whether Lambda ended the invocation, not the function's own code. */
  readonly isLambdas: boolean;
  /** Lambda's own line about what went wrong. */
  readonly line?: string;
}

export interface PlatformLog {
  initStart(runtime: InitStart): void;
  initEnd(durationMs: number, errorType: string | undefined): void;
  start(requestId: string, functionArn: string): void;
  end(invoke: InvokeEnd): void;
}

export interface Logged {
  readonly name: string;
  readonly version: FunctionVersion;
  readonly logStreamName: string;
  readonly initializationType: 'on-demand' | 'provisioned-concurrency';
  now(): number;
  write(message: string): void;
}

export function platformLog(logged: Logged): PlatformLog {
  return logged.version.settings.logFormat === 'JSON' ? jsonLog(logged) : textLog(logged);
}

// Since August 2025 the initialization is billed too:
// https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
function billedMs({ durationMs, initMs = 0 }: InvokeEnd): number {
  return Math.max(1, Math.ceil(durationMs + initMs));
}

function textLog({ version, write }: Logged): PlatformLog {
  const { memorySize } = version.settings;
  return {
    initStart: ({ runtimeVersion, runtimeVersionArn }) =>
      write(`INIT_START Runtime Version: ${runtimeVersion}\tRuntime Version ARN: ${runtimeVersionArn}\n`),
    initEnd(durationMs, errorType) {
      if (errorType === undefined) return;
      const duration = `${durationMs.toFixed(2)} ms`;
      write(`INIT_REPORT Init Duration: ${duration}\tPhase: init\tStatus: error\tError Type: ${errorType}\n`);
    },
    start: (requestId) => write(`START RequestId: ${requestId} Version: ${version.version}\n`),
    end(invoke) {
      const { requestId, durationMs, initMs, usedMb, status, errorType, isLambdas, line } = invoke;
      if (line !== undefined) write(line);
      write(`END RequestId: ${requestId}\n`);
      const fields = [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${durationMs.toFixed(2)} ms`,
        `Billed Duration: ${billedMs(invoke)} ms`,
        `Memory Size: ${memorySize} MB`,
        `Max Memory Used: ${Math.min(usedMb, memorySize)} MB`,
        ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
        ...(isLambdas ? [`Status: ${status}`, ...(errorType === undefined ? [] : [`Error Type: ${errorType}`])] : []),
      ];
      write(`${fields.join('\t')}\t\n`);
    },
  };
}

// Which level each has: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html#monitoring-cloudwatchlogs-log-level-mapping
const levels = { DEBUG: 0, INFO: 1, WARN: 2 } as const;

function jsonLog({ name, version, logStreamName, initializationType, now, write }: Logged): PlatformLog {
  const { memorySize, systemLogLevel = 'INFO' } = version.settings;
  const record = (level: keyof typeof levels, type: string, fields: object) => {
    if (levels[level] < levels[systemLogLevel]) return;
    write(JSON.stringify({ time: new Date(now()).toISOString(), type: `platform.${type}`, record: fields }));
  };
  const phase = { initializationType, phase: 'init' };
  return {
    initStart: (runtime) =>
      record('INFO', 'initStart', {
        ...phase,
        ...runtime,
        functionName: name,
        functionVersion: version.version,
        instanceId: logStreamName,
        instanceMaxMemory: memorySize * 1024 * 1024,
      }),
    initEnd(durationMs, errorType) {
      const ended = { ...phase, status: errorType === undefined ? 'success' : 'error', ...defined({ errorType }) };
      const level = errorType === undefined ? 'DEBUG' : 'WARN';
      record(level, 'initRuntimeDone', ended);
      const reported = level === 'DEBUG' && initializationType !== 'on-demand' ? 'INFO' : level;
      record(reported, 'initReport', { ...ended, metrics: { durationMs: rounded(durationMs) } });
    },
    start: (requestId, functionArn) => record('INFO', 'start', { requestId, functionArn, version: version.version }),
    end(invoke) {
      const { requestId, durationMs, initMs, usedMb, producedBytes, status, errorType } = invoke;
      const failed = status === 'success' ? {} : defined({ errorType });
      const duration = rounded(durationMs);
      record(status === 'success' ? 'DEBUG' : 'WARN', 'runtimeDone', {
        requestId,
        status,
        ...failed,
        metrics: { durationMs: duration, producedBytes },
      });
      const metrics = {
        durationMs: duration,
        billedDurationMs: billedMs(invoke),
        memorySizeMB: memorySize,
        maxMemoryUsedMB: Math.min(usedMb, memorySize),
        ...defined({ initDurationMs: initMs && rounded(initMs) }),
      };
      record(status === 'success' ? 'INFO' : 'WARN', 'report', { requestId, metrics, status, ...failed });
    },
  };
}

function defined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

const applicationLevels: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Whether to keep a line that the function wrote itself: a JSON object is filtered by its level, INFO if it has no known
 * level. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export function keepsLine(
  { settings: { logFormat, applicationLogLevel = 'INFO' } }: FunctionVersion,
  line: string,
): boolean {
  if (logFormat !== 'JSON' || !line.startsWith('{')) return true;
  let level: unknown;
  try {
    ({ level } = JSON.parse(line) as { level?: unknown });
  } catch {
    return true;
  }
  const index = applicationLevels.indexOf(String(level).toUpperCase() as LogLevel);
  return (index < 0 ? applicationLevels.indexOf('INFO') : index) >= applicationLevels.indexOf(applicationLogLevel);
}

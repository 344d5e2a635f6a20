// The process of a function: which program runs it, and the environment that Lambda documents for it.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedFile } from '../../base/packaged.ts';
import type { Cloud } from '../cloud.ts';
import type { Inspected } from '../following.ts';
import { codeFolder } from './code.ts';
import { containerFor } from './container.ts';
import { inspectFolder, missingDebugpy, nodeOptions, pythonOptions } from './inspect.ts';
import { layerClasses, layerFolder, layerVariables } from './layer-folder.ts';
import { runtimeBuild, runtimeFamily, runtimeProgram } from './runtimes.ts';
import type { FunctionVersion } from './state.ts';

export interface ProcessRequest {
  readonly cloud: Cloud;
  readonly name: string;
  readonly version: FunctionVersion;
  readonly logStreamName: string;
  readonly initializationType: string;
  /** Set if it runs under a debugger. */
  readonly inspected?: Inspected | undefined;
  /** `host:port`. */
  readonly runtimeApi: string;
}

export interface ProcessSpec {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Where it starts. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly runtimeVersion: string;
  readonly runtimeVersionArn: string;
  /** Ends what outlives the process. */
  end?(): Promise<void>;
}

/** The descriptor that the process may write framed log messages to. */
export const logDescriptor = 3;

/** The reason, if there is no process. */
export async function processFor(request: ProcessRequest): Promise<ProcessSpec | { readonly failure: string }> {
  if (request.version.settings.image === undefined) return processOfRuntime(request);
  return containerFor(request, sharedVariables(request));
}

async function processOfRuntime(request: ProcessRequest): Promise<ProcessSpec | { readonly failure: string }> {
  const { cloud, name, version, inspected } = request;
  const { runtime, memorySize } = version.settings;
  const folder =
    inspected === undefined ? codeFolder(cloud, version.code) : inspectFolder(cloud, { name, runtime, inspected });
  const env = environmentVariables(request, folder);
  const family = runtimeFamily(runtime);
  const build = runtimeBuild(cloud.region, runtime);
  const described = { env, folder, runtimeVersion: build.version, runtimeVersionArn: build.arn };
  if (family === 'provided') return { ...described, program: bootstrapOf(cloud, version, folder), arguments: [] };
  if (family === 'python') {
    const program = runtimeProgram(runtime) ?? 'python3';
    const failure = inspected && (await missingDebugpy(program));
    if (failure !== undefined) return { failure };
    const options = inspected === undefined ? [] : pythonOptions(inspected);
    return { ...described, program, arguments: ['-B', ...options, bootFile('python.py')] };
  }
  if (family === 'java') {
    // classes at the top, libraries in lib/: https://docs.aws.amazon.com/lambda/latest/dg/java-package.html
    const classes = [folder, join(folder, 'lib', '*'), ...layerClasses(cloud, version.settings.layers)].join(delimiter);
    const heap = Math.floor(memorySize * 0.8);
    const options = [
      '--add-opens=java.base/java.io=ALL-UNNAMED',
      `-Xmx${heap}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Xshare:auto',
    ];
    return {
      ...described,
      program: runtimeProgram(runtime) ?? 'java',
      arguments: [...options, '-cp', classes, bootFile('Java.java')],
    };
  }
  if (family === 'ruby') {
    // the folder of gems that fx and `bundle install --deployment` fill
    const gems = join(folder, 'vendor/bundle/ruby', `${runtime.replace('ruby', '')}.0`);
    const program = runtimeProgram(runtime) ?? 'ruby';
    return { ...described, env: { GEM_PATH: gems, ...env }, program, arguments: [bootFile('ruby.rb')] };
  }
  // Most of the memory is for the heap, as in Lambda's start script.
  const heapMb = Math.floor(memorySize * 0.9);
  return {
    ...described,
    program: process.execPath,
    arguments: [
      ...(inspected === undefined ? [] : nodeOptions(inspected)),
      '--enable-source-maps',
      `--max-old-space-size=${heapMb}`,
      bootFile('node.mjs'),
    ],
  };
}

// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html: the package's own comes before a layer's.
function bootstrapOf(cloud: Cloud, { settings }: FunctionVersion, folder: string): string {
  const bootstrap = join(folder, 'bootstrap');
  if (settings.layers === undefined || existsSync(bootstrap)) return bootstrap;
  return join(layerFolder(cloud, settings.layers), 'bootstrap');
}

const processors: Readonly<Record<number, string>> = { 62: 'x86_64', 183: 'arm64' };
const ownMachine = process.arch === 'arm64' ? 183 : 62;

/** Why Linux on this machine cannot run a program, by its ELF header. Node would pass it to a shell, which would treat it as a script. */
export function foreignProgram(file: string): string | undefined {
  if (process.platform !== 'linux' || !existsSync(file)) return undefined;
  const head = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
  const machine = head.readUInt16LE(18);
  if (head.readUInt32BE(0) !== 0x7f454c46 || machine === ownMachine) return undefined;
  const builtFor = processors[machine] ?? 'another processor';
  return `fork/exec bootstrap: exec format error: it was built for ${builtFor}, and the fx local AWS runs on ${processors[ownMachine]}`;
}

/** The build copies `boot/` into the package; in a checkout it is beside this file. */
function bootFile(name: string): string {
  const beside = fileURLToPath(new URL(`./boot/${name}`, import.meta.url));
  return existsSync(beside) ? beside : packagedFile(`lambda-boot/${name}`);
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
function environmentVariables(request: ProcessRequest, folder: string): NodeJS.ProcessEnv {
  const { cloud } = request;
  const { settings } = request.version;
  const isManaged = runtimeFamily(settings.runtime) !== 'provided';
  return {
    PATH: process.env['PATH'],
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // The developer's home, with ~/.aws, is hidden by default.
    HOME: join(cloud.codeDirectory, 'lambda', 'home'),
    ...layerVariables(cloud, settings, folder),
    ...sharedVariables(request),
    ...(isManaged ? { AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}` } : {}),
    // botocore puts prefixes of some operations before the host of the endpoint, such as `sync-127.0.0.1`
    ...(runtimeFamily(settings.runtime) === 'python' ? { AWS_DISABLE_HOST_PREFIX_INJECTION: 'true' } : {}),
    ...(process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {}),
    _HANDLER: settings.handler,
    _LAMBDA_TELEMETRY_LOG_FD: String(logDescriptor),
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: folder,
  };
}

/** Those that a container has too; an image sets its own PATH and folders. */
function sharedVariables({
  cloud,
  name,
  version,
  initializationType,
  logStreamName,
  runtimeApi,
}: ProcessRequest): NodeJS.ProcessEnv {
  const { settings } = version;
  const credentials = cloud.credentialsFor(settings.role, name);
  return {
    // AWS's SDKs find the local AWS through it: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    AWS_ENDPOINT_URL: cloud.endpoint,
    ...settings.variables,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memorySize),
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
    ...(settings.logFormat === undefined
      ? {}
      : { AWS_LAMBDA_LOG_FORMAT: settings.logFormat, AWS_LAMBDA_LOG_LEVEL: settings.applicationLogLevel ?? 'INFO' }),
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
  };
}

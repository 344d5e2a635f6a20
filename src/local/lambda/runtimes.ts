// Which runtimes Lambda knows, until when it takes new functions on them, and which of them this local AWS can run.
// Dates: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';

export type RuntimeFamily = 'node' | 'python' | 'java' | 'provided';

interface Runtime {
  readonly family: RuntimeFamily | undefined;
  /** From this day on no function can be created on it. */
  readonly createBlocked: string;
  /** From this day on no function on it can be updated. */
  readonly updateBlocked: string;
}

const row = (createBlocked: string, updateBlocked: string, family?: RuntimeFamily): Runtime => ({
  family,
  createBlocked,
  updateBlocked,
});

const runtimes: Readonly<Record<string, Runtime>> = {
  'nodejs12.x': row('2023-03-31', '2023-04-30'),
  'nodejs14.x': row('2024-01-09', '2027-03-03'),
  'nodejs16.x': row('2027-02-01', '2027-03-03'),
  'nodejs18.x': row('2027-02-01', '2027-03-03', 'node'),
  'nodejs20.x': row('2027-02-01', '2027-03-03', 'node'),
  'nodejs22.x': row('2027-06-01', '2027-07-01', 'node'),
  'nodejs24.x': row('2028-06-01', '2028-07-01', 'node'),
  'python3.8': row('2027-02-01', '2027-03-03', 'python'),
  'python3.9': row('2027-02-01', '2027-03-03', 'python'),
  'python3.10': row('2027-02-01', '2027-03-03', 'python'),
  'python3.11': row('2027-07-31', '2027-08-31', 'python'),
  'python3.12': row('2028-11-30', '2029-01-10', 'python'),
  'python3.13': row('2029-07-31', '2029-08-31', 'python'),
  'python3.14': row('2029-07-31', '2029-08-31', 'python'),
  'ruby3.2': row('2027-02-01', '2027-03-03'),
  'ruby3.3': row('2027-04-30', '2027-05-31'),
  'ruby3.4': row('2028-04-30', '2028-05-31'),
  'ruby4.0': row('2029-04-30', '2029-05-31'),
  'java8.al2': row('2027-07-31', '2027-08-31', 'java'),
  java11: row('2027-07-31', '2027-08-31', 'java'),
  java17: row('2027-07-31', '2027-08-31', 'java'),
  java21: row('2029-07-31', '2029-08-31', 'java'),
  java25: row('2029-07-31', '2029-08-31', 'java'),
  dotnet6: row('2027-02-01', '2027-03-03'),
  dotnet8: row('2027-02-01', '2027-03-03'),
  dotnet10: row('2028-12-14', '2029-01-15'),
  'go1.x': row('2024-02-08', '2027-03-03'),
  provided: row('2024-02-08', '2027-03-03'),
  'provided.al2': row('2027-02-01', '2027-03-03', 'provided'),
  'provided.al2023': row('2029-07-31', '2029-08-31', 'provided'),
};

/** Throws unless the runtime exists, is not blocked at that time, and can be run here. */
export function checkRuntime(name: string, change: 'create' | 'update', now: number): void {
  const runtime = runtimes[name];
  if (runtime === undefined) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Value ${name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${Object.keys(runtimes).join(', ')}] or be a valid ARN`,
    );
  }
  if (now >= Date.parse(change === 'create' ? runtime.createBlocked : runtime.updateBlocked)) {
    throw new AwsError(
      'InvalidParameterValueException',
      `The runtime parameter of ${name} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  if (runtime.family === undefined) throw notImplemented(`running functions of the runtime ${name}`);
  const program = programNames(name);
  if (program !== undefined && runtimeProgram(name) === undefined) {
    throw notImplemented(`running functions of the runtime ${name} on a machine without ${program.at(-1)}`);
  }
}

/** What a runtime is run by here, the best first: the machine's own, which may be another version. */
function programNames(name: string): readonly string[] | undefined {
  const family = runtimes[name]?.family;
  if (family === 'python') return [name, 'python3'];
  return family === 'java' ? ['java'] : undefined;
}

const programs = new Map<string, string | undefined>();

/** The absolute path of the program that PATH has and that starts; undefined where there is none. Looked for once. */
export function runtimeProgram(name: string): string | undefined {
  if (!programs.has(name)) programs.set(name, findProgram(programNames(name) ?? []));
  return programs.get(name);
}

function findProgram(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const ending = process.platform === 'win32' ? '.exe' : '';
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name + ending)).find((file) => existsSync(file));
    // a launcher may stand for a version that is not installed; both Python and Java take this word
    if (found !== undefined && spawnSync(found, ['--version'], { stdio: 'ignore' }).status === 0) return found;
  }
  return undefined;
}

/** Only for a runtime that `checkRuntime` let pass. */
export function runtimeFamily(name: string): RuntimeFamily {
  const family = runtimes[name]?.family;
  if (family === undefined) throw notImplemented(`running functions of the runtime ${name}`);
  return family;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes */
export function hasSnapStart(name: string): boolean {
  const [, family, version] = /^(java|python3\.|dotnet)(\d+)$/.exec(name) ?? [];
  const first = { java: 11, 'python3.': 12, dotnet: 8 }[family ?? ''];
  return first !== undefined && Number(version) >= first;
}

// Which runtimes Lambda accepts for new functions at a time, and which of them the local AWS can run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lifecycleOf, lifecycles } from '../../runtimes/lifecycle.ts';
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';

export type RuntimeFamily = 'node' | 'python' | 'java' | 'ruby' | 'provided';

/** What runs a runtime's functions here: a bootstrap in boot/, or the function's own. */
function familyOf(name: string): RuntimeFamily | undefined {
  if (/^nodejs(18|2\d)\.x$/.test(name)) return 'node';
  if (/^python3\.([89]|\d\d)$/.test(name)) return 'python';
  if (/^java(8\.al|\d\d)/.test(name)) return 'java';
  if (/^ruby\d/.test(name)) return 'ruby';
  return name.startsWith('provided.al') ? 'provided' : undefined;
}

/** Throws unless the runtime exists, is not blocked at that time, and can be run here. */
export function checkRuntime(name: string, change: 'create' | 'update', now: number): void {
  const lifecycle = lifecycleOf(name);
  if (lifecycle === undefined) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Value ${name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${creatableRuntimes(now).join(', ')}] or be a valid ARN`,
      400,
      { Type: 'User' },
    );
  }
  const lastDay = change === 'create' ? lifecycle.noCreate : lifecycle.noUpdate;
  if (lastDay !== undefined && now >= Date.parse(lastDay)) {
    throw new AwsError(
      'InvalidParameterValueException',
      `The runtime parameter of ${name} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
      400,
      { Type: 'User' },
    );
  }
  if (familyOf(name) === undefined) throw notImplemented(`running functions of the runtime ${name}`);
  const program = programNames(name);
  if (program !== undefined && runtimeProgram(name) === undefined) {
    throw notImplemented(`running functions of the runtime ${name} on a machine without ${program.at(-1)}`);
  }
}

/** The runtimes that AWS lists to choose from: those that it accepts for new functions. */
function creatableRuntimes(now: number): readonly string[] {
  return Object.entries(lifecycles).flatMap(([name, { noCreate }]) =>
    noCreate === undefined || now < Date.parse(noCreate) ? [name] : [],
  );
}

/** The machine's programs for a runtime, the best first; their version may differ. */
function programNames(name: string): readonly string[] | undefined {
  const family = familyOf(name);
  if (family === 'python') return [name, 'python3'];
  return family === 'java' || family === 'ruby' ? [family] : undefined;
}

const programs = new Map<string, string | undefined>();

/** The absolute path of the first such program in PATH that starts; undefined without one. Searched for once. */
export function runtimeProgram(name: string): string | undefined {
  if (!programs.has(name)) programs.set(name, findProgram(programNames(name) ?? []));
  return programs.get(name);
}

function findProgram(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const ending = process.platform === 'win32' ? '.exe' : '';
  for (const name of names) {
    const program = folders.map((folder) => join(folder, name + ending)).find((file) => existsSync(file));
    // a launcher may point to a version that is not installed; Python, Java and Ruby accept this option
    if (program !== undefined && spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0) return program;
  }
  return undefined;
}

/** Only for a runtime that `checkRuntime` accepts. */
export function runtimeFamily(name: string): RuntimeFamily {
  const family = familyOf(name);
  if (family === undefined) throw notImplemented(`running functions of the runtime ${name}`);
  return family;
}

/** The runtime's build, which Lambda shows in logs and answers; here it identifies the machine's program. */
export function runtimeBuild(region: string, name: string): { readonly version: string; readonly arn: string } {
  const family = familyOf(name);
  const version = `${name.replace(/^nodejs(\d+)\.x$/, 'nodejs:$1')}.${family === 'node' ? process.version : 'local'}`;
  const hash = createHash('sha256').update(version).digest('hex');
  return { version, arn: `arn:aws:lambda:${region}::runtime:${hash}` };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes */
export function hasSnapStart(name: string): boolean {
  const [, family, version] = /^(java|python3\.|dotnet)(\d+)(?:\.al2023)?$/.exec(name) ?? [];
  const first = { java: 11, 'python3.': 12, dotnet: 8 }[family ?? ''];
  return first !== undefined && Number(version) >= first;
}

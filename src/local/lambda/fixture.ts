// What tests of functions need: packages made in memory, a role, and a function that is ready.
import { crc32 } from 'node:zlib';
import type { Cloud, Input } from '../cloud.ts';

export interface PackedFile {
  readonly text: string;
  readonly mode?: number;
}

/** A zip of those files, uncompressed. */
export function zipOf(files: Readonly<Record<string, string | PackedFile>>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [path, file] of Object.entries(files)) {
    const { text, mode = 0o644 } = typeof file === 'string' ? { text: file } : file;
    const name = Buffer.from(path);
    const data = Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02');
    central.writeUInt16LE(0x0314, 4);
    common.copy(central, 6);
    central.writeUInt32LE(((mode & 0o170000 ? mode : mode | 0o100000) << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local);
    centrals.push(Buffer.concat([central, name]));
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(centrals.length, 8);
  end.writeUInt16LE(centrals.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const trust = (Service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  });

let roles = 0;

/** The ARN of a new role that Lambda, or another service, may assume, with that inline policy. */
export async function createRole(cloud: Cloud, policy?: object, service = 'lambda.amazonaws.com'): Promise<string> {
  const RoleName = `role-${roles++}`;
  const { Role } = await cloud.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trust(service) });
  if (policy !== undefined) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [policy] });
    await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName: 'inline', PolicyDocument });
  }
  return Role?.Arn ?? '';
}

export async function waitUntilReady(cloud: Cloud, FunctionName: string): Promise<void> {
  for (;;) {
    const { State, LastUpdateStatus } = await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName });
    if (State === 'Active' && LastUpdateStatus === 'Successful') return;
    await new Promise((done) => setTimeout(done, 5));
  }
}

let functions = 0;

type Settings = Partial<Input<'lambda', 'CreateFunction'>>;

/** The name of a new, ready function with that source of `index.mjs`, or those files. */
export async function createFunction(
  cloud: Cloud,
  source: string | Readonly<Record<string, string | PackedFile>>,
  settings: Settings = {},
): Promise<string> {
  const FunctionName = settings.FunctionName ?? `function-${functions++}`;
  await cloud.call('lambda', 'CreateFunction', {
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: settings.Role ?? (await createRole(cloud)),
    Code: { ZipFile: zipOf(typeof source === 'string' ? { 'index.mjs': source } : source) },
    ...settings,
    FunctionName,
  });
  await waitUntilReady(cloud, FunctionName);
  return FunctionName;
}

export interface Invoked {
  readonly result: unknown;
  readonly error: string | undefined;
  readonly version: string | undefined;
  readonly log: string;
}

export async function invoke(cloud: Cloud, FunctionName: string, event: unknown = {}): Promise<Invoked> {
  const Payload = Buffer.from(JSON.stringify(event));
  const answer = await cloud.call('lambda', 'Invoke', { FunctionName, Payload, LogType: 'Tail' });
  return {
    result: JSON.parse(Buffer.from(answer.Payload ?? []).toString()),
    error: answer.FunctionError,
    version: answer.ExecutedVersion,
    log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
  };
}

/** The messages in a log group, oldest first. */
export async function loggedMessages(cloud: Cloud, logGroupName: string): Promise<string[]> {
  const { events } = await cloud.call('logs', 'FilterLogEvents', { logGroupName });
  return events?.map(({ message }) => message ?? '') ?? [];
}

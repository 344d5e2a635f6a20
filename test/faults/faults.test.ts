// Every call of every command that changes an environment fails in turn, in every way. Each run must end in success or in one clear error, with the
// live release answering; and the same command again must succeed, without anything done by hand.
//
// `npm run faults` runs all of it, which takes hours, and writes docs/reliability.md; `FX_FAULTS=0.1 npm run faults` a tenth. The suite runs a few.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { packageFolder } from '../../src/base/packaged.ts';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { type FaultyCall, startFaultyAws } from '../support/faulty-aws.ts';
import { clock, fx, type Run, startFx } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';
import { type FaultKind, faultKinds } from './faults.ts';
import { reliabilityText, type Tally } from './report.ts';
import { type Verb, verbs, writeSource } from './verbs.ts';

/** The share of all cases that run; in the suite, about two of each command. */
const share = Number(process.env['FX_FAULTS'] ?? Number.NaN);
const perVerb = 2;

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fx-faults-'));
  folders.push(folder);
  return folder;
}

const variablesFor = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
});
const wordsOf = (words: readonly string[], env = 'staging') =>
  words[0] === 'promote' ? words : [...words, '--env', env];

interface Prepared {
  /** The project. */
  readonly folder: string;
  /** The state of the local AWS before the command. */
  readonly state: string;
  /** The calls of the command without faults. */
  readonly calls: readonly FaultyCall[];
}

async function prepare(verb: Verb): Promise<Prepared> {
  const folder = await folderOf({});
  const state = await temporary();
  const aws = await startLocalAws({ clock, folder: state });
  try {
    for (const { source, words, env } of verb.before) {
      if (source !== undefined) await writeSource(folder, source);
      const done = await fx(folder, wordsOf(words, env), { variables: variablesFor(aws.endpoint) });
      expect([words, done.exitCode, done.stderr]).toEqual([words, 0, expect.any(String)]);
    }
  } finally {
    await aws.stop();
  }
  await writeSource(folder, verb.source);
  const calls = await onCopy(state, async (copy) => {
    const proxy = await startFaultyAws(copy.endpoint, () => undefined);
    const done = await fx(folder, wordsOf(verb.words, verb.env), { variables: variablesFor(proxy.endpoint) });
    await proxy.stop();
    expect([verb.name, done.exitCode, done.stderr]).toEqual([verb.name, 0, expect.any(String)]);
    return proxy.calls;
  });
  return { folder, state, calls };
}

/** Each case starts from the same state. */
async function onCopy<T>(state: string, work: (aws: LocalAws) => Promise<T>): Promise<T> {
  const copy = await temporary();
  await cp(state, copy, { recursive: true });
  const aws = await startLocalAws({ clock, folder: copy });
  try {
    return await work(aws);
  } finally {
    await aws.stop();
    await rm(copy, { recursive: true, force: true });
  }
}

interface Case {
  readonly verb: Verb;
  readonly kind: FaultKind;
  readonly at: FaultyCall;
}

/** Undefined if all is as it must be. */
async function faultOfCase({ verb, kind, at }: Case, { folder, state }: Prepared): Promise<string | undefined> {
  return onCopy(state, async (aws) => {
    let kill = () => {};
    const proxy = await startFaultyAws(
      aws.endpoint,
      (call) => kind.faultOf(call, at),
      ({ number }) => {
        if (kind.kills === true && number === at.number) kill();
      },
    );
    const running = startFx(folder, wordsOf(verb.words, verb.env), { variables: variablesFor(proxy.endpoint) });
    kill = running.kill;
    const first = await running.ended;
    await proxy.stop();
    const wrong = kind.kills === true ? undefined : unclear(first);
    if (wrong !== undefined) return wrong;
    const answer = await answerOf(aws, verb.env);
    if (!verb.mayAnswer.includes(answer)) return `then the function answered ${answer}\n${first.stderr}`;
    const second = await fx(folder, wordsOf(verb.words, verb.env), { variables: variablesFor(aws.endpoint) });
    // a second rollback after one that is recorded, even by an fx that was killed then, goes further back, where there is nothing
    const isFurther =
      verb.name === 'rollback' && answer === verb.answers && second.stderr.includes('[RELEASE_NOT_FOUND]');
    if (second.exitCode !== 0 && !isFurther) return `the next run failed:\n${first.stderr}\n---\n${second.stderr}`;
    const after = await answerOf(aws, verb.env);
    return after === verb.answers ? undefined : `after the next run, the function answered ${after}\n${second.stderr}`;
  });
}

/** What is wrong with how a command ended: it may fail only with one error, a hint and one of the exit codes for it. */
function unclear({ exitCode, stderr }: Run): string | undefined {
  if (exitCode === 0) return undefined;
  const isClear =
    [3, 5, 6].includes(exitCode ?? -1) &&
    [...stderr.matchAll(/^error /gm)].length === 1 &&
    /\n→ /.test(stderr) &&
    !/bug in fx|^ {4}at /m.test(stderr);
  return isClear ? undefined : `it ended with ${exitCode}:\n${stderr}`;
}

/** The answer of the live function; undefined if there is none. */
async function answerOf(aws: LocalAws, env: string): Promise<string | undefined> {
  const cloud = await aws.cloud('us-east-1');
  const FunctionName = `faults-${env}-a`;
  try {
    const { Payload } = await cloud.call('lambda', 'Invoke', { FunctionName, Qualifier: 'live' });
    return JSON.parse(Buffer.from(Payload ?? []).toString('utf8')) as string;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** Spread over calls and kinds by their hash, the same in every run. */
function chosen(cases: readonly Case[]): readonly Case[] {
  const count = Number.isNaN(share) ? perVerb : Math.ceil(cases.length * Math.min(1, share));
  const order = ({ verb, kind, at }: Case) => sha256(`${verb.name} ${kind.name} ${at.number}`);
  return [...cases].sort((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, count);
}

const tallies: Tally[] = [];
let total = 0;

describe.each(verbs)('$name', (verb) => {
  test(
    'survives a fault at any call',
    async () => {
      const prepared = await prepare(verb);
      const all = prepared.calls.flatMap((at) => faultKinds.map((kind) => ({ verb, kind, at })));
      total += all.length;
      const failures: string[] = [];
      for (const one of chosen(all)) {
        const wrong = await faultOfCase(one, prepared);
        tallies.push({ verb: verb.name, kind: one.kind.name, isRight: wrong === undefined });
        if (wrong !== undefined) {
          failures.push(
            `${one.kind.name} at call ${one.at.number} of ${all.length / faultKinds.length}, ${one.at.service}:${one.at.operation}: ${wrong}`,
          );
        }
      }
      expect(failures.join('\n\n')).toBe('');
    },
    // as many cases as were asked for, a few seconds each
    Number.isNaN(share) ? 120_000 : 6 * 3_600_000,
  );
});

if (!Number.isNaN(share)) {
  afterAll(() =>
    writeFile(join(packageFolder(), 'docs/reliability.md'), reliabilityText({ tallies, total }, verbs, faultKinds)),
  );
}

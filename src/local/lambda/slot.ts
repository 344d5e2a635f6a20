// The place of one execution environment in the pool, and when two versions can share environments.
import { createHash } from 'node:crypto';
import type { Cancel } from '../clock.ts';
import type { Inspected } from '../following.ts';
import type { ExecutionEnvironment } from './environment.ts';
import type { FunctionVersion } from './state.ts';

const fingerprints = new WeakMap<FunctionVersion, string>();

/** Equal for two versions exactly if they can share environments. */
export function fingerprint(version: FunctionVersion): string {
  let key = fingerprints.get(version);
  if (key === undefined) {
    const { settings, code } = version;
    key = createHash('sha256')
      // another tag of the same image is the same code
      .update(JSON.stringify([settings, code.image === undefined ? code : code.sha256]))
      .digest('hex');
    fingerprints.set(version, key);
  }
  return key;
}

export interface Slot {
  readonly environment: ExecutionEnvironment;
  readonly name: string;
  readonly version: string;
  readonly fingerprint: string;
  /** Set if it runs under a debugger. */
  readonly inspected: Inspected | undefined;
  /** Started ahead, and never ended for being idle. */
  isProvisioned: boolean;
  isBusy: boolean;
  readonly addedAt: number;
  /** If the environment has answered: resolves when it is free. */
  finishing: Promise<void> | undefined;
  /** If it starts ahead of an invocation: resolves when it is free. */
  starting: Promise<void> | undefined;
  /** End it as soon as it is free. */
  isRetired: boolean;
  cancelEnd: Cancel | undefined;
}

/** Whether it may end to make room. */
export const isIdle = ({ isBusy, isProvisioned }: Slot): boolean => !isBusy && !isProvisioned;

/** Longer than most processes take to start. */
const youngMs = 250;
export const isYoung = ({ addedAt }: Slot): boolean => performance.now() - addedAt < youngMs;

/** The queue of the invocations that it can take. */
export const turnOf = (name: string, version: string, key: string): string => `${name} ${version} ${key}`;

// fx doctor: looks for what is wrong, or will be, with an environment and the account it is in. The table of checks, one row per check.
import { once } from '../../aws/sdk-call.ts';
import { FxError } from '../../base/error.ts';
import type { Project } from '../../project/project.ts';
import { type Context, identify, namesMatching } from '../context.ts';
import { liveStackOf } from '../live-stack.ts';
import { readState } from '../state.ts';
import type { Check, Finding, LiveCheck, LivePatient, OtherEnvironment, Patient, Skipped } from './check.ts';
import { clock } from './clock.ts';
import { failures } from './failures.ts';
import { network } from './network.ts';
import { permissions } from './permissions.ts';
import { queues } from './queues.ts';
import { quotas } from './quotas.ts';
import { retention } from './retention.ts';
import { runtimes } from './runtimes.ts';
import { stack } from './stack.ts';
import { unusedRights } from './unused-rights.ts';

export const checks: Readonly<Record<string, Check | LiveCheck>> = {
  clock,
  permissions,
  quotas,
  stack,
  runtimes,
  failures,
  queues,
  retention,
  network,
  'unused-rights': unusedRights,
};

export interface Examined {
  readonly check: string;
  readonly about: string;
  readonly findings: readonly Finding[];
  /** Why the check did not look. */
  readonly skipped: string | undefined;
}

export interface Diagnosis {
  readonly project: string;
  readonly environment: string;
  readonly checks: readonly Examined[];
  readonly problems: number;
  readonly warnings: number;
}

/** `names`: checks, or patterns; empty for all. A check that may not look is skipped, and says why. */
export async function examine(
  project: Project,
  { names, others }: { readonly names: readonly string[]; readonly others: readonly OtherEnvironment[] },
  context: Context,
): Promise<Diagnosis> {
  const chosen = names.length === 0 ? Object.keys(checks) : checksMatching(names);
  const { environment } = project;
  const identity = await identify(environment, context);
  const state = await readState(environment, context);
  const patient: Patient = { project, context, identity, state, others };
  const { live } = state;
  const livePatient: LivePatient | undefined =
    live === undefined ? undefined : { ...patient, live, stack: once(() => liveStackOf(live, context)) };
  const examined: Examined[] = [];
  for (const name of chosen) examined.push(await look(name, patient, livePatient));
  const count = (level: Finding['level']) =>
    examined.reduce((sum, { findings }) => sum + findings.filter((finding) => finding.level === level).length, 0);
  return {
    project: project.name,
    environment: environment.name,
    checks: examined,
    problems: count('problem'),
    warnings: count('warning'),
  };
}

function checksMatching(names: readonly string[]): readonly string[] {
  const all = Object.keys(checks);
  return namesMatching(names, all, (name) => {
    return new FxError('USAGE', `there is no check "${name}"`, { hint: `checks are ${all.join(', ')}` });
  });
}

async function look(name: string, patient: Patient, live: LivePatient | undefined): Promise<Examined> {
  const check = checks[name] as Check | LiveCheck;
  const examined = { check: name, about: check.about, findings: [] };
  try {
    const found = await (check.needsLive ? (live === undefined ? notLive : check.run(live)) : check.run(patient));
    return 'skipped' in found
      ? { ...examined, skipped: found.skipped }
      : { ...examined, findings: found, skipped: undefined };
  } catch (error) {
    if (!(error instanceof FxError) || error.code === 'INTERRUPTED') throw error;
    return { ...examined, skipped: error.message };
  }
}

const notLive: Skipped = { skipped: 'nothing is deployed' };

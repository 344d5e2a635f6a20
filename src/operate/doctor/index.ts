// fx doctor: looks for what is wrong, or will be, with an environment and the account it is in. The table of checks, one row per check.
import { FxError } from '../../base/error.ts';
import type { Project } from '../../project/project.ts';
import { type Context, identify, namesMatching } from '../context.ts';
import { readState } from '../state.ts';
import type { Check, Finding, OtherEnvironment, Patient } from './check.ts';
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

export const checks: Readonly<Record<string, Check>> = {
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
  // where it is was said above; the verbs that the checks use would say it again
  const report: Context['report'] = (event) => event.kind === 'target' || context.report(event);
  const patient: Patient = { project, context: { ...context, report }, identity, state, others };
  const examined: Examined[] = [];
  for (const name of chosen) examined.push(await look(name, patient));
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
  try {
    return namesMatching(names, Object.keys(checks));
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    throw new FxError('USAGE', error.message.replace('function', 'check'), {
      hint: `checks are ${Object.keys(checks).join(', ')}`,
    });
  }
}

async function look(name: string, patient: Patient): Promise<Examined> {
  const check = checks[name] as Check;
  const { about } = check;
  if (check.needsLive === true && patient.state.live === undefined) {
    return { check: name, about, findings: [], skipped: 'nothing is deployed' };
  }
  try {
    const found = await check.run(patient);
    return 'skipped' in found
      ? { check: name, about, findings: [], skipped: found.skipped }
      : { check: name, about, findings: found, skipped: undefined };
  } catch (error) {
    if (!(error instanceof FxError) || error.code === 'INTERRUPTED') throw error;
    return { check: name, about, findings: [], skipped: error.message };
  }
}

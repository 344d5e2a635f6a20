// What the account has left of Lambda in the region, and who could take it from whom.
import { megabytes } from '../../artifact/limits.ts';
import { shortList } from '../../base/short-list.ts';
import { type Check, type Finding, settingAt } from './check.ts';

const nearlyFull = 0.75;
/** New accounts may have 10 only: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const usualConcurrency = 1000;

export const quotas: Check = {
  about: 'code storage and concurrency of the account',
  async run(patient) {
    const { context, project, others } = patient;
    const { codeBytes, mostCodeBytes, concurrency, unreserved } = await context.aws.account.limits();
    const findings: Finding[] = [];
    if (codeBytes > nearlyFull * mostCodeBytes) {
      findings.push({
        level: 'warning',
        message: `functions and layers have ${megabytes(codeBytes)} of code, of ${megabytes(mostCodeBytes)} in ${project.environment.region}`,
        hint: 'fx prune deletes the versions that no kept release needs; AWS raises the quota on request',
      });
    }
    if (concurrency < usualConcurrency) {
      findings.push({
        level: 'warning',
        message: `at most ${concurrency} invocations run at once in this account and region; the usual quota is ${usualConcurrency}`,
        hint: 'ask AWS for more under Service Quotas, Lambda, Concurrent executions',
      });
    }
    const wanted = project.functions.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
    if (wanted > 0 && unreserved < concurrency / 10) {
      const [first] = project.functions.filter(({ reservedConcurrency = 0 }) => reservedConcurrency > 0);
      findings.push({
        level: 'warning',
        message: `reserved concurrency leaves ${unreserved} of ${concurrency} to all other functions of the account; this environment reserves ${wanted}`,
        ...(first === undefined ? {} : { at: settingAt(patient, first.name, 'reservedConcurrency') }),
        hint: 'reserve less, or give the other environments an account of their own',
      });
    }
    const { environment } = project;
    const starved = others.filter(
      (other) =>
        other.protected &&
        !environment.protected &&
        other.region === environment.region &&
        other.account === environment.account,
    );
    const open = project.functions.filter(({ reservedConcurrency }) => reservedConcurrency === undefined);
    if (starved.length > 0 && open.length > 0) {
      findings.push({
        level: 'warning',
        message: `functions of "${environment.name}" share the ${concurrency} concurrent invocations of the account with "${starved[0]?.name}": a flood here would throttle it (${shortList(
          open.map(({ name }) => name),
          3,
        )})`,
        hint: `reservedConcurrency under environments.${environment.name} is a limit, too; or use another account`,
      });
    }
    return findings;
  },
};

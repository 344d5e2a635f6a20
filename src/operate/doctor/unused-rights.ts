// Services that a function's role may use and never has.
import { functionIdsOf } from '../../cfn/logical-ids.ts';
import { resourceOf } from '../state.ts';
import { type Finding, type LiveCheck, roleArn, settingAt } from './check.ts';

export const unusedRights: LiveCheck = {
  about: 'rights that functions have never used',
  needsLive: true,
  async run(patient) {
    const { project, context } = patient;
    if (context.aws.endpoint !== undefined) return { skipped: 'only AWS itself keeps track of it' };
    const { resources } = await patient.stack();
    const findings: Finding[] = [];
    for (const { name, permissions } of project.functions) {
      const role = resourceOf(resources, functionIdsOf(project.environment.stack.logicalIds, name).role)?.physicalId;
      if (role === undefined || permissions.length === 0) continue;
      const unused = await context.aws.account.unusedServices(roleArn(patient, role), context.signal);
      if (unused === undefined || unused.length === 0) continue;
      findings.push({
        level: 'note',
        message: `${name} has rights for ${unused.join(', ')} and has not used them, as far as AWS looks back (400 days)`,
        at: settingAt(patient, name, 'permissions'),
        hint: 'remove them from permissions',
      });
    }
    return findings;
  },
};

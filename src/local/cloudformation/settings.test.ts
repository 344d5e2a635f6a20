import { expect, it } from 'vitest';
import { startRig, template, thing } from './test-rig.ts';

it('the settings of a stack are as in the last request that has them', async () => {
  await using rig = await startRig();
  const described = async () => (await rig.call('DescribeStacks', { StackName: 's' })).Stacks?.[0];
  const RollbackConfiguration = { RollbackTriggers: [], MonitoringTimeInMinutes: 5 };
  await rig.run('CreateStack', {
    StackName: 's',
    TemplateBody: template({ A: thing() }),
    NotificationARNs: [],
    RollbackConfiguration,
    DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false },
  });
  expect(await described()).toMatchObject({
    NotificationARNs: [],
    RollbackConfiguration: { MonitoringTimeInMinutes: 5 },
    DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false },
  });
  await rig.run('UpdateStack', { StackName: 's', TemplateBody: template({ A: thing(), B: thing() }) });
  expect(await described()).toMatchObject({ RollbackConfiguration: { MonitoringTimeInMinutes: 5 } });
  expect(await described()).not.toHaveProperty('DeploymentConfig');
  const same = { StackName: 's', UsePreviousTemplate: true, RollbackConfiguration };
  await expect(rig.call('UpdateStack', same)).rejects.toThrow('No updates are to be performed.');
  await rig.run('UpdateStack', { ...same, RollbackConfiguration: { MonitoringTimeInMinutes: 0 } });
  expect(await described()).toMatchObject({ RollbackConfiguration: { MonitoringTimeInMinutes: 0 } });
});

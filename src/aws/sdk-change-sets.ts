// CloudFormation's change sets through the SDK.
import type { Change, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { ChangeSetChange, ChangeSetDetail, ChangeSets } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';
import { stackParameters } from './sdk-stacks.ts';

export function sdkChangeSets(config: Config, ask: Ask): ChangeSets {
  const load = once(async () => {
    const sdk = await import('./clients/cloudformation.ts');
    return { sdk, client: new sdk.CloudFormationClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    create: (input) =>
      ask('cloudformation:CreateChangeSet', async () => {
        const { sdk, client } = await load();
        const { Id, StackId } = await client.send(
          new sdk.CreateChangeSetCommand({
            ...stackParameters(input),
            ChangeSetName: input.changeSet,
            ChangeSetType: input.kind,
            ClientToken: input.token,
            ...(input.revertDrift ? { DeploymentMode: 'REVERT_DRIFT' } : {}),
          }),
        );
        return { id: Id ?? '', stackId: StackId ?? input.name };
      }),
    describe: (id) =>
      ask('cloudformation:DescribeChangeSet', async () => {
        const { sdk, client } = await load();
        let status = '';
        let reason: string | undefined;
        const changes: ChangeSetChange[] = [];
        const input = { ChangeSetName: id, IncludePropertyValues: true };
        for await (const page of sdk.paginateDescribeChangeSet({ client }, input)) {
          status = page.Status ?? status;
          reason = page.StatusReason ?? reason;
          changes.push(...(page.Changes ?? []).flatMap(readChange));
        }
        return { status, reason, changes };
      }),
    delete: (id) =>
      ask('cloudformation:DeleteChangeSet', async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.DeleteChangeSetCommand({ ChangeSetName: id }));
      }),
  };
}

function readChange({ ResourceChange: change }: Change): readonly ChangeSetChange[] {
  if (change === undefined) return [];
  return [
    {
      action: change.Action ?? '',
      logicalId: change.LogicalResourceId ?? '',
      type: change.ResourceType ?? '',
      replacement: change.Replacement,
      driftStatus: change.ResourceDriftStatus,
      details: (change.Details ?? []).map(readDetail),
    },
  ];
}

function readDetail({ Target = {}, ChangeSource, CausingEntity }: ResourceChangeDetail): ChangeSetDetail {
  const { Attribute, Name, Path, RequiresRecreation, BeforeValue, AfterValue, Drift } = Target;
  return {
    path: Path ?? (Name === undefined ? `/${Attribute}` : `/${Attribute}/${Name}`),
    recreation: RequiresRecreation,
    before: BeforeValue,
    after: AfterValue,
    cause: CausingEntity ?? (ChangeSource === 'DirectModification' ? undefined : ChangeSource),
    drift: Drift === undefined ? undefined : { previous: Drift.PreviousValue, actual: Drift.ActualValue },
  };
}

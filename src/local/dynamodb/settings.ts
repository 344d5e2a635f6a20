// What tables have besides keys and items: tags, time to live, recovery, a policy.
import { AwsError, type Operations } from '../cloud.ts';
import { withoutKeys } from '../without-keys.ts';
import type { Table, Tables } from './state.ts';
import { invalid, onTable, tableName } from './tables.ts';

export function settingOperations(tables: Tables): Operations<'dynamodb'> {
  const authorize = onTable(tables);
  const byArn = { resource: ({ ResourceArn }: { ResourceArn?: string | undefined }) => ResourceArn };
  const named = (arn: string | undefined) => tables.existing(tableName(arn));
  return {
    TagResource: {
      members: ['ResourceArn', 'Tags'],
      authorize: byArn,
      run({ ResourceArn, Tags = [] }) {
        const table = named(ResourceArn);
        const added = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        tables.save({ ...table, tags: { ...table.tags, ...added } });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceArn', 'TagKeys'],
      authorize: byArn,
      run({ ResourceArn, TagKeys = [] }) {
        const table = named(ResourceArn);
        tables.save({ ...table, tags: withoutKeys(table.tags, TagKeys) });
        return {};
      },
    },
    ListTagsOfResource: {
      members: ['ResourceArn', 'NextToken'],
      authorize: byArn,
      run: ({ ResourceArn }) => ({
        Tags: Object.entries(named(ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    },

    UpdateTimeToLive: {
      members: ['TableName', 'TimeToLiveSpecification'],
      authorize,
      run({ TableName, TimeToLiveSpecification }) {
        const table = tables.existing(tableName(TableName));
        const { AttributeName = '', Enabled = false } = TimeToLiveSpecification ?? {};
        if (Enabled && table.expiry !== undefined) {
          throw invalid(
            table.expiry === AttributeName
              ? 'TimeToLive is already enabled'
              : `TimeToLive is active on a different AttributeName: current AttributeName is ${table.expiry}`,
          );
        }
        if (!Enabled && table.expiry === undefined) throw invalid('TimeToLive is already disabled');
        tables.save({ ...table, expiry: Enabled ? AttributeName : undefined });
        return { TimeToLiveSpecification: { AttributeName, Enabled } };
      },
    },
    DescribeTimeToLive: {
      members: ['TableName'],
      authorize,
      run({ TableName }) {
        const { expiry } = tables.existing(tableName(TableName));
        return {
          TimeToLiveDescription:
            expiry === undefined
              ? { TimeToLiveStatus: 'DISABLED' }
              : { TimeToLiveStatus: 'ENABLED', AttributeName: expiry },
        };
      },
    },

    // backups themselves are not implemented
    DescribeContinuousBackups: {
      members: ['TableName'],
      authorize,
      run: ({ TableName }) => ({ ContinuousBackupsDescription: backups(tables.existing(tableName(TableName))) }),
    },
    UpdateContinuousBackups: {
      members: ['TableName', 'PointInTimeRecoverySpecification'],
      authorize,
      run({ TableName, PointInTimeRecoverySpecification: wanted }) {
        const table = tables.existing(tableName(TableName));
        const days = wanted?.PointInTimeRecoveryEnabled === true ? (wanted.RecoveryPeriodInDays ?? 35) : undefined;
        const changed = { ...table, recovery: { ...table.recovery, days } };
        tables.save(changed);
        return { ContinuousBackupsDescription: backups(changed) };
      },
    },

    PutResourcePolicy: {
      members: ['ResourceArn', 'Policy', 'ExpectedRevisionId', 'ConfirmRemoveSelfResourceAccess'],
      authorize: byArn,
      run({ ResourceArn, Policy = '' }) {
        const table = named(ResourceArn);
        const revision = String(tables.cloud.now());
        tables.save({ ...table, policy: { text: Policy, revision } });
        return { RevisionId: revision };
      },
    },
    GetResourcePolicy: {
      members: ['ResourceArn'],
      authorize: byArn,
      run({ ResourceArn }) {
        const { policy } = named(ResourceArn);
        if (policy !== undefined) return { Policy: policy.text, RevisionId: policy.revision };
        throw new AwsError(
          'PolicyNotFoundException',
          `Resource-based policy not found for the provided ResourceArn: Requested update for policy: The resource-based policy with the revision id, NO_POLICY, has not been found`,
        );
      },
    },
    DeleteResourcePolicy: {
      members: ['ResourceArn', 'ExpectedRevisionId'],
      authorize: byArn,
      run({ ResourceArn }) {
        tables.save({ ...named(ResourceArn), policy: undefined });
        return {};
      },
    },
  };
}

function backups({ recovery, createdAt }: Table) {
  const { ContinuousBackupsStatus, days } = recovery;
  return {
    ContinuousBackupsStatus,
    PointInTimeRecoveryDescription:
      days === undefined
        ? { PointInTimeRecoveryStatus: 'DISABLED' as const }
        : {
            PointInTimeRecoveryStatus: 'ENABLED' as const,
            RecoveryPeriodInDays: days,
            EarliestRestorableDateTime: new Date(createdAt),
          },
  };
}

// STS: says who the caller is. Every caller is the local account's user.

import { AwsError, type Cloud, type Service } from './cloud.ts';
import { heldToMembers } from './known-members.ts';

export function createSts(cloud: Cloud): Service<'sts'> {
  return {
    name: 'sts',
    operations: heldToMembers(
      'sts',
      {
        GetCallerIdentity: () => ({
          Account: cloud.accountId,
          Arn: `arn:aws:iam::${cloud.accountId}:user/local`,
          UserId: 'AIDALOCALLOCALLOCAL00',
        }),
        AssumeRole(input) {
          const name = input.RoleArn?.split('/').at(-1) ?? '';
          if (!/^[\w+=,.@-]{2,64}$/.test(input.RoleSessionName ?? '')) {
            throw new AwsError(
              'ValidationError',
              `1 validation error detected: Value '${input.RoleSessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
            );
          }
          return {
            AssumedRoleUser: {
              AssumedRoleId: `AROALOCALLOCALLOCAL00:${input.RoleSessionName}`,
              Arn: `arn:aws:sts::${cloud.accountId}:assumed-role/${name}/${input.RoleSessionName}`,
            },
            Credentials: {
              AccessKeyId: 'ASIALOCALLOCALLOCAL0',
              SecretAccessKey: 'local',
              SessionToken: 'local',
              Expiration: new Date(cloud.now() + (input.DurationSeconds ?? 3600) * 1000),
            },
          };
        },
      },
      { AssumeRole: ['RoleArn', 'RoleSessionName', 'DurationSeconds'] },
    ),
  };
}

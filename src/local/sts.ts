// STS: identifies the caller: the user of the local account, or the role of a function.

import { AwsError, type Cloud, type Principal, type Service } from './cloud.ts';
import { openState } from './iam/state.ts';
import { sessionArn } from './operation.ts';

export function createSts(cloud: Cloud): Service<'sts'> {
  return {
    name: 'sts',
    operations: {
      GetCallerIdentity: {
        members: [],
        authorize: 'everyone',
        run: (_, { principal }) => ({ Account: cloud.accountId, ...identityOf(cloud, principal) }),
      },
      AssumeRole: {
        members: ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'SerialNumber', 'TokenCode'],
        authorize: { resource: ({ RoleArn }) => RoleArn },
        run(input) {
          const name = input.RoleArn?.split('/').at(-1) ?? '';
          if (!/^[\w+=,.@-]{2,64}$/.test(input.RoleSessionName ?? '')) {
            throw new AwsError(
              'ValidationError',
              `1 validation error detected: Value '${input.RoleSessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
            );
          }
          // every code of six digits is right here
          if (input.SerialNumber !== undefined && !/^\d{6}$/.test(input.TokenCode ?? '')) {
            throw new AwsError(
              'AccessDenied',
              'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
              403,
            );
          }
          return {
            AssumedRoleUser: {
              AssumedRoleId: `AROALOCALLOCALLOCAL00:${input.RoleSessionName}`,
              Arn: `arn:aws:sts::${cloud.accountId}:assumed-role/${name}/${input.RoleSessionName}`,
            },
            Credentials: {
              ...sessionOf(cloud, input.RoleArn ?? '', input.RoleSessionName ?? ''),
              Expiration: new Date(cloud.now() + (input.DurationSeconds ?? 3600) * 1000),
            },
          };
        },
      },
    },
  };
}

/** A session of a role of the account has its rights. A role that is not there is one of another account, which may do everything. */
function sessionOf(cloud: Cloud, roleArn: string, session: string) {
  if (!openState(cloud).roles.has(roleArn.split('/').at(-1) ?? '')) {
    return { AccessKeyId: 'ASIALOCALLOCALLOCAL0', SecretAccessKey: 'local', SessionToken: 'local' };
  }
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.credentialsFor(roleArn, session);
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken };
}

function identityOf(cloud: Cloud, principal: Principal) {
  if (principal.kind !== 'role')
    return { Arn: `arn:aws:iam::${cloud.accountId}:user/local`, UserId: 'AIDALOCALLOCALLOCAL00' };
  return { Arn: sessionArn(cloud, principal), UserId: `AROALOCALLOCALLOCAL00:${principal.session}` };
}

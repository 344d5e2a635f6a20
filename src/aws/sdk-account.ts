// Facts about the account through the SDK: limits, time, permissions.
import { pause } from '../base/interrupt.ts';
import type { AccountFacts } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

const lookMs = 500;
const mostLooks = 20;
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html: 100 actions at once are well below its limits. */
const actionsPerCall = 100;

export function sdkAccount(config: Config, ask: Ask): AccountFacts {
  const retrying = async () => ({ ...config, retryStrategy: await retryStrategy() });
  const iam = once(async () => {
    const sdk = await import('./clients/iam.ts');
    return { sdk, client: new sdk.IAMClient(await retrying()) };
  });
  return {
    limits: () =>
      ask('lambda:GetAccountSettings', async () => {
        const { LambdaClient, GetAccountSettingsCommand } = await import('./clients/lambda.ts');
        const client = new LambdaClient(await retrying());
        const { AccountLimit, AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
        return {
          codeBytes: AccountUsage?.TotalCodeSize ?? 0,
          mostCodeBytes: AccountLimit?.TotalCodeSize ?? 0,
          concurrency: AccountLimit?.ConcurrentExecutions ?? 0,
          unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
        };
      }),
    time: () =>
      ask('sts:GetCallerIdentity', async () => {
        const { STSClient, GetCallerIdentityCommand } = await import('./clients/sts.ts');
        const client = new STSClient(await retrying());
        let time = Number.NaN;
        client.middlewareStack.add(
          (next) => async (input) => {
            const result = await next(input);
            const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
            time = Date.parse(headers?.['date'] ?? '');
            return result;
          },
          { step: 'deserialize', name: 'readDate' },
        );
        await client.send(new GetCallerIdentityCommand({}));
        return new Date(time);
      }),
    denied: (principalArn, { actions, resource, conditions }) =>
      ask('iam:SimulatePrincipalPolicy', async () => {
        const { sdk, client } = await iam();
        const denied: string[] = [];
        for (let start = 0; start < actions.length; start += actionsPerCall) {
          const input = {
            PolicySourceArn: principalArn,
            ActionNames: actions.slice(start, start + actionsPerCall),
            ResourceArns: [resource],
            ContextEntries: Object.entries(conditions).map(([name, value]) => ({
              ContextKeyName: name,
              ContextKeyType: 'string' as const,
              ContextKeyValues: [value],
            })),
          };
          for await (const { EvaluationResults = [] } of sdk.paginateSimulatePrincipalPolicy({ client }, input)) {
            for (const { EvalActionName = '', EvalDecision } of EvaluationResults) {
              if (EvalDecision !== 'allowed') denied.push(EvalActionName);
            }
          }
        }
        return denied;
      }),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
    unusedServices: (roleArn, signal) =>
      ask('iam:GenerateServiceLastAccessedDetails', async () => {
        const { sdk, client } = await iam();
        const { JobId } = await client.send(new sdk.GenerateServiceLastAccessedDetailsCommand({ Arn: roleArn }));
        for (let look = 0; look < mostLooks; look++) {
          const command = new sdk.GetServiceLastAccessedDetailsCommand({ JobId });
          const { JobStatus, ServicesLastAccessed = [] } = await client.send(command);
          if (JobStatus === 'COMPLETED') {
            return ServicesLastAccessed.filter(({ LastAuthenticated }) => LastAuthenticated === undefined).flatMap(
              ({ ServiceNamespace }) => ServiceNamespace ?? [],
            );
          }
          await pause(lookMs, signal);
        }
        return undefined;
      }),
  };
}

// Lambda over the SDK.
import type { AliasMove, Functions } from './aws.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

const invocationTypes = { wait: 'RequestResponse', async: 'Event', 'dry-run': 'DryRun' } as const;

export function sdkFunctions(config: Config, ask: Ask): Functions {
  const load = once(async () => {
    const sdk = await import('@aws-sdk/client-lambda');
    // A function may run for 30 minutes before the answer's first byte; and asking again, when the answer was lost, would
    // run it twice.
    const patient = { ...config, requestHandler: { requestTimeout: 910_000 }, maxAttempts: 1 };
    return { sdk, client: new sdk.LambdaClient(config), invoker: new sdk.LambdaClient(patient) };
  });
  return {
    aliasVersion: (functionName, alias) =>
      ask<string | undefined>(
        'lambda:GetAlias',
        async () => {
          const { sdk, client } = await load();
          return (await client.send(new sdk.GetAliasCommand({ FunctionName: functionName, Name: alias })))
            .FunctionVersion;
        },
        { ResourceNotFoundException: () => undefined },
      ),
    moveAlias: (functionName, alias, version) =>
      ask<AliasMove>(
        'lambda:UpdateAlias',
        async () => {
          const { sdk, client } = await load();
          await client.send(
            new sdk.UpdateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: version }),
          );
          return 'moved';
        },
        // such as while provisioned concurrency is being allocated to where the alias points now
        { ResourceNotFoundException: () => 'gone', ResourceConflictException: () => 'busy' },
      ),
    invoke: (input) =>
      ask('lambda:Invoke', async () => {
        const { sdk, invoker } = await load();
        const answer = await invoker.send(
          new sdk.InvokeCommand({
            FunctionName: input.functionName,
            Qualifier: input.qualifier,
            Payload: input.payload,
            InvocationType: invocationTypes[input.mode],
            ...(input.mode === 'wait' ? { LogType: 'Tail' as const } : {}),
          }),
        );
        return {
          status: answer.StatusCode ?? 0,
          payload: Buffer.from(answer.Payload ?? []).toString('utf8'),
          functionError: answer.FunctionError,
          executedVersion: answer.ExecutedVersion,
          log: answer.LogResult === undefined ? undefined : Buffer.from(answer.LogResult, 'base64').toString('utf8'),
        };
      }),
  };
}

// Values of secrets through the SDK.
import type { Secrets } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

export function sdkSecrets(config: Config, ask: Ask): Secrets {
  const load = once(async () => {
    const sdk = await import('./clients/ssm.ts');
    return { sdk, client: new sdk.SSMClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    value: (parameter) =>
      ask<string | undefined>(
        'ssm:GetParameter',
        async () => {
          const { sdk, client } = await load();
          const { Parameter } = await client.send(
            new sdk.GetParameterCommand({ Name: parameter, WithDecryption: true }),
          );
          return Parameter?.Value;
        },
        { ParameterNotFound: () => undefined },
      ),
  };
}

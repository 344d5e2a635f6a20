// A project's lookups in an account, through the SDK: parameters, outputs and objects in any region, and hosted zones.
import type { Lookups } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';
import { sdkHostedZones } from './sdk-hosted-zones.ts';
import { sdkObjects } from './sdk-objects.ts';
import { sdkStacks } from './sdk-stacks.ts';

type Parameter = Awaited<ReturnType<Lookups['parameter']>>;

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
const mostParameters = 10;

export function sdkLookups(config: Config, account: string, ask: Ask): Lookups {
  const inRegion = perRegion((region) => {
    const regional = { ...config, region };
    return {
      stacks: sdkStacks(regional, ask),
      objects: sdkObjects(regional, ask),
      parameters: parameterReader(regional, ask),
    };
  });
  return {
    account: async () => account,
    parameter: (name, region) => inRegion(region).parameters(name),
    stackOutputs: async (stack, region) => (await inRegion(region).stacks.describe(stack))?.outputs,
    hostedZones: sdkHostedZones(config, ask),
    object: async (bucket, key, region) => (await inRegion(region).objects.get(bucket, key))?.toString('utf8'),
  };
}

function perRegion<T>(make: (region: string) => T): (region: string) => T {
  const clients = new Map<string, T>();
  return (region) => {
    const client = clients.get(region) ?? make(region);
    clients.set(region, client);
    return client;
  };
}

/** Names requested at the same time share one call: the API allows few calls a second. */
function parameterReader(config: Config, ask: Ask): (name: string) => Promise<Parameter> {
  const load = once(async () => {
    const sdk = await import('./clients/ssm.ts');
    return { sdk, client: new sdk.SSMClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  const waiting: { name: string; resolve: (parameter: Parameter) => void; reject: (error: unknown) => void }[] = [];
  const read = (names: readonly string[]): Promise<ReadonlyMap<string, Parameter>> =>
    ask('ssm:GetParameters', async () => {
      const { sdk, client } = await load();
      // without decryption: fx reports secrets and never reads their values
      const { Parameters = [] } = await client.send(
        new sdk.GetParametersCommand({ Names: [...names], WithDecryption: false }),
      );
      return new Map(
        Parameters.map(({ Name = '', Selector = '', Type = 'String', Value = '' }) => [
          `${Name}${Selector}`,
          { type: Type, value: Type === 'SecureString' ? '' : Value },
        ]),
      );
    });
  const flush = () => {
    const batch = waiting.splice(0, mostParameters);
    if (waiting.length > 0) setImmediate(flush);
    read(batch.map(({ name }) => name)).then(
      (parameters) => {
        for (const { name, resolve } of batch) resolve(parameters.get(name));
      },
      (error: unknown) => {
        for (const { reject } of batch) reject(error);
      },
    );
  };
  return (name) =>
    new Promise((resolve, reject) => {
      waiting.push({ name, resolve, reject });
      if (waiting.length === 1) setImmediate(flush);
    });
}

// CloudFront through the SDK.
import type { Distributions } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

export function sdkDistributions(config: Config, ask: Ask): Distributions {
  const load = once(async () => {
    const sdk = await import('./clients/cloudfront.ts');
    return { sdk, client: new sdk.CloudFrontClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    invalidate: (DistributionId, Items, CallerReference) =>
      ask('cloudfront:CreateInvalidation', async () => {
        const { sdk, client } = await load();
        const InvalidationBatch = { CallerReference, Paths: { Quantity: Items.length, Items: [...Items] } };
        await client.send(new sdk.CreateInvalidationCommand({ DistributionId, InvalidationBatch }));
      }),
  };
}

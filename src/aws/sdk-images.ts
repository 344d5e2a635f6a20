// ECR through the SDK.
import type { Images } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

const batch = 100; // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html

export function sdkImages(config: Config, ask: Ask): Images {
  const load = once(async () => {
    const sdk = await import('./clients/ecr.ts');
    return { sdk, client: new sdk.ECRClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  return {
    present: (repository, tags) =>
      ask('ecr:BatchGetImage', async () => {
        const { sdk, client } = await load();
        const missing = new Set<string | undefined>();
        for (let start = 0; start < tags.length; start += batch) {
          const imageIds = tags.slice(start, start + batch).map((imageTag) => ({ imageTag }));
          const { failures = [] } = await client.send(
            new sdk.BatchGetImageCommand({ repositoryName: repository, imageIds }),
          );
          for (const { imageId, failureCode } of failures)
            if (failureCode === 'ImageNotFound') missing.add(imageId?.imageTag);
        }
        return new Set(tags.filter((tag) => !missing.has(tag)));
      }),
    tags: (repository) =>
      ask('ecr:ListImages', async () => {
        const { sdk, client } = await load();
        const tags: string[] = [];
        const input = { repositoryName: repository, filter: { tagStatus: 'TAGGED' as const } };
        for await (const { imageIds = [] } of sdk.paginateListImages({ client }, input)) {
          tags.push(...imageIds.flatMap(({ imageTag }) => imageTag ?? []));
        }
        return tags;
      }),
    delete: (repository, tags) =>
      ask('ecr:BatchDeleteImage', async () => {
        const { sdk, client } = await load();
        for (let start = 0; start < tags.length; start += batch) {
          const imageIds = tags.slice(start, start + batch).map((imageTag) => ({ imageTag }));
          await client.send(new sdk.BatchDeleteImageCommand({ repositoryName: repository, imageIds }));
        }
      }),
    login: () =>
      ask('ecr:GetAuthorizationToken', async () => {
        const { sdk, client } = await load();
        const { authorizationData: [data] = [] } = await client.send(new sdk.GetAuthorizationTokenCommand({}));
        const token = Buffer.from(data?.authorizationToken ?? '', 'base64').toString();
        const colon = token.indexOf(':');
        return {
          registry: data?.proxyEndpoint ?? '',
          username: token.slice(0, colon),
          password: token.slice(colon + 1),
        };
      }),
  };
}

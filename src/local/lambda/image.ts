// Takes a container image from ECR as a function's code: Lambda's checks, and the digest to which it resolves a tag for good.
// https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
import { AwsError, type Cloud } from '../cloud.ts';
import { allowsServiceCall, type ResourceStatement } from '../resource-policy.ts';
import { functionArn } from './names.ts';
import type { Code } from './state.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-reqs: an index of several images is not one of them
const supportedTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];

/** Lambda pulls with the permission of the repository's policy, for the function. */
const pullActions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

export async function takeImage(cloud: Cloud, name: string, uri: string): Promise<Code> {
  const { repository, reference } = parse(cloud, uri);
  const missing = () => invalid(`Source image ${uri} does not exist. Provide a valid source image.`);
  const imageId = reference.startsWith('sha256:') ? { imageDigest: reference } : { imageTag: reference };
  const input = { repositoryName: repository, imageIds: [imageId] };
  const { images: [image] = [] } = await cloud.call('ecr', 'BatchGetImage', input).catch((error: AwsError) => {
    throw error.code === 'RepositoryNotFoundException' ? missing() : error;
  });
  if (image === undefined) throw missing();
  await checkPermission(cloud, name, repository);
  if (!supportedTypes.includes(image.imageManifestMediaType ?? '')) {
    throw invalid(`The image manifest, config or layer media type for the source image ${uri} is not supported.`);
  }
  const digest = image.imageId?.imageDigest ?? '';
  return { sha256: digest.slice('sha256:'.length), size: 0, image: { uri, repository, digest } };
}

/** What AWS shows as the image that a tag named. */
export function resolvedUri({ image: { uri, digest } = { uri: '', repository: '', digest: '' } }: Code): string {
  return `${uri.replace(/(@.*|:[^/:]*)$/, '')}@${digest}`;
}

/** A repository of this account and region, by AWS's host name or the address of the local AWS. */
function parse({ accountId, region }: Cloud, uri: string): { repository: string; reference: string } {
  const host = `(?:${accountId}\\.dkr\\.ecr\\.${region}\\.amazonaws\\.com|127\\.0\\.0\\.1:\\d+|localhost:\\d+)`;
  const [, repository, digest, tag] =
    new RegExp(`^${host}/([^:@]+)(?:@(sha256:[0-9a-f]{64})|:([\\w.-]+))$`).exec(uri) ?? [];
  const reference = digest ?? tag;
  if (repository !== undefined && reference !== undefined) return { repository, reference };
  throw invalid(`Source image ${uri} is not valid. Provide a valid source image.`);
}

async function checkPermission(cloud: Cloud, name: string, repositoryName: string): Promise<void> {
  const { repositories: [repository] = [] } = await cloud.call('ecr', 'DescribeRepositories', {
    repositoryNames: [repositoryName],
  });
  const statements = await cloud.call('ecr', 'GetRepositoryPolicy', { repositoryName }).then(
    ({ policyText = '' }) => (JSON.parse(policyText) as { Statement: readonly ResourceStatement[] }).Statement,
    () => [],
  );
  const sourceArn = functionArn(cloud, { name, qualifier: '' });
  const principal = { kind: 'service', service: 'lambda.amazonaws.com', sourceArn } as const;
  const resource = repository?.repositoryArn ?? '';
  const { accountId } = cloud;
  const mayPull = pullActions.every((action) =>
    allowsServiceCall(statements, { principal, action, resource, accountId }),
  );
  if (mayPull) return;
  const message = 'Lambda does not have permission to access the ECR image. Check the ECR permissions.';
  throw new AwsError('AccessDeniedException', message, 403, { Type: 'User' });
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

// The records of ECR: repositories, and the images in them by digest.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/Welcome.html
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export interface StoredImage {
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: string;
  /** Of the layers and the configuration. */
  readonly bytes: number;
  readonly tags: readonly string[];
  readonly pushed: number;
}

export interface Repository {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  readonly mutability: 'MUTABLE' | 'IMMUTABLE';
  readonly scanOnPush: boolean;
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** By digest. */
  readonly images: Readonly<Record<string, StoredImage>>;
}

export interface EcrContext {
  readonly cloud: Cloud;
  readonly repositories: Collection<Repository>;
}

export function ecrContext(cloud: Cloud): EcrContext {
  return { cloud, repositories: cloud.collection('ecr.repositories') };
}

export function findRepository({ cloud, repositories }: EcrContext, name: string | undefined): Repository {
  const repository = repositories.get(name ?? '');
  if (repository !== undefined) return repository;
  throw new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${cloud.accountId}'`,
  );
}

/** By a tag or a digest. */
export function findImage({ images }: Repository, reference: string): StoredImage | undefined {
  if (reference.startsWith('sha256:')) return images[reference];
  return Object.values(images).find(({ tags }) => tags.includes(reference));
}

/** The media types of a single image; an index of several has another. */
export const imageTypes: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];

/** Gives the image its tag, and takes it from another. Throws ImageTagAlreadyExistsException if tags are immutable. */
export function putImage(
  { repositories }: EcrContext,
  { name }: Repository,
  { tag, ...image }: Omit<StoredImage, 'tags'> & { readonly tag: string | undefined },
): void {
  const repository = repositories.get(name) as Repository;
  const before = tag === undefined ? undefined : findImage(repository, tag);
  if (before !== undefined && before.digest !== image.digest && repository.mutability === 'IMMUTABLE') {
    throw new AwsError(
      'ImageTagAlreadyExistsException',
      `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the repository is immutable.`,
    );
  }
  const others = Object.entries(repository.images).map(([digest, one]): [string, StoredImage] => [
    digest,
    { ...one, tags: one.tags.filter((other) => other !== tag) },
  ]);
  const kept = repository.images[image.digest]?.tags.filter((other) => other !== tag) ?? [];
  const tags = tag === undefined ? kept : [...kept, tag].sort();
  repositories.set(name, {
    ...repository,
    images: { ...Object.fromEntries(others), [image.digest]: { ...image, tags } },
  });
}

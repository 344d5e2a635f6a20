// ECR's operations on images.
import type { ImageFailure, ImageIdentifier } from '@aws-sdk/client-ecr';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { type EcrContext, findImage, findRepository, type Repository, type StoredImage } from './state.ts';

const batch = { min: 1, max: 100 };

export function imageOperations(context: EcrContext): Operations<'ecr'> {
  const { cloud, repositories } = context;
  return {
    BatchGetImage: {
      members: ['registryId', 'repositoryName', 'imageIds', 'acceptedMediaTypes'],
      run({ repositoryName, imageIds = [] }) {
        checkConstraints('InvalidParameterException', [['imageIds', imageIds, batch]]);
        const repository = findRepository(context, repositoryName);
        const { matches, failures } = findImages(repository, imageIds);
        const images = matches.map(({ imageId, image }) => ({
          registryId: cloud.accountId,
          repositoryName: repository.name,
          imageId: { ...imageId, imageDigest: image.digest },
          imageManifest: image.manifest,
          imageManifestMediaType: image.mediaType,
        }));
        return { images, failures };
      },
    },
    DescribeImages: {
      members: ['registryId', 'repositoryName', 'imageIds', 'nextToken', 'maxResults', 'filter'],
      run({ repositoryName, imageIds, nextToken: token, maxResults, filter }) {
        const repository = findRepository(context, repositoryName);
        const { matches, failures } = findImages(repository, imageIds ?? []);
        const [missing] = failures;
        if (missing !== undefined) throw notFound(context, repository, missing.imageId ?? {});
        const images =
          imageIds === undefined ? matching(repository, filter?.tagStatus) : matches.map(({ image }) => image);
        const { items, nextToken } = pageByName(images, ({ digest }) => digest, { token, most: maxResults ?? 100 });
        const imageDetails = items.map(({ digest, tags, bytes, pushed, mediaType }) => ({
          registryId: cloud.accountId,
          repositoryName: repository.name,
          imageDigest: digest,
          ...(tags.length === 0 ? {} : { imageTags: [...tags] }),
          imageSizeInBytes: bytes,
          imagePushedAt: new Date(pushed),
          imageManifestMediaType: mediaType,
        }));
        return { imageDetails, ...(nextToken === undefined ? {} : { nextToken }) };
      },
    },
    ListImages: {
      members: ['registryId', 'repositoryName', 'nextToken', 'maxResults', 'filter'],
      run({ repositoryName, nextToken: token, maxResults, filter }) {
        const repository = findRepository(context, repositoryName);
        const all = matching(repository, filter?.tagStatus).flatMap(({ digest, tags }) =>
          tags.length === 0 ? [{ imageDigest: digest }] : tags.map((imageTag) => ({ imageDigest: digest, imageTag })),
        );
        const nameOf = (id: ImageIdentifier) => `${id.imageDigest} ${id.imageTag ?? ''}`;
        const { items, nextToken } = pageByName(
          all.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)),
          nameOf,
          { token, most: maxResults ?? 100 },
        );
        return { imageIds: items, ...(nextToken === undefined ? {} : { nextToken }) };
      },
    },
    BatchDeleteImage: {
      members: ['registryId', 'repositoryName', 'imageIds'],
      run({ repositoryName, imageIds = [] }) {
        checkConstraints('InvalidParameterException', [['imageIds', imageIds, batch]]);
        const repository = findRepository(context, repositoryName);
        const { matches, failures } = findImages(repository, imageIds);
        const images = new Map(Object.entries(repository.images));
        for (const { imageId, image } of matches) {
          // a tag is removed, and the image with its last tag; a digest removes the image with all tags
          const tags = imageId.imageDigest === undefined ? image.tags.filter((tag) => tag !== imageId.imageTag) : [];
          if (tags.length === 0) images.delete(image.digest);
          else images.set(image.digest, { ...image, tags });
        }
        repositories.set(repository.name, { ...repository, images: Object.fromEntries(images) });
        return {
          imageIds: matches.map(({ imageId, image }) => ({ ...imageId, imageDigest: image.digest })),
          failures,
        };
      },
    },
  };
}

interface MatchedImage {
  readonly imageId: ImageIdentifier;
  readonly image: StoredImage;
}

function findImages(repository: Repository, imageIds: readonly ImageIdentifier[]) {
  const matches: MatchedImage[] = [];
  const failures: ImageFailure[] = [];
  for (const imageId of imageIds) {
    const image = findImage(repository, imageId.imageDigest ?? imageId.imageTag ?? '');
    if (image !== undefined) matches.push({ imageId, image });
    else failures.push({ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' });
  }
  return { matches, failures };
}

function matching({ images }: Repository, tagStatus = 'ANY'): StoredImage[] {
  return Object.values(images)
    .filter(({ tags }) => tagStatus === 'ANY' || tags.length > 0 === (tagStatus === 'TAGGED'))
    .sort((one, other) => (one.digest < other.digest ? -1 : 1));
}

function notFound({ cloud }: EcrContext, { name }: Repository, id: ImageIdentifier): AwsError {
  const shown = (value: string | undefined) => `'${value ?? 'null'}'`;
  return new AwsError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:${shown(id.imageDigest)}, imageTag:${shown(id.imageTag)}} does not exist within the repository with name '${name}' in the registry with id '${cloud.accountId}'`,
  );
}

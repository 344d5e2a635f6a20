// The stores of an account and region, in their own stack, retained on its deletion: the artifact bucket (versioned, encrypted, private),
// and the repository of images, which is added when a project first needs it.
import type { Aws, StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import { leasePrefix } from '../cfn/names.ts';
import { findCauses } from './cause.ts';
import { type FollowOptions, follow, mark, newToken } from './follow.ts';
import { isClean, moveFor } from './status.ts';

export const bootstrapStackName = 'fx-bootstrap';
const bucketOutput = 'ArtifactBucket';
const repositoryOutput = 'ImageRepository';

export interface Stores {
  /** The name of the artifact bucket. */
  readonly bucket: string;
  /** The name of the repository of images; undefined before the first image of the account and region. */
  readonly repository: string | undefined;
}

/** CloudFormation chooses the name: somebody else could take a predictable one. */
const bucket = {
  Type: 'AWS::S3::Bucket',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    VersioningConfiguration: { Status: 'Enabled' },
    // each renewal of a lease is a version
    LifecycleConfiguration: {
      Rules: [
        {
          Id: 'leases',
          Status: 'Enabled',
          Prefix: leasePrefix,
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        },
      ],
    },
  },
};

/** Tags name content, so none may move. Lambda pulls with the permission of the policy, for functions of the account and region only; without
 * it, whoever creates a function would have to change the policy. Basic scanning costs nothing.
 * https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html */
const repository = {
  Type: 'AWS::ECR::Repository',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    ImageTagMutability: 'IMMUTABLE',
    ImageScanningConfiguration: { ScanOnPush: true },
    RepositoryPolicyText: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'LambdaECRImageRetrievalPolicy',
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          Condition: {
            StringLike: {
              'aws:sourceArn': {
                'Fn::Sub': 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*',
              },
            },
          },
        },
      ],
    },
  },
};

/** Without a repository, what every fx so far has made: a deploy without images never updates the stack. */
export function bootstrapTemplate({ images }: { readonly images: boolean }): string {
  return JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The bucket in which fx keeps artifacts and releases of this account and region',
    Resources: { ArtifactBucket: bucket, ...(images ? { ImageRepository: repository } : {}) },
    Outputs: {
      [bucketOutput]: { Description: 'Where fx keeps artifacts and releases', Value: { Ref: 'ArtifactBucket' } },
      ...(images
        ? { [repositoryOutput]: { Description: 'Where fx keeps container images', Value: { Ref: 'ImageRepository' } } }
        : {}),
    },
  });
}

/** Undefined before the first deploy to this account and region. */
export async function findStores(aws: Aws): Promise<Stores | undefined> {
  const stack = await aws.stacks.describe(bootstrapStackName);
  const name = stack !== undefined && moveFor(stack.status) === 'update' ? stack.outputs[bucketOutput] : undefined;
  return name === undefined ? undefined : { bucket: name, repository: stack?.outputs[repositoryOutput] };
}

export interface EnsureOptions {
  readonly report: Reporter;
  readonly signal: AbortSignal;
  readonly pollMs: number;
  /** Whether a repository is needed too. */
  readonly images: boolean;
}

/** Creates on first use what is missing. Deploys that find the same missing do not fail each other: the second waits for the first. */
export async function ensureStores(aws: Aws, options: EnsureOptions): Promise<Stores> {
  try {
    return await ensureOnce(aws, options);
  } catch (error) {
    if (!(error instanceof FxError) || error.code !== 'BUSY') throw error;
    return ensureOnce(aws, options);
  }
}

async function ensureOnce(aws: Aws, options: EnsureOptions): Promise<Stores> {
  const watching: FollowOptions = { ...options, report: () => {}, stacks: aws.stacks, expected: 1 };
  let stack = await aws.stacks.describe(bootstrapStackName);
  if (stack !== undefined && moveFor(stack.status) === 'wait')
    stack = (await follow(stack.id, undefined, watching)).stack;
  const move = moveFor(stack?.status);
  if (stack !== undefined && move === 'update') {
    const stores = storesOf(stack.outputs);
    return options.images && stores.repository === undefined ? addRepository(aws, stack, options) : stores;
  }
  if (stack !== undefined && move === 'replace') {
    const last = await mark(aws.stacks, stack.id);
    await aws.stacks.delete(stack.name, newToken());
    await follow(stack.id, last, watching);
  }
  if (move === 'stuck' || move === 'recover' || move === 'remove') {
    throw new FxError('STACK_STUCK', `the stack ${bootstrapStackName} is in ${stack?.status}`, {
      hint: 'look at its events in the CloudFormation console; fx keeps artifacts and releases in the bucket of this stack',
    });
  }
  options.report({ kind: 'stage', stage: 'creating-bucket' });
  const { stackId } = await aws.stacks.create(inputFor(options));
  return settle(aws, stackId, { last: undefined, watching, what: 'artifact bucket' });
}

/** Updates the stack of a project without images. */
async function addRepository(aws: Aws, { id }: StackDescription, options: EnsureOptions): Promise<Stores> {
  options.report({ kind: 'stage', stage: 'creating-repository' });
  const last = await mark(aws.stacks, id);
  const watching: FollowOptions = { ...options, report: () => {}, stacks: aws.stacks, expected: 1 };
  await aws.stacks.update(inputFor(options));
  return settle(aws, id, { last, watching, what: 'repository of images' });
}

const inputFor = (options: Pick<EnsureOptions, 'images'>) => ({
  name: bootstrapStackName,
  template: { body: bootstrapTemplate(options) },
  parameters: {},
  tags: {},
  token: newToken(),
});

interface Settling {
  /** The event before the change. */
  readonly last: string | undefined;
  readonly watching: FollowOptions;
  readonly what: string;
}

async function settle(aws: Aws, id: string, { last, watching, what }: Settling): Promise<Stores> {
  const { stack, events } = await follow(id, last, watching);
  if (stack === undefined || !isClean(stack.status)) {
    const [cause] = await findCauses(aws.stacks, { stackId: id, operation: events[0]?.operation, events });
    throw new FxError('STACK_FAILED', `the ${what} could not be created: ${cause?.reason ?? stack?.status}`);
  }
  return storesOf(stack.outputs);
}

function storesOf(outputs: Readonly<Record<string, string>>): Stores {
  const name = outputs[bucketOutput];
  if (name !== undefined) return { bucket: name, repository: outputs[repositoryOutput] };
  throw new FxError(
    'STACK_FOREIGN',
    `the stack ${bootstrapStackName} has no output ${bucketOutput}: fx did not create it`,
  );
}

// The artifact bucket of an account and region, in its own stack: versioned, encrypted, private, and retained on deletion.
import type { Aws } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import { findCause } from './cause.ts';
import { type FollowOptions, follow, mark, newToken } from './follow.ts';
import { isClean, moveFor } from './status.ts';

export const bootstrapStackName = 'fx-bootstrap';
const output = 'ArtifactBucket';

/** CloudFormation chooses the name: somebody else could take a predictable one. */
const template = {
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'The bucket in which fx keeps artifacts and releases of this account and region',
  Resources: {
    ArtifactBucket: {
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
      },
    },
  },
  Outputs: { [output]: { Description: 'Where fx keeps artifacts and releases', Value: { Ref: 'ArtifactBucket' } } },
};

export const bootstrapTemplate = JSON.stringify(template);

/** The bucket's name, or undefined before the first deploy to this account and region. */
export async function findBucket(aws: Aws): Promise<string | undefined> {
  const stack = await aws.stacks.describe(bootstrapStackName);
  return stack !== undefined && moveFor(stack.status) === 'update' ? stack.outputs[output] : undefined;
}

/** The bucket's name. Creates the bucket on first use. */
export async function ensureBucket(
  aws: Aws,
  options: { readonly report: Reporter; readonly signal: AbortSignal; readonly pollMs: number },
): Promise<string> {
  const watching: FollowOptions = { ...options, report: () => {}, stacks: aws.stacks, expected: 1 };
  let stack = await aws.stacks.describe(bootstrapStackName);
  if (stack !== undefined && moveFor(stack.status) === 'wait')
    stack = (await follow(stack.id, undefined, watching)).stack;
  const move = moveFor(stack?.status);
  if (stack !== undefined && move === 'update') return bucketOf(stack.outputs);
  if (stack !== undefined && move === 'replace') {
    const last = await mark(aws.stacks, stack.id);
    await aws.stacks.delete(stack.name, newToken());
    await follow(stack.id, last, watching);
  }
  if (move === 'stuck') {
    throw new FxError('STACK_STUCK', `the stack ${bootstrapStackName} is in ${stack?.status}`, {
      hint: 'look at its events in the CloudFormation console; fx keeps artifacts and releases in the bucket of this stack',
    });
  }
  options.report({ kind: 'stage', stage: 'creating-bucket' });
  const input = {
    name: bootstrapStackName,
    template: { body: bootstrapTemplate },
    parameters: {},
    tags: {},
    token: newToken(),
  };
  const id = await aws.stacks.create(input);
  const { stack: done, events } = await follow(id, undefined, watching);
  if (done === undefined || !isClean(done.status)) {
    const cause = await findCause(aws.stacks, id, events);
    throw new FxError('STACK_FAILED', `the artifact bucket could not be created: ${cause?.reason ?? done?.status}`);
  }
  return bucketOf(done.outputs);
}

function bucketOf(outputs: Readonly<Record<string, string>>): string {
  const bucket = outputs[output];
  if (bucket !== undefined) return bucket;
  throw new FxError('STACK_FOREIGN', `the stack ${bootstrapStackName} has no output ${output}: fx did not create it`);
}

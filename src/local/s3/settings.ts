// Bucket settings that are stored and returned (encryption, public access, policy, tags, lifecycle, ownership, CORS, website, logging),
// and versioning.

import { AwsError, type Operations } from '../cloud.ts';
import { onBucket, owner } from './members.ts';
import { findBucket, type S3State } from './state.ts';

// S3's error for each setting that was never set:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
const absent = {
  publicAccessBlock: ['NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'],
  policy: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
  tags: ['NoSuchTagSet', 'The TagSet does not exist'],
  lifecycle: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
  ownership: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  cors: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
  website: ['NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'],
} as const;
type Setting = keyof typeof absent | 'acceleration' | 'encryption' | 'logging';
type BucketInput = { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined };

export function settingOperations(state: S3State): Operations<'s3'> {
  const put = (input: BucketInput, setting: Setting, value: unknown) => {
    const bucket = findBucket(state, input);
    bucket.settings[setting] = value;
    state.buckets.set(bucket.name, bucket);
    return {};
  };
  const get = <T>(input: BucketInput, setting: keyof typeof absent): T => {
    const bucket = findBucket(state, input);
    const value = bucket.settings[setting] as T | undefined;
    if (value !== undefined) return value;
    const [code, message] = absent[setting];
    throw new AwsError(code, message, 404, { BucketName: bucket.name });
  };
  const remove = (input: BucketInput, setting: Setting) => {
    const bucket = findBucket(state, input);
    delete bucket.settings[setting];
    state.buckets.set(bucket.name, bucket);
    return {};
  };

  return {
    PutBucketVersioning: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'VersioningConfiguration'],
      authorize: onBucket,
      run(input) {
        const bucket = findBucket(state, input);
        const status = input.VersioningConfiguration?.Status;
        if (status !== 'Enabled' && status !== 'Suspended') {
          throw new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
        }
        state.buckets.set(bucket.name, { ...bucket, versioning: status });
        return {};
      },
    },
    GetBucketVersioning: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: onBucket,
      run(input) {
        const { versioning } = findBucket(state, input);
        return versioning === undefined ? {} : { Status: versioning };
      },
    },

    PutBucketEncryption: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'ServerSideEncryptionConfiguration'],
      authorize: { ...onBucket, action: 's3:PutEncryptionConfiguration' },
      run: (input) => put(input, 'encryption', input.ServerSideEncryptionConfiguration),
    },
    // buckets are encrypted with SSE-S3 by default:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    GetBucketEncryption: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:GetEncryptionConfiguration' },
      run: (input) => ({
        ServerSideEncryptionConfiguration: (findBucket(state, input).settings['encryption'] as never) ?? {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
        },
      }),
    },
    DeleteBucketEncryption: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:PutEncryptionConfiguration' },
      run: (input) => remove(input, 'encryption'),
    },

    PutPublicAccessBlock: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'PublicAccessBlockConfiguration'],
      authorize: { ...onBucket, action: 's3:PutBucketPublicAccessBlock' },
      run: (input) => put(input, 'publicAccessBlock', input.PublicAccessBlockConfiguration),
    },
    GetPublicAccessBlock: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:GetBucketPublicAccessBlock' },
      run: (input) => ({ PublicAccessBlockConfiguration: get(input, 'publicAccessBlock') }),
    },
    DeletePublicAccessBlock: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:PutBucketPublicAccessBlock' },
      run: (input) => remove(input, 'publicAccessBlock'),
    },

    PutBucketPolicy: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'Policy'],
      authorize: onBucket,
      run(input) {
        try {
          JSON.parse(input.Policy ?? '');
        } catch {
          throw new AwsError('MalformedPolicy', 'This policy contains invalid Json');
        }
        return put(input, 'policy', input.Policy);
      },
    },
    GetBucketPolicy: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: onBucket,
      run: (input) => ({ Policy: get(input, 'policy') }),
    },
    DeleteBucketPolicy: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: onBucket,
      run: (input) => remove(input, 'policy'),
    },

    PutBucketTagging: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'Tagging'],
      authorize: onBucket,
      run: (input) => put(input, 'tags', input.Tagging?.TagSet),
    },
    GetBucketTagging: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: onBucket,
      run: (input) => ({ TagSet: get(input, 'tags') }),
    },
    DeleteBucketTagging: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:PutBucketTagging' },
      run: (input) => remove(input, 'tags'),
    },

    PutBucketLifecycleConfiguration: {
      members: [...owner, 'ChecksumAlgorithm', 'LifecycleConfiguration'],
      authorize: { ...onBucket, action: 's3:PutLifecycleConfiguration' },
      run: (input) => put(input, 'lifecycle', input.LifecycleConfiguration?.Rules),
    },
    GetBucketLifecycleConfiguration: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:GetLifecycleConfiguration' },
      run: (input) => ({ Rules: get(input, 'lifecycle') }),
    },
    DeleteBucketLifecycle: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:PutLifecycleConfiguration' },
      run: (input) => remove(input, 'lifecycle'),
    },

    PutBucketOwnershipControls: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'OwnershipControls'],
      authorize: onBucket,
      run: (input) => put(input, 'ownership', input.OwnershipControls),
    },
    GetBucketOwnershipControls: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: onBucket,
      run: (input) => ({ OwnershipControls: get(input, 'ownership') }),
    },
    DeleteBucketOwnershipControls: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:PutBucketOwnershipControls' },
      run: (input) => remove(input, 'ownership'),
    },

    PutBucketCors: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'CORSConfiguration'],
      authorize: { ...onBucket, action: 's3:PutBucketCORS' },
      run: (input) => put(input, 'cors', input.CORSConfiguration?.CORSRules),
    },
    GetBucketCors: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:GetBucketCORS' },
      run: (input) => ({ CORSRules: get(input, 'cors') }),
    },
    DeleteBucketCors: {
      members: ['Bucket', 'ExpectedBucketOwner'],
      authorize: { ...onBucket, action: 's3:PutBucketCORS' },
      run: (input) => remove(input, 'cors'),
    },

    PutBucketWebsite: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'WebsiteConfiguration'],
      authorize: onBucket,
      run: (input) => put(input, 'website', input.WebsiteConfiguration),
    },
    GetBucketWebsite: {
      members: owner,
      authorize: onBucket,
      run: (input) => get(input, 'website'),
    },
    DeleteBucketWebsite: {
      members: owner,
      authorize: onBucket,
      run: (input) => remove(input, 'website'),
    },

    PutBucketAccelerateConfiguration: {
      members: [...owner, 'ChecksumAlgorithm', 'AccelerateConfiguration'],
      authorize: { ...onBucket, action: 's3:PutAccelerateConfiguration' },
      run: (input) => put(input, 'acceleration', input.AccelerateConfiguration?.Status),
    },
    GetBucketAccelerateConfiguration: {
      members: owner,
      authorize: { ...onBucket, action: 's3:GetAccelerateConfiguration' },
      run(input) {
        const Status = findBucket(state, input).settings['acceleration'] as never;
        return Status === undefined ? {} : { Status };
      },
    },

    PutBucketLogging: {
      members: [...owner, 'ContentMD5', 'ChecksumAlgorithm', 'BucketLoggingStatus'],
      authorize: onBucket,
      run(input) {
        const { LoggingEnabled } = input.BucketLoggingStatus ?? {};
        if (LoggingEnabled === undefined) return remove(input, 'logging');
        if (!state.buckets.has(LoggingEnabled.TargetBucket ?? '')) {
          const fields = { TargetBucket: LoggingEnabled.TargetBucket };
          throw new AwsError(
            'InvalidTargetBucketForLogging',
            'The target bucket for logging does not exist',
            400,
            fields,
          );
        }
        return put(input, 'logging', LoggingEnabled);
      },
    },
    GetBucketLogging: {
      members: owner,
      authorize: onBucket,
      run(input) {
        const LoggingEnabled = findBucket(state, input).settings['logging'] as never;
        return LoggingEnabled === undefined ? {} : { LoggingEnabled };
      },
    },
  };
}

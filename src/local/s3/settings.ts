// Bucket settings that are kept and given back: encryption, public access, policy, tags, lifecycle, ownership; and versioning.
import { AwsError, type Operations } from '../cloud.ts';
import { findBucket, type S3State } from './state.ts';

// What S3 answers when a setting was never made, by setting:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
const absent = {
  publicAccessBlock: ['NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'],
  policy: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
  tags: ['NoSuchTagSet', 'The TagSet does not exist'],
  lifecycle: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
  ownership: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  cors: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
} as const;
type Setting = keyof typeof absent | 'encryption';
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
    PutBucketVersioning(input) {
      const bucket = findBucket(state, input);
      const status = input.VersioningConfiguration?.Status;
      if (status !== 'Enabled' && status !== 'Suspended') {
        throw new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
      }
      state.buckets.set(bucket.name, { ...bucket, versioning: status });
      return {};
    },
    GetBucketVersioning(input) {
      const { versioning } = findBucket(state, input);
      return versioning === undefined ? {} : { Status: versioning };
    },

    PutBucketEncryption: (input) => put(input, 'encryption', input.ServerSideEncryptionConfiguration),
    // Every bucket is encrypted with SSE-S3 where nothing else was said:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    GetBucketEncryption: (input) => ({
      ServerSideEncryptionConfiguration: (findBucket(state, input).settings['encryption'] as never) ?? {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
      },
    }),
    DeleteBucketEncryption: (input) => remove(input, 'encryption'),

    PutPublicAccessBlock: (input) => put(input, 'publicAccessBlock', input.PublicAccessBlockConfiguration),
    GetPublicAccessBlock: (input) => ({ PublicAccessBlockConfiguration: get(input, 'publicAccessBlock') }),
    DeletePublicAccessBlock: (input) => remove(input, 'publicAccessBlock'),

    PutBucketPolicy(input) {
      try {
        JSON.parse(input.Policy ?? '');
      } catch {
        throw new AwsError('MalformedPolicy', 'This policy contains invalid Json');
      }
      return put(input, 'policy', input.Policy);
    },
    GetBucketPolicy: (input) => ({ Policy: get(input, 'policy') }),
    DeleteBucketPolicy: (input) => remove(input, 'policy'),

    PutBucketTagging: (input) => put(input, 'tags', input.Tagging?.TagSet),
    GetBucketTagging: (input) => ({ TagSet: get(input, 'tags') }),
    DeleteBucketTagging: (input) => remove(input, 'tags'),

    PutBucketLifecycleConfiguration: (input) => put(input, 'lifecycle', input.LifecycleConfiguration?.Rules),
    GetBucketLifecycleConfiguration: (input) => ({ Rules: get(input, 'lifecycle') }),
    DeleteBucketLifecycle: (input) => remove(input, 'lifecycle'),

    PutBucketOwnershipControls: (input) => put(input, 'ownership', input.OwnershipControls),
    GetBucketOwnershipControls: (input) => ({ OwnershipControls: get(input, 'ownership') }),
    DeleteBucketOwnershipControls: (input) => remove(input, 'ownership'),

    PutBucketCors: (input) => put(input, 'cors', input.CORSConfiguration?.CORSRules),
    GetBucketCors: (input) => ({ CORSRules: get(input, 'cors') }),
    DeleteBucketCors: (input) => remove(input, 'cors'),
  };
}

// Buckets: create, look up, delete.
// Name rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html

import { AwsError, type Operations } from '../cloud.ts';
import { onBucket, owner } from './members.ts';
import { findBucket, type S3State } from './state.ts';

export function bucketOperations(state: S3State): Operations<'s3'> {
  const { cloud, buckets } = state;
  return {
    CreateBucket: {
      members: ['Bucket', 'CreateBucketConfiguration'],
      authorize: onBucket,
      run(input) {
        const name = input.Bucket ?? '';
        if (!isBucketName(name)) {
          throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
        }
        const constraint = input.CreateBucketConfiguration?.LocationConstraint as string | undefined;
        // the one region that has no constraint: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
        if (constraint === 'us-east-1') {
          throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, {
            LocationConstraint: constraint,
          });
        }
        const region = constraint ?? 'us-east-1';
        if (region !== cloud.region) {
          throw new AwsError(
            'IllegalLocationConstraintException',
            region === 'us-east-1'
              ? 'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.'
              : `The ${region} location constraint is incompatible for the region specific endpoint this request was sent to.`,
          );
        }
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html#API_CreateBucket_Errors
        if (buckets.has(name) && region === 'us-east-1') return { Location: `/${name}` };
        if (buckets.has(name)) {
          throw new AwsError(
            'BucketAlreadyOwnedByYou',
            'Your previous request to create the named bucket succeeded and you already own it.',
            409,
            { BucketName: name },
          );
        }
        buckets.set(name, { name, region, created: cloud.now(), settings: {} });
        return { Location: region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/` };
      },
    },
    HeadBucket: {
      members: owner,
      authorize: { ...onBucket, action: 's3:ListBucket' },
      run(input) {
        const bucket = state.buckets.get(input.Bucket ?? '');
        if (bucket === undefined) throw new AwsError('NotFound', 'Not Found', 404);
        return { BucketRegion: findBucket(state, input).region };
      },
    },
    DeleteBucket: {
      members: owner,
      authorize: onBucket,
      run(input) {
        const bucket = findBucket(state, input);
        if (state.objects(bucket.name).size > 0) {
          const detail = bucket.versioning === undefined ? '' : ' You must delete all versions in the bucket.';
          throw new AwsError('BucketNotEmpty', `The bucket you tried to delete is not empty.${detail}`, 409, {
            BucketName: bucket.name,
          });
        }
        buckets.delete(bucket.name);
        return {};
      },
    },
    ListBuckets: {
      members: ['Prefix'],
      authorize: { action: 's3:ListAllMyBuckets' },
      run: (input) => ({
        Buckets: buckets
          .filter((bucket) => bucket.name.startsWith(input.Prefix ?? ''))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map((bucket) => ({
            Name: bucket.name,
            CreationDate: new Date(bucket.created),
            BucketRegion: bucket.region,
          })),
        Owner: { ID: cloud.accountId },
      }),
    },
    // us-east-1 has no constraint: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    GetBucketLocation: {
      members: owner,
      authorize: onBucket,
      run(input) {
        const { region } = findBucket(state, input);
        return region === 'us-east-1' ? {} : { LocationConstraint: region as never };
      },
    },
  };
}

function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}

// The bucket of an event: one of `resources` by logical id, one that exists by name or ARN, or one that fx makes.
import type { Problem } from '../base/error.ts';
import { isMap } from '../base/plain.ts';
import { converted, described, flag, integer, object, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { type EnvironmentNames, fitted, pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { isIntrinsic } from '../cfn/value-schema.ts';
import { makeKey, type Named, namedOrMade } from './_made.ts';
import type { FunctionReference, SourceContext, Use } from './source.ts';

export interface MadeBucket {
  /** The logical id; true if fx derives it from the function. */
  readonly make: true | string;
  readonly name?: string;
  readonly versioning?: boolean;
  /** Days. */
  readonly expiration?: number;
}

export type NamedBucket = Named<MadeBucket>;

const bucketType = 'AWS::S3::Bucket';
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const longestBucketName = 63;
const accountDigits = 12;

const madeBucket: Schema<MadeBucket> = converted(
  object({
    required: {
      make: makeKey(
        'true, or the logical id of the bucket. Other functions, resources and permissions refer to it.',
        'Uploads',
      ),
    },
    optional: {
      name: described(
        'The part of its name after the project and the environment; the account and the region follow. Without it, the logical id.',
        text({ pattern: /^[a-z0-9-]{1,40}$/, expected: 'lower-case letters, digits and -' }),
        { examples: ['uploads'] },
      ),
      versioning: described('Keeps the versions of objects that are replaced or deleted.', flag, { default: false }),
      expiration: described('Days after which S3 deletes an object.', integer({ least: 1, most: 2_147_483_647 }), {
        examples: [30],
      }),
    },
    elsewhere: { bucketName: 'name', versioningConfiguration: 'versioning' },
  }),
  (value) => ({ value }),
);

export const namedBucket: Schema<NamedBucket> = namedOrMade('a bucket', madeBucket, {
  about:
    'The logical id of a bucket under resources or that another event makes, the name or ARN of one that exists, or {make: …} for one that fx makes.',
  example: 'Uploads',
});

/** The logical id of a bucket of the template; undefined for one that exists. */
export function bucketId(bucket: NamedBucket, to: FunctionReference): string | undefined {
  if (bucket.kind === 'made') return bucket.made.make === true ? to.id('Bucket') : bucket.made.make;
  const { named } = bucket;
  // names of buckets have no capital letters; logical ids seldom have none
  return typeof named === 'string' && /^[A-Za-z0-9]*[A-Z][A-Za-z0-9]*$/.test(named) ? named : undefined;
}

/** The name of a bucket that exists: text or an intrinsic. */
export function existingName(bucket: NamedBucket): Value | undefined {
  if (bucket.kind === 'made') return undefined;
  const { named } = bucket;
  return typeof named === 'string' ? named.replace(/^arn:[^:]+:s3:::/, '') : nameOfArn(named);
}

function nameOfArn(arn: Value): Value {
  return { 'Fn::Select': [5, { 'Fn::Split': [':', arn] }] };
}

/** Derived from the bucket alone, so that a new event renames no other. */
export function bucketIdPart(bucket: NamedBucket, to: FunctionReference): string {
  const id = bucketId(bucket, to);
  if (bucket.kind === 'made' && bucket.made.make === true) return 'Bucket';
  if (id !== undefined) return id;
  const name = existingName(bucket);
  return typeof name === 'string' ? pascalCase(name) : 'Bucket';
}

export function describedBucket(bucket: NamedBucket): string {
  if (bucket.kind === 'made') return bucket.made.make === true ? 'its own bucket' : bucket.made.make;
  return typeof bucket.named === 'string' ? bucket.named : JSON.stringify(bucket.named);
}

/** The buckets that the entries make, by logical id: other entries may name them. */
export function madeBuckets(uses: readonly Use<{ readonly bucket: NamedBucket }>[]): ReadonlyMap<string, MadeBucket> {
  return new Map(
    uses.flatMap(({ function: to, config: { bucket } }): [string, MadeBucket][] =>
      bucket.kind === 'made' ? [[bucketId(bucket, to) ?? '', bucket.made]] : [],
    ),
  );
}

/** The bucket of the template with its properties. */
export function bucketResource(
  id: string,
  made: ReadonlyMap<string, MadeBucket>,
  { resources, names }: Pick<SourceContext, 'resources' | 'names'>,
): Resource | undefined {
  const own = made.get(id);
  return own === undefined ? resources.get(id) : bucketPart(id, own, names).resources?.[id];
}

/** The bucket, private, and the output of its name. The name is known, so that what the bucket depends on can refer to it. */
export function bucketPart(id: string, made: MadeBucket, names: EnvironmentNames): Part {
  const front = `${names.project}-${names.environment}-${made.name ?? id}`.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  // buckets of all regions have one namespace
  const room = longestBucketName - accountDigits - names.region.length - 2;
  const { versioning, expiration } = made;
  return {
    resources: {
      [id]: {
        Type: bucketType,
        Properties: {
          BucketName: sub(`${fitted(front, room)}-\${AWS::AccountId}-${names.region}`),
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          ...(versioning ? { VersioningConfiguration: { Status: 'Enabled' } } : {}),
          ...(expiration === undefined
            ? {}
            : { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: expiration }] } }),
        },
      },
    },
    outputs: { [`${id}Name`]: { Description: `The bucket ${id}`, Value: ref(id) } },
  };
}

/** What references to the bucket return, as far as its properties tell. */
export function knownValues(bucket: Resource): Readonly<Record<string, Value>> {
  const name = bucket.Properties?.['BucketName'];
  if (name === undefined || !isText(name)) return {};
  return { Ref: name, Arn: arnOfName(name) };
}

/** Text, or a Fn::Sub of text. */
function isText(name: Value): boolean {
  return typeof name === 'string' || (isMap(name) && typeof name['Fn::Sub'] === 'string');
}

function arnOfName(name: Value): Value {
  const front = 'arn:${AWS::Partition}:s3:::';
  if (typeof name === 'string') return sub(`${front}${name}`);
  const inner = isMap(name) ? name['Fn::Sub'] : undefined;
  if (typeof inner === 'string') return sub(`${front}${inner}`);
  return { 'Fn::Sub': [`${front}\${Bucket}`, { Bucket: name }] };
}

/** The ARN without a reference to the bucket: its notification needs the permission first. A name that CloudFormation makes is known but for
 * its end. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html */
export function arnForPermission(id: string, bucket: Resource, stackName: string): Value {
  const name = bucket.Properties?.['BucketName'];
  if (name !== undefined) return arnOfName(name);
  const front = `${stackName}-${id}-`.toLowerCase();
  // CloudFormation shortens a name that would be too long, in a way that is not documented
  const isWhole = front.length + accountDigits <= longestBucketName;
  return sub(`arn:\${AWS::Partition}:s3:::${isWhole ? front : ''}*`);
}

export const bucketArn = (id: string): Value => arnOf(id, bucketType);

/** A bucket that is not there, or whose notifications cannot be added to. */
export function checkBucket(
  { function: to, config: { bucket }, at }: Use<{ readonly bucket: NamedBucket }>,
  made: ReadonlyMap<string, MadeBucket>,
  { resources }: SourceContext,
): Problem[] {
  if (bucket.kind === 'made') return [];
  const id = bucketId(bucket, to) ?? String(bucket.named);
  if (made.has(id)) return [];
  const resource = resources.get(id);
  if (resource !== undefined && resource.Type !== bucketType) {
    return [{ at, message: `"${id}" is ${resource.Type}, not ${bucketType}` }];
  }
  if (resource !== undefined) {
    const written = resource.Properties?.['NotificationConfiguration'];
    if (written === undefined || (isMap(written) && !isIntrinsic(written as Value))) return [];
    const message = `fx cannot add to the NotificationConfiguration of "${id}", which is not a map`;
    return [{ at, message, hint: 'write a map there, with intrinsics inside' }];
  }
  const { named } = bucket;
  if (typeof named !== 'string') return [];
  if (bucketId(bucket, to) !== undefined) {
    const suggestion = nearest(id, [...resources.keys(), ...made.keys()]);
    const hint =
      suggestion === undefined ? `let fx make it: s3: {bucket: {make: ${id}}}` : `did you mean "${suggestion}"?`;
    return [{ at, message: `there is no bucket "${id}" under resources`, hint }];
  }
  if (/^(arn:[^:]+:s3:::)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(named)) return [];
  return [{ at, message: `"${named}" is not the logical id, name or ARN of a bucket` }];
}

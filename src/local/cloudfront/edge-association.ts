// What CloudFront demands of a function before it associates it with a behavior.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
import type { CacheBehavior, DefaultCacheBehavior, LambdaFunctionAssociation } from '@aws-sdk/client-cloudfront';
import { AwsError, type Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { trusts } from '../role-trust.ts';

export type Behavior = DefaultCacheBehavior | CacheBehavior;

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge
const most = {
  viewer: { memory: 128, timeout: 5 },
  origin: { memory: 10_240, timeout: 30 },
} as const;

const refused = (message: string) => new AwsError('InvalidLambdaFunctionAssociation', message);

export async function checkAssociations(cloud: Cloud, behavior: Behavior): Promise<void> {
  const associations = behavior.LambdaFunctionAssociations?.Items ?? [];
  const moments = associations.map(({ EventType }) => EventType ?? '');
  if (new Set(moments).size < moments.length) {
    throw refused('A cache behavior can have only one function for each event type.');
  }
  const hasFunctions = (behavior.FunctionAssociations?.Quantity ?? 0) > 0;
  if (hasFunctions && moments.some((moment) => moment.startsWith('viewer'))) {
    throw refused(
      'A cache behavior cannot have both CloudFront Functions and Lambda@Edge functions for viewer events.',
    );
  }
  for (const association of associations) await check(cloud, association);
}

async function check(
  cloud: Cloud,
  { EventType = 'viewer-request', LambdaFunctionARN: arn = '', IncludeBody }: LambdaFunctionAssociation,
): Promise<void> {
  const [, , , region, , , , qualifier = ''] = arn.split(':');
  if (region !== 'us-east-1') throw refused(`The function must be in region 'us-east-1'. Function: ${arn}`);
  if (!/^\d+$/.test(qualifier)) {
    throw refused(
      `The function ARN must reference a specific function version. (The ARN must end with the version number.) ARN: ${arn}`,
    );
  }
  if (IncludeBody === true && EventType.endsWith('-response')) {
    throw refused(`The include body option is for request events only. Event type: ${EventType}`);
  }
  if (cloud.region !== region) throw notImplemented('cloudfront: Lambda@Edge for a distribution of another region');
  const found = await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: arn }).catch((error) => {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  });
  if (found === undefined) throw refused(`Lambda can't find the function. Function: ${arn}`);
  const { memory, timeout } = most[EventType.startsWith('viewer') ? 'viewer' : 'origin'];
  const fact = (is: boolean | undefined, text: string) => {
    if (is === true) throw refused(`${text} Function: ${arn}`);
  };
  const larger = 'is larger than the maximum allowed';
  const called = 'for functions that are triggered by a CloudFront event:';
  fact(
    (found.MemorySize ?? 0) > memory,
    `The function memory size ${larger} size ${called} ${found.MemorySize} Max allowed size: ${memory}`,
  );
  fact(
    (found.Timeout ?? 0) > timeout,
    `The function timeout ${larger} timeout ${called} ${found.Timeout} Max allowed timeout: ${timeout}`,
  );
  fact(
    found.PackageType === 'Image' || !/^(nodejs|python)/.test(found.Runtime ?? ''),
    'The function runtime is not supported.',
  );
  fact(found.Architectures?.[0] === 'arm64', 'The function must use the x86_64 architecture.');
  fact(Object.keys(found.Environment?.Variables ?? {}).length > 0, 'The function cannot have environment variables.');
  fact((found.Layers?.length ?? 0) > 0, 'The function cannot have layers.');
  fact((found.VpcConfig?.SubnetIds?.length ?? 0) > 0, 'The function cannot have a VPC configuration.');
  fact(found.DeadLetterConfig?.TargetArn !== undefined, 'The function cannot have a dead letter queue.');
  fact(found.TracingConfig?.Mode === 'Active', 'The function cannot use X-Ray.');
  fact((found.EphemeralStorage?.Size ?? 512) > 512, 'The function cannot have more than 512 MB of ephemeral storage.');
  const role = found.Role ?? '';
  const isTrusted =
    (await trusts(cloud, role, 'lambda.amazonaws.com')) && (await trusts(cloud, role, 'edgelambda.amazonaws.com'));
  if (isTrusted) return;
  throw refused(
    `The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com principals. Update the IAM role and try again. Role: ${role}`,
  );
}

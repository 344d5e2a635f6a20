// AWS regions, by partition. test/referee compares them with botocore's endpoints.json and cfn-lint's schemas.
const partitions: Readonly<Record<string, string>> = {
  aws: 'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2',
  'aws-cn': 'cn-north-1 cn-northwest-1',
  'aws-us-gov': 'us-gov-east-1 us-gov-west-1',
  'aws-eusc': 'eusc-de-east-1',
  'aws-iso': 'us-iso-east-1 us-iso-west-1',
  'aws-iso-b': 'us-isob-east-1 us-isob-west-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-east-1 us-isof-south-1',
};

export const regions: readonly string[] = Object.values(partitions).flatMap((names) => names.split(' '));

/** Regions that every account has. Those that launched after March 20, 2019 are opt-in.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html */
const enabledByDefault = new Set(
  'ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1'.split(
    ' ',
  ),
);

/** As whom SNS delivers from a topic's region to another; undefined if AWS does not deliver to a function there. */
export function topicPrincipal(
  topic: string,
  subscriber: string,
  protocol: 'lambda' | 'sqs',
): `${string}.amazonaws.com` | undefined {
  if (topic === subscriber) return 'sns.amazonaws.com';
  const [from, to] = [enabledByDefault.has(topic), enabledByDefault.has(subscriber)];
  if (from && to) return 'sns.amazonaws.com';
  if (!from && to) return `sns.${topic}.amazonaws.com`;
  // https://docs.aws.amazon.com/sns/latest/dg/lambda-prereq.html
  return protocol === 'lambda' || !from ? undefined : `sns.${subscriber}.amazonaws.com`;
}

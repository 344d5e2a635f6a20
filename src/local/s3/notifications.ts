// The notification configuration of a bucket. S3 accepts only destinations whose policies let it send, and tells queues and topics so.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
import { AwsError, type Cloud, type Operations, type Request } from '../cloud.ts';
import { targetKind } from '../deliver.ts';
import { onBucket, owner } from './members.ts';
import {
  invalidArgument,
  malformed,
  type NotificationRule,
  readNotifications,
  shownNotifications,
} from './notification-rules.ts';
import { s3Sender } from './notify.ts';
import { type Bucket, findBucket, type S3State } from './state.ts';

export function notificationOperations(state: S3State): Operations<'s3'> {
  return {
    PutBucketNotificationConfiguration: {
      members: [...owner, 'NotificationConfiguration', 'SkipDestinationValidation'],
      authorize: { ...onBucket, action: 's3:PutBucketNotification' },
      async run(input, request) {
        const bucket = findBucket(state, input);
        if (input.NotificationConfiguration === undefined) throw malformed();
        const notifications = readNotifications(input.NotificationConfiguration);
        const cloud = await state.cloud.inRegion(bucket.region);
        for (const rule of notifications.rules) checkRegion(rule, bucket);
        if (!input.SkipDestinationValidation) await checkDestinations(cloud, bucket, notifications.rules, request);
        state.buckets.set(bucket.name, { ...findBucket(state, input), notifications });
        return {};
      },
    },
    GetBucketNotificationConfiguration: {
      members: owner,
      authorize: { ...onBucket, action: 's3:GetBucketNotification' },
      run(input) {
        const { notifications } = findBucket(state, input);
        return notifications === undefined ? {} : shownNotifications(notifications);
      },
    },
  };
}

function checkRegion({ kind, arn }: NotificationRule, { region }: Bucket): void {
  if (arn.split(':')[3] === region) return;
  throw invalidArgument('The notification destination service region is not valid for the bucket location constraint', {
    ArgumentName: kind,
    ArgumentValue: arn,
  });
}

/** All destinations that cannot receive, in one error. */
async function checkDestinations(
  cloud: Cloud,
  bucket: Bucket,
  rules: readonly NotificationRule[],
  request: Request,
): Promise<void> {
  const fields: Record<string, string> = {};
  let count = 0;
  for (const arn of new Set(rules.map((rule) => rule.arn))) {
    const problem = await destinationProblem(cloud, bucket, arn, request);
    if (problem === undefined) continue;
    count += 1;
    fields[`ArgumentName${count}`] = arn.includes(':lambda:') ? `${arn}, null` : arn;
    fields[`ArgumentValue${count}`] = problem;
  }
  if (count > 0) throw invalidArgument('Unable to validate the following destination configurations', fields);
}

async function destinationProblem(
  cloud: Cloud,
  bucket: Bucket,
  arn: string,
  request: Request,
): Promise<string | undefined> {
  const sender = s3Sender(bucket.name);
  try {
    if (arn.includes(':lambda:')) {
      await cloud.call('lambda', 'Invoke', { FunctionName: arn, InvocationType: 'DryRun' }, sender);
      return undefined;
    }
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html#supported-notification-destinations
    if (arn.endsWith('.fifo')) {
      return `FIFO ${arn.includes(':sqs:') ? 'queues' : 'topics'} are not supported as a destination`;
    }
    const kind = targetKind(cloud, arn);
    if (kind === undefined) return missing(arn);
    await kind.send(cloud, arn, { body: testEvent(cloud, bucket, request), subject: 'Amazon S3 Notification' }, sender);
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (arn.includes(':lambda:')) return `Not authorized to invoke function [${arn}]`;
    if (/NotFound|DoesNotExist|NonExistent/.test(error.code)) return missing(arn);
    return `Permissions on the destination ${noun(arn)} do not allow S3 to publish notifications from this bucket`;
  }
}

const noun = (arn: string) => (arn.includes(':sqs:') ? 'queue' : 'topic');
const missing = (arn: string) => `The destination ${noun(arn)} does not exist`;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
function testEvent(cloud: Cloud, bucket: Bucket, { requestId }: Request): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(cloud.now()).toISOString(),
    Bucket: bucket.name,
    RequestId: requestId,
    HostId: Buffer.from(requestId).toString('base64'),
  });
}

// Unpacks what CloudWatch Logs sends, and says what is wrong.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
import { gunzipSync } from 'node:zlib';

interface Subscribed {
  readonly awslogs: { readonly data: string };
}

interface Logs {
  readonly logGroup: string;
  readonly logEvents: readonly { readonly message: string }[];
}

export const handler = async ({ awslogs }: Subscribed) => {
  const { logGroup, logEvents } = JSON.parse(gunzipSync(Buffer.from(awslogs.data, 'base64')).toString()) as Logs;
  for (const { message } of logEvents) {
    console.log(`${logGroup}: ${(JSON.parse(message) as { readonly message: string }).message}`);
  }
};

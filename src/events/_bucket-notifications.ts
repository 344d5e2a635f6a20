// The notifications that the user wrote at a bucket, as far as they are not intrinsics.
import { isMap } from '../base/plain.ts';
import { type BucketNotification, decodedFilter } from '../cfn/bucket-events.ts';
import type { Resource } from '../cfn/resource.ts';

const lists = { LambdaConfigurations: 'a function', QueueConfigurations: 'a queue', TopicConfigurations: 'a topic' };

export function writtenNotifications(
  bucket: Resource | undefined,
): readonly (BucketNotification & { readonly of: string })[] {
  const written = bucket?.Properties?.['NotificationConfiguration'];
  if (!isMap(written)) return [];
  return Object.entries(lists).flatMap(([list, what]) => {
    const entries = written[list];
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((entry: unknown) => {
      if (!isMap(entry) || typeof entry['Event'] !== 'string') return [];
      const { prefix, suffix } = filterOf(entry);
      return [{ events: [entry['Event']], prefix, suffix, of: `${what} in its NotificationConfiguration` }];
    });
  });
}

function filterOf(entry: Readonly<Record<string, unknown>>) {
  const read: { prefix?: string; suffix?: string } = {};
  const key = isMap(entry['Filter']) ? entry['Filter']['S3Key'] : undefined;
  const rules = isMap(key) ? key['Rules'] : undefined;
  for (const rule of Array.isArray(rules) ? rules : []) {
    if (!isMap(rule) || typeof rule['Name'] !== 'string' || typeof rule['Value'] !== 'string') continue;
    const name = rule['Name'].toLowerCase();
    if (name === 'prefix' || name === 'suffix') read[name] = decodedFilter(rule['Value']);
  }
  return read;
}

// The events of S3 buckets by name, and whether two notifications of a bucket overlap, which S3 refuses.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html#supported-notification-event-types
const groups: Readonly<Record<string, readonly string[]>> = {
  LifecycleExpiration: ['Delete', 'DeleteMarkerCreated'],
  ObjectAnnotation: ['Put', 'Delete'],
  ObjectCreated: ['Put', 'Post', 'Copy', 'CompleteMultipartUpload'],
  ObjectRemoved: ['Delete', 'DeleteMarkerCreated'],
  ObjectRestore: ['Post', 'Completed', 'Delete'],
  ObjectTagging: ['Put', 'Delete'],
  Replication: [
    'OperationFailedReplication',
    'OperationNotTracked',
    'OperationMissedThreshold',
    'OperationReplicatedAfterThreshold',
  ],
};
const single = [
  'IntelligentTiering',
  'LifecycleTransition',
  'ObjectAcl:Put',
  'ObjectRetention:Put',
  'ReducedRedundancyLostObject',
];

/** Every name that a notification may have, such as `s3:ObjectCreated:*`, with the events that it stands for. */
export const bucketEvents: ReadonlyMap<string, readonly string[]> = new Map([
  ...single.map((name): [string, readonly string[]] => [`s3:${name}`, [`s3:${name}`]]),
  ...Object.entries(groups).flatMap(([group, members]): [string, readonly string[]][] => {
    const names = members.map((member) => `s3:${group}:${member}`);
    return [[`s3:${group}:*`, names], ...names.map((name): [string, readonly string[]] => [name, [name]])];
  }),
]);

export interface KeyFilter {
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
}

export interface BucketNotification extends KeyFilter {
  /** Keys of `bucketEvents`. */
  readonly events: readonly string[];
}

/** An event that both are about, for some key. */
export function overlapOf(one: BucketNotification, other: BucketNotification): string | undefined {
  if (!keysOverlap(one, other)) return undefined;
  const events = namedEvents(one.events);
  return namedEvents(other.events).find((event) => events.includes(event));
}

export function namedEvents(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => bucketEvents.get(name) ?? []);
}

/** As S3 sees it: by the prefixes and suffixes alone, even if no key has both. */
function keysOverlap(one: KeyFilter, other: KeyFilter): boolean {
  const [a = '', b = ''] = [one.prefix, other.prefix];
  const [c = '', d = ''] = [one.suffix, other.suffix];
  return (a.startsWith(b) || b.startsWith(a)) && (c.endsWith(d) || d.endsWith(c));
}

/** A prefix or suffix as S3 takes it. Of the characters that S3 lists as safe, `*` stands for nothing in a filter.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
export function encodedFilter(text: string): string {
  return encodeURIComponent(text).replace(/~/g, '%7E').replace(/%20/g, '+').replace(/%2F/g, '/');
}

export function decodedFilter(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}

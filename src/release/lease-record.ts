// A lease as an object in the bucket.

export interface LeaseRecord {
  /** Of this holder. */
  readonly id: string;
  /** Counts the writes, so that no two are equal. */
  readonly renewal: number;
  /** The ARN of the caller. */
  readonly who: string;
  /** `fx deploy --env prod`. */
  readonly command: string;
  readonly fx: string;
  /** ISO 8601. */
  readonly began: string;
  /** Where `pid` means something. */
  readonly space: string;
  readonly pid: number;
  /** Who asks the holder to give up. */
  readonly asked?: Pick<LeaseRecord, 'who' | 'command' | 'fx'>;
}

export function leaseText(record: LeaseRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** Undefined if it is not a lease: cut off, or written by something else. Such an object holds nothing. */
export function readLease(body: Buffer): LeaseRecord | undefined {
  try {
    const read = JSON.parse(body.toString('utf8')) as Partial<LeaseRecord> | null;
    if (typeof read?.id !== 'string' || typeof read.renewal !== 'number') return undefined;
    const { who = 'somebody', command = 'fx', fx = '', began = '', space = '', pid = 0 } = read;
    return { ...read, id: read.id, renewal: read.renewal, who, command, fx, began, space, pid };
  } catch {
    return undefined;
  }
}

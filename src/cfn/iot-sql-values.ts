// What expressions of IoT's SQL work on.

export interface Message {
  readonly topic: string;
  readonly raw: Buffer;
  /** The payload, if it is JSON. */
  readonly payload: unknown;
  readonly timestamp: number;
  readonly clientId: string;
  readonly accountId: string;
  readonly traceId: string;
}

/** Undefined is the SQL's own value Undefined. */
export type Expression = (message: Message) => unknown;

/** As IoT writes a value into a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value);
}

// An event as a function receives it.
export interface Sample<Event = unknown> {
  readonly about: string;
  /** Where AWS documents the shape. */
  readonly aws: `https://docs.aws.amazon.com/${string}`;
  readonly event: Event;
}

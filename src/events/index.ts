// The table of event sources. One row a source; schema, checks, compilation and docs follow from it.
import { http } from './http.ts';
import { schedule } from './schedule.ts';
import type { EventSource } from './source.ts';
import { sqs } from './sqs.ts';

// biome-ignore lint/suspicious/noExplicitAny: each row has a configuration type of its own
const rows = <T extends { readonly [K in keyof T]: EventSource<K & string, any> }>(table: T): T => table;

export const eventSources = rows({ http, schedule, sqs });
export type EventKind = keyof typeof eventSources;

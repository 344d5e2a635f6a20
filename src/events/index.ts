// The table of event sources, one row per source: schema, checks, compilation and docs follow from it.
import type { Span } from '../base/error.ts';
import { alb } from './alb.ts';
import { alexa } from './alexa.ts';
import { alexaSmartHome } from './alexaSmartHome.ts';
import { cognito } from './cognito.ts';
import { documentdb } from './documentdb.ts';
import { dynamodb } from './dynamodb.ts';
import { edge } from './edge.ts';
import { eventbridge } from './eventbridge.ts';
import { http } from './http.ts';
import { iot } from './iot.ts';
import { kafka } from './kafka.ts';
import { kinesis } from './kinesis.ts';
import { logs } from './logs.ts';
import { mq } from './mq.ts';
import { msk } from './msk.ts';
import { permission } from './permission.ts';
import { pipe } from './pipe.ts';
import { rest } from './rest.ts';
import { s3 } from './s3.ts';
import { schedule } from './schedule.ts';
import { sns } from './sns.ts';
import type { EventSource } from './source.ts';
import { sqs } from './sqs.ts';
import { websocket } from './websocket.ts';

/** A table of event sources: the built-in one, or an extended one. */
// biome-ignore lint/suspicious/noExplicitAny: each row has its own type of configuration
export type EventSources = { readonly [kind: string]: EventSource<string, any, any> };

// biome-ignore lint/suspicious/noExplicitAny: each row has its own type of configuration
const rows = <T extends { readonly [K in keyof T]: EventSource<K & string, any, any> }>(table: T): T => table;

export const eventSources = rows({
  alb,
  alexa,
  alexaSmartHome,
  cognito,
  documentdb,
  dynamodb,
  edge,
  eventbridge,
  http,
  iot,
  kafka,
  kinesis,
  logs,
  mq,
  msk,
  permission,
  pipe,
  rest,
  s3,
  schedule,
  sns,
  sqs,
  websocket,
});

type ConfigOf<S> = S extends EventSource<string, infer C, infer _> ? C : never;

/** One entry under `events`, with the configuration of its kind. */
export type EventEntry<R extends EventSources = typeof eventSources> = {
  [K in keyof R & string]: { readonly kind: K; readonly config: ConfigOf<R[K]>; readonly at: Span };
}[keyof R & string];

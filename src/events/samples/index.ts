// The table of sample events, by the name that `fx events` takes: the source's key in project.yml, and a variant.

import type { Sample } from './_sample.ts';
import { alb } from './alb.ts';
import { documentdb } from './documentdb.ts';
import { dynamodb } from './dynamodb.ts';
import { edge, edgeOriginResponse } from './edge.ts';
import { eventbridge } from './eventbridge.ts';
import { http, url } from './http.ts';
import { kafka, msk } from './kafka.ts';
import { kinesis } from './kinesis.ts';
import { mq, mqRabbit } from './mq.ts';
import { pipe } from './pipe.ts';
import { rest } from './rest.ts';
import { schedule, scheduleRule } from './schedule.ts';
import { sns } from './sns.ts';
import { sqs, sqsFifo } from './sqs.ts';
import { websocket, websocketConnect, websocketDisconnect } from './websocket.ts';

export const samples: Readonly<Record<string, Sample>> = {
  alb,
  documentdb,
  dynamodb,
  edge,
  'edge-origin-response': edgeOriginResponse,
  eventbridge,
  http,
  kafka,
  kinesis,
  mq,
  'mq-rabbitmq': mqRabbit,
  msk,
  pipe,
  rest,
  schedule,
  'schedule-rule': scheduleRule,
  sns,
  sqs,
  'sqs-fifo': sqsFifo,
  url,
  websocket,
  'websocket-connect': websocketConnect,
  'websocket-disconnect': websocketDisconnect,
};

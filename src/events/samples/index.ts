// The table of sample events, by the name that `fx events` takes: the source's key in project.yml, and a variant.

import { FxError } from '../../base/error.ts';
import { nearest } from '../../base/suggest.ts';
import type { Sample } from './_sample.ts';
import { alb } from './alb.ts';
import { triggerSamples } from './cognito.ts';
import { alexa, alexaSmartHome, iot } from './devices.ts';
import { documentdb } from './documentdb.ts';
import { dynamodb } from './dynamodb.ts';
import { edge, edgeOriginResponse } from './edge.ts';
import { eventbridge } from './eventbridge.ts';
import { http, url } from './http.ts';
import { kafka, msk } from './kafka.ts';
import { kinesis } from './kinesis.ts';
import { logs } from './logs.ts';
import { mq, mqRabbit } from './mq.ts';
import { alarm, config, s3Batch, ses } from './permission.ts';
import { pipe } from './pipe.ts';
import { rest } from './rest.ts';
import { s3, s3Rule } from './s3.ts';
import { schedule, scheduleRule } from './schedule.ts';
import { sns } from './sns.ts';
import { sqs, sqsFifo } from './sqs.ts';
import { websocket, websocketConnect, websocketDisconnect } from './websocket.ts';

export const samples: Readonly<Record<string, Sample>> = {
  alb,
  alexa,
  alexaSmartHome,
  ...Object.fromEntries(Object.entries(triggerSamples).map(([trigger, sample]) => [`cognito-${trigger}`, sample])),
  documentdb,
  dynamodb,
  edge,
  'edge-origin-response': edgeOriginResponse,
  eventbridge,
  http,
  iot,
  kafka,
  kinesis,
  logs,
  mq,
  'mq-rabbitmq': mqRabbit,
  msk,
  'permission-alarm': alarm,
  'permission-config': config,
  'permission-s3-batch': s3Batch,
  'permission-ses': ses,
  pipe,
  rest,
  s3,
  's3-rule': s3Rule,
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

/** Throws USAGE, with the nearest name, if there is none. */
export function sampleNamed(name: string): Sample {
  const sample = Object.hasOwn(samples, name) ? samples[name] : undefined;
  if (sample !== undefined) return sample;
  const suggestion = nearest(name, Object.keys(samples));
  throw new FxError('USAGE', `there is no sample event "${name}"`, {
    hint: suggestion === undefined ? 'fx events lists the names' : `did you mean "${suggestion}"?`,
  });
}

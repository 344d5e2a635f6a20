// The table of the Serverless Framework's events, one row for each.
import { alb } from './alb.ts';
import { s3 } from './buckets.ts';
import { cloudFront } from './edge.ts';
import { httpApi } from './http-api.ts';
import { alexaSkill, alexaSmartHome, cloudwatchLog, cognitoUserPool, iot } from './others.ts';
import { activemq, documentDb, kafka, msk, rabbitmq, sns, sqs, stream } from './queues.ts';
import { http } from './rest.ts';
import type { EventRule } from './rule.ts';
import { cloudwatchEvent, eventBridge, schedule } from './schedules.ts';
import { websocket } from './websocket.ts';

/** https://www.serverless.com/framework/docs/providers/aws/guide/events */
export const eventRules: Readonly<Record<string, EventRule>> = {
  http,
  httpApi,
  websocket,
  alb,
  schedule,
  eventBridge,
  cloudwatchEvent,
  cloudwatchLog,
  s3,
  sns,
  sqs,
  stream,
  kafka,
  msk,
  activemq,
  rabbitmq,
  documentDb,
  iot,
  cognitoUserPool,
  alexaSkill,
  alexaSmartHome,
  cloudFront,
};

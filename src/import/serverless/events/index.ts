// The table of the Serverless Framework's events, one row for each.
import { alb, http, httpApi, websocket } from './apis.ts';
import {
  alexaSkill,
  alexaSmartHome,
  cloudFront,
  cloudwatchEvent,
  cloudwatchLog,
  cognitoUserPool,
  eventBridge,
  iot,
  s3,
  schedule,
} from './others.ts';
import { activemq, documentDb, kafka, msk, rabbitmq, sns, sqs, stream } from './queues.ts';
import type { EventRule } from './rule.ts';

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

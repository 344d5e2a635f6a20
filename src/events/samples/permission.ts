// Samples of callers that `permission` lets in: alarms, Config, SES, S3 Batch Operations, Connect, and others.
import type { CloudWatchAlarmEvent, S3BatchEvent, SESEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const alarm: Sample<CloudWatchAlarmEvent> = {
  about: 'an alarm of CloudWatch that changed its state',
  aws: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html',
  event: {
    source: 'aws.cloudwatch',
    alarmArn: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:shop-errors',
    accountId: '111122223333',
    time: '2026-11-29T09:53:20.123+0000',
    region: 'us-east-1',
    alarmData: {
      alarmName: 'shop-errors',
      state: {
        value: 'ALARM',
        reason: 'Threshold Crossed: 1 datapoint [3.0 (29/11/26 09:52:00)] was greater than the threshold (1.0).',
        timestamp: '2026-11-29T09:53:20.123+0000',
      },
      previousState: {
        value: 'OK',
        reason: 'Threshold Crossed: no datapoints were received for 1 period.',
        timestamp: '2026-11-29T09:43:20.123+0000',
      },
      configuration: {
        metrics: [
          {
            id: 'm1',
            metricStat: {
              metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'shop-prod-orders' } },
              period: 60,
              stat: 'Sum',
            },
            returnData: true,
          },
        ],
      },
    },
  },
};

export const config: Sample = {
  about: 'a change of a resource, for a rule of AWS Config',
  aws: 'https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html',
  event: {
    invokingEvent:
      '{"configurationItem":{"configurationItemCaptureTime":"2026-11-29T09:53:20.123Z","awsAccountId":"111122223333","configurationItemStatus":"OK","resourceId":"shop-uploads","resourceType":"AWS::S3::Bucket","configuration":{}},"messageType":"ConfigurationItemChangeNotification"}',
    ruleParameters: '{"tag":"owner"}',
    resultToken: 'myResultToken',
    eventLeftScope: false,
    executionRoleArn: 'arn:aws:iam::111122223333:role/config-role',
    configRuleArn: 'arn:aws:config:us-east-1:111122223333:config-rule/config-rule-0123456',
    configRuleName: 'has-owner',
    configRuleId: 'config-rule-0123456',
    accountId: '111122223333',
    version: '1.0',
  },
};

export const ses: Sample<SESEvent> = {
  about: 'an email that SES received',
  aws: 'https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html',
  event: {
    Records: [
      {
        eventSource: 'aws:ses',
        eventVersion: '1.0',
        ses: {
          mail: {
            timestamp: '2026-11-29T09:53:20.123Z',
            source: 'ann@example.com',
            messageId: 'd6iitobk75ur44p8kdnnp7g2n800',
            destination: ['orders@shop.example.com'],
            headersTruncated: false,
            headers: [{ name: 'Subject', value: 'An order' }],
            commonHeaders: {
              returnPath: 'ann@example.com',
              from: ['Ann <ann@example.com>'],
              date: 'Sun, 29 Nov 2026 09:53:19 +0000',
              to: ['orders@shop.example.com'],
              messageId: '<0123456789@example.com>',
              subject: 'An order',
            },
          },
          receipt: {
            timestamp: '2026-11-29T09:53:20.123Z',
            processingTimeMillis: 574,
            recipients: ['orders@shop.example.com'],
            spamVerdict: { status: 'PASS' },
            virusVerdict: { status: 'PASS' },
            spfVerdict: { status: 'PASS' },
            dkimVerdict: { status: 'PASS' },
            dmarcVerdict: { status: 'PASS' },
            action: {
              type: 'Lambda',
              functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:shop-prod-orders:live',
              invocationType: 'Event',
            },
          },
        },
      },
    ],
  },
};

export const s3Batch: Sample<S3BatchEvent> = {
  about: 'an object of a job of S3 Batch Operations',
  aws: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html',
  event: {
    invocationSchemaVersion: '1.0',
    invocationId: 'YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo',
    job: { id: 'f3cc4f60-61f6-4a2b-8a21-d07600c373ce' },
    tasks: [
      {
        taskId: 'dGFza2lkZ29lc2hlcmUK',
        s3Key: 'images/a.jpg',
        s3VersionId: '1',
        s3BucketArn: 'arn:aws:s3:::shop-uploads',
      },
    ],
  },
};

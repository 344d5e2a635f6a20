// A function's log: format, levels, group, and retention.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, flag, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';
import { defaultRetention, retentionDays } from '../cfn/log-retention.ts';
import type { Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import type { Contribution, DefaultedSetting, RuleProblem } from './setting.ts';

export interface Logging {
  readonly logFormat?: 'JSON' | 'Text';
  readonly applicationLogLevel?: string;
  readonly systemLogLevel?: string;
  readonly retentionInDays?: number | 'forever';
  /** An existing group: fx does not create one. */
  readonly logGroup?: string;
  /** The name of the group that fx makes, if it is not fx's own. */
  readonly logGroupName?: string;
  readonly logGroupClass?: string;
  readonly kmsKeyArn?: Plain;
  readonly dataProtectionPolicy?: Plain;
}

const groupName = text({ pattern: /^[.\-_/#A-Za-z0-9]{1,512}$/, expected: 'the name of a log group' });

const map: Schema<Logging | false> = object({
  required: {},
  optional: {
    logFormat: oneOf(['Text', 'JSON'], 'The format of the log.', { default: 'Text', examples: ['JSON'] }),
    applicationLogLevel: oneOf(
      ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'],
      'The lowest level of application logs to keep. Needs logFormat: JSON.',
      { default: 'INFO', examples: ['DEBUG'] },
    ),
    systemLogLevel: oneOf(
      ['DEBUG', 'INFO', 'WARN'],
      "The lowest level of Lambda's own logs to keep. Needs logFormat: JSON.",
      {
        default: 'INFO',
        examples: ['WARN'],
      },
    ),
    retentionInDays: oneOf([...retentionDays, 'forever'], 'How many days to keep the log, or forever.', {
      default: defaultRetention,
      examples: [90],
    }),
    logGroup: described('An existing log group. fx then creates none for the function.', groupName, {
      examples: ['/shop/reports'],
    }),
    logGroupName: described('The name of the log group that fx makes for the function.', groupName, {
      default: '/fx/${name}/${env}/FUNCTION',
      examples: ['/aws/lambda/shop-${env}-orders'],
    }),
    logGroupClass: oneOf(['STANDARD', 'INFREQUENT_ACCESS'], 'INFREQUENT_ACCESS costs less and has fewer features.', {
      default: 'STANDARD',
      examples: ['INFREQUENT_ACCESS'],
    }),
    kmsKeyArn: described(
      'The KMS key that encrypts the log.',
      textOrIntrinsic(/^arn:[a-z0-9-]+:kms:\S+$/, 'the ARN of a KMS key, or an intrinsic'),
      { examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ),
    dataProtectionPolicy: described(
      'What CloudWatch masks in the log: a data protection policy, as AWS defines it.',
      verbatim,
      {
        examples: [{ Name: 'mask-emails', Version: '2021-06-01', Statement: [] }],
        aws: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-data-protection-policies.html',
      },
    ),
  },
  elsewhere: {
    format: 'logFormat',
    level: 'applicationLogLevel',
    applicationLevel: 'applicationLogLevel',
    systemLevel: 'systemLogLevel',
    retention: 'retentionInDays',
    logRetentionInDays: 'retentionInDays',
    group: 'logGroup',
    class: 'logGroupClass',
    logDataProtectionPolicy: 'dataProtectionPolicy',
  },
});

const off: Schema<Logging | false> = {
  ...converted(flag, (value) =>
    value
      ? { wrong: 'expected false or a map, found true', hint: 'logging is on by default; remove the key' }
      : { value: false },
  ),
  json: { enum: [false] },
};

export const logging: DefaultedSetting<Logging | false> = {
  schema: described(
    'The log of the function: format, levels, group and retention; false turns it off.',
    byKind<Logging | false>({ scalar: off, map, expected: 'a map, or false' }),
    {
      examples: [{ retentionInDays: 90, logFormat: 'JSON' }],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html',
    },
  ),
  fallback: {},
  elsewhere: ['logs', 'loggingConfig', 'logRetention', 'logRetentionInDays', 'disableLogs'],
  check: checkLogging,
  compile: compileLogging,
};

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html: Lambda filters levels only in JSON logs
function checkLogging(value: Logging | false): RuleProblem | undefined {
  if (value === false) return undefined;
  const { logFormat, applicationLogLevel, systemLogLevel, logGroup } = value;
  const level =
    applicationLogLevel === undefined
      ? systemLogLevel === undefined
        ? undefined
        : 'systemLogLevel'
      : 'applicationLogLevel';
  if (level !== undefined && logFormat !== 'JSON') {
    return { message: `${level} needs logFormat: JSON`, hint: 'add logFormat: JSON; Lambda does not filter text logs' };
  }
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-data-protection-policies.html
  if (value.dataProtectionPolicy !== undefined && value.logGroupClass === 'INFREQUENT_ACCESS') {
    return {
      message: 'logGroupClass INFREQUENT_ACCESS does not support dataProtectionPolicy',
      hint: 'remove one of the two',
    };
  }
  const owned = (
    ['logGroupName', 'retentionInDays', 'logGroupClass', 'kmsKeyArn', 'dataProtectionPolicy'] as const
  ).find((name) => value[name] !== undefined);
  return logGroup !== undefined && owned !== undefined
    ? {
        message: `${owned} cannot be set here: fx does not manage the log group "${logGroup}"`,
        hint: `remove ${owned} or logGroup`,
      }
    : undefined;
}

function compileLogging(value: Logging | false): Contribution {
  if (value === false) return {};
  const {
    logFormat,
    applicationLogLevel,
    systemLogLevel,
    retentionInDays,
    logGroupClass,
    kmsKeyArn,
    dataProtectionPolicy,
  } = value;
  const config: Record<string, Value> = {
    ...(logFormat === undefined ? {} : { LogFormat: logFormat }),
    ...(applicationLogLevel === undefined ? {} : { ApplicationLogLevel: applicationLogLevel }),
    ...(systemLogLevel === undefined ? {} : { SystemLogLevel: systemLogLevel }),
  };
  return {
    properties: { LoggingConfig: config },
    logGroup: {
      ...(retentionInDays === 'forever' ? {} : { RetentionInDays: retentionInDays ?? defaultRetention }),
      ...(logGroupClass === undefined ? {} : { LogGroupClass: logGroupClass }),
      ...(kmsKeyArn === undefined ? {} : { KmsKeyId: kmsKeyArn }),
      ...(dataProtectionPolicy === undefined ? {} : { DataProtectionPolicy: dataProtectionPolicy }),
    },
  };
}

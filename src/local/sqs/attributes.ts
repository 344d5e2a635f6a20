// The attributes of an SQS queue: defaults, limits, and AWS's messages for invalid values.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
import { AwsError } from '../cloud.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

const defaults: Attributes = {
  VisibilityTimeout: '30',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};
const fifoDefaults: Attributes = {
  FifoQueue: 'true',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

type Check = (value: string) => boolean;
const range =
  (min: number, max: number): Check =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value);
const json: Check = (value) => value === '' || parseObject(value) !== undefined;

const common: Readonly<Record<string, Check>> = {
  VisibilityTimeout: range(0, 43_200),
  MaximumMessageSize: range(1024, 1_048_576),
  MessageRetentionPeriod: range(60, 1_209_600),
  DelaySeconds: range(0, 900),
  ReceiveMessageWaitTimeSeconds: range(0, 20),
  SqsManagedSseEnabled: oneOf('true', 'false'),
  Policy: json,
  RedrivePolicy: json,
  RedriveAllowPolicy: json,
  KmsMasterKeyId: () => true,
  KmsDataKeyReusePeriodSeconds: range(60, 86_400),
};
const fifo: Readonly<Record<string, Check>> = {
  FifoQueue: (value) => value.toLowerCase() === 'true',
  ContentBasedDeduplication: oneOf('true', 'false'),
  DeduplicationScope: oneOf('queue', 'messageGroup'),
  FifoThroughputLimit: oneOf('perQueue', 'perMessageGroupId'),
};

/** Checks the attributes in a request, for a FIFO or a standard queue. */
export function checkAttributes(attributes: Attributes, isFifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const check = common[name] ?? fifo[name];
    if (!isFifo && ['DeduplicationScope', 'FifoThroughputLimit'].includes(name)) {
      throw new AwsError('InvalidAttributeName', `You can specify the ${name} only when FifoQueue is set to true.`);
    }
    if (check === undefined || (!isFifo && fifo[name] !== undefined)) {
      throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
    if (!check(value)) throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  }
  if (attributes['KmsMasterKeyId'] && attributes['SqsManagedSseEnabled'] === 'true') {
    throw new AwsError(
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  }
  checkRedriveAllowPolicy(attributes['RedriveAllowPolicy']);
}

/** Checks what one attribute requires of another. */
export function checkTogether(attributes: Attributes): void {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
  if (attributes['FifoThroughputLimit'] !== 'perMessageGroupId' || attributes['DeduplicationScope'] === 'messageGroup')
    return;
  throw new AwsError(
    'InvalidAttributeValue',
    'Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
  );
}

/** The attributes after a request. An empty string removes a policy or a key. */
export function mergeAttributes(before: Attributes, attributes: Attributes): Attributes {
  const merged = { ...before, ...attributes };
  return Object.fromEntries(
    Object.entries({ ...merged, ...encryption(merged, attributes) }).filter(([, value]) => value !== ''),
  );
}

/** One type of encryption replaces the other (recorded). */
function encryption(merged: Attributes, { KmsMasterKeyId: key, SqsManagedSseEnabled: own }: Attributes): Attributes {
  if (key) {
    return {
      SqsManagedSseEnabled: 'false',
      KmsDataKeyReusePeriodSeconds: merged['KmsDataKeyReusePeriodSeconds'] ?? '300',
    };
  }
  return own === 'true' || key === '' ? { KmsMasterKeyId: '', KmsDataKeyReusePeriodSeconds: '' } : {};
}

/** Which queues may name this one as their dead-letter queue. */
export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns: readonly string[];
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const mostSourceQueues = 10;

function checkRedriveAllowPolicy(text: string | undefined): void {
  if (text === undefined || text === '') return;
  const { redrivePermission: permission, sourceQueueArns: sources } = parseObject(text) ?? {};
  const invalid = (reason: string) =>
    new AwsError(
      'InvalidParameterValue',
      `Value ${text} for parameter RedriveAllowPolicy is invalid. Reason: ${reason}`,
    );
  if (permission === undefined)
    throw invalid('Redrive allow policy does not contain mandatory attribute: redrivePermission.');
  if (permission !== 'allowAll' && permission !== 'denyAll' && permission !== 'byQueue') {
    throw invalid(`Invalid value for redrivePermission: ${permission}, valid values are: allowAll, denyAll, byQueue.`);
  }
  if (permission !== 'byQueue' && sources !== undefined) {
    throw invalid('sourceQueueArns can be specified only when redrivePermission is byQueue.');
  }
  if (permission !== 'byQueue') return;
  if (!Array.isArray(sources) || sources.length === 0)
    throw invalid('sourceQueueArns is required when redrivePermission is byQueue.');
  if (sources.length > mostSourceQueues) throw invalid(`sourceQueueArns can have at most ${mostSourceQueues} ARNs.`);
}

/** Whether a queue may name the one with these attributes as its dead-letter queue. */
export function allowsRedrive({ RedriveAllowPolicy: text }: Attributes, source: string): boolean {
  const policy = text === undefined ? undefined : (parseObject(text) as RedriveAllowPolicy | undefined);
  if (policy === undefined || policy.redrivePermission === 'allowAll') return true;
  return policy.redrivePermission === 'byQueue' && policy.sourceQueueArns.includes(source);
}

export function initialAttributes(attributes: Attributes, isFifo: boolean): Attributes {
  return mergeAttributes({ ...defaults, ...(isFifo ? fifoDefaults : {}) }, attributes);
}

/** The redrive policy, validated; undefined if there is none. */
export function redrivePolicy({ RedrivePolicy: text }: Attributes): RedrivePolicy | undefined {
  if (text === undefined || text === '') return undefined;
  const invalid = (reason: string) =>
    new AwsError('InvalidParameterValue', `Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  const { deadLetterTargetArn, maxReceiveCount } = parseObject(text) ?? {};
  if (typeof deadLetterTargetArn !== 'string') {
    throw invalid('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  }
  if (maxReceiveCount === undefined)
    throw invalid('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  const count = Number(maxReceiveCount);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw invalid(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

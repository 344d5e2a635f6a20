// Where Lambda sends an event that it has finished: the record to a destination, the event itself to the dead-letter queue.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
import { AwsError, type Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { deliver, targetKind } from '../deliver.ts';
import { deniedAction } from '../role-permissions.ts';
import { recordEvent } from './metrics.ts';
import { functionArn } from './names.ts';
import type { Call, Ran } from './run.ts';
import type { Destinations, Settings } from './state.ts';

export interface EventEnd {
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';
  readonly attempts: number;
  /** The last attempt; absent if the function never ran. */
  readonly ran?: Ran;
}

interface Delivery {
  readonly call: Call;
  readonly end: EventEnd;
  readonly settings: Settings;
  readonly destinations: Destinations;
}

const errorMessageBytes = 1024;

export async function deliverRecord(cloud: Cloud, delivery: Delivery): Promise<void> {
  const { end, settings, destinations } = delivery;
  const sender = { kind: 'role', arn: settings.role, session: delivery.call.reference.name } as const;
  const what = 'the record of an event';
  const isSuccess = end.condition === 'Success';
  const destination = isSuccess ? destinations.onSuccess : destinations.onFailure;
  if (destination !== undefined) {
    const body = JSON.stringify(recordOf(cloud, delivery));
    const object = { folder: `aws/lambda/async/${delivery.call.reference.name}` };
    const isDelivered = await deliver(cloud, destination, { body, object }, { sender, what });
    if (!isDelivered) recordEvent(cloud, delivery.call.reference, 'DestinationDeliveryFailures');
  }
  if (!isSuccess && settings.deadLetterTarget !== undefined) {
    const letter = {
      body: Buffer.from(delivery.call.payload).toString('utf8'),
      attributes: letterAttributes(delivery),
    };
    const isDelivered = await deliver(cloud, settings.deadLetterTarget, letter, { sender, what });
    if (!isDelivered) recordEvent(cloud, delivery.call.reference, 'DeadLetterErrors');
  }
}

/** What Lambda calls at a dead-letter target, in its own words. */
const deadLetterCalls: Readonly<Record<string, string>> = {
  'sns:Publish': 'Publish on SNS',
  'sqs:SendMessage': 'SendMessage on SQS',
};

/** What Lambda checks when a function gets a dead-letter queue; it does not check that the queue exists. */
export async function checkDeadLetterTarget(cloud: Cloud, { role, deadLetterTarget: arn }: Settings): Promise<void> {
  if (arn === undefined) return;
  const kind = targetKind(cloud, arn);
  // a queue or a topic: https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html
  const call = kind === undefined ? undefined : deadLetterCalls[kind.action];
  if (kind === undefined || call === undefined) throw notImplemented(`the dead-letter target ${arn}`);
  const denied = await deniedAction(cloud, role, [kind.action], arn);
  if (denied === undefined) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `The provided execution role does not have permissions to call ${call}`,
    400,
    { Type: 'User' },
  );
}

function recordOf(cloud: Cloud, { call, end }: Delivery): object {
  const { name, qualifier } = call.reference;
  const { condition, attempts, ran } = end;
  return {
    version: '1.0',
    timestamp: new Date(cloud.now()).toISOString(),
    requestContext: {
      requestId: call.requestId,
      functionArn: functionArn(cloud, { name, qualifier: qualifier || '$LATEST' }),
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: parsed(call.payload),
    ...(ran === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: ran.version.version,
            ...(ran.outcome.failed ? { functionError: 'Unhandled' } : {}),
          },
          responsePayload: parsed(ran.outcome.payload),
        }),
  };
}

/** A custom runtime may answer with something other than JSON. */
function parsed(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
function letterAttributes({ call, end }: Delivery) {
  const throttled = end.ran === undefined;
  const answer = end.ran === undefined ? undefined : parsed(end.ran.outcome.payload);
  const { errorMessage } = (answer ?? {}) as { errorMessage?: unknown };
  const message = throttled ? 'Rate Exceeded.' : typeof errorMessage === 'string' ? errorMessage : '';
  const truncated = Buffer.from(message).subarray(0, errorMessageBytes).toString('utf8');
  return {
    RequestID: { DataType: 'String', StringValue: call.requestId },
    ErrorCode: { DataType: 'Number', StringValue: throttled ? '429' : '200' },
    // SQS refuses empty attributes.
    ...(truncated === '' ? {} : { ErrorMessage: { DataType: 'String', StringValue: truncated } }),
  };
}

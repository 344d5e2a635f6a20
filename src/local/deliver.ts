// How a service sends an event to a target of another service: one row a service that can be a target, for all that send.
import { AwsError, type Cloud, type Principal } from './cloud.ts';

export interface Delivered {
  readonly body: string;
  /** Message attributes, where the target has them. */
  readonly attributes?: Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;
}

/** What can be sent to; in this region and account. */
export interface TargetKind {
  /** What a role needs, to send in its name. */
  readonly action: string;
  exists(cloud: Cloud, arn: string): Promise<boolean>;
  /** Held to the sender's rights: a role's own policies, or the policy of the target for a service. */
  send(cloud: Cloud, arn: string, delivered: Delivered, sender: Principal): Promise<void>;
}

const kinds: Readonly<Record<string, TargetKind>> = {
  lambda: {
    action: 'lambda:InvokeFunction',
    exists: (cloud, arn) =>
      unlessMissing(
        'ResourceNotFoundException',
        cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: arn }),
      ),
    async send(cloud, arn, { body }, sender) {
      const event = { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(body) } as const;
      await cloud.call('lambda', 'Invoke', event, sender);
    },
  },
  sqs: {
    action: 'sqs:SendMessage',
    exists: (cloud, arn) =>
      unlessMissing('QueueDoesNotExist', cloud.call('sqs', 'GetQueueUrl', { QueueName: arn.split(':').at(-1) })),
    async send(cloud, arn, { body, attributes }, sender) {
      const message = { QueueUrl: queueUrl(cloud, arn), MessageBody: body };
      const withAttributes = attributes === undefined ? message : { ...message, MessageAttributes: { ...attributes } };
      await cloud.call('sqs', 'SendMessage', withAttributes, sender);
    },
  },
};

/** Undefined for a target that this local AWS has not: of another service, region or account. */
export function targetKind(cloud: Cloud, arn: string): TargetKind | undefined {
  const [, , service = '', region, account] = arn.split(':');
  const isHere = region === cloud.region && account === cloud.accountId;
  return isHere && Object.hasOwn(kinds, service) ? kinds[service] : undefined;
}

/**
 * Sends, or warns in the log of the server that the event is lost: AWS's services drop what they can't deliver, out of the
 * sender's sight, and count it in a metric.
 */
export async function deliver(
  cloud: Cloud,
  arn: string,
  delivered: Delivered,
  { sender, what }: { readonly sender: Principal; readonly what: string },
): Promise<void> {
  try {
    const kind = targetKind(cloud, arn);
    if (kind === undefined) throw new AwsError('NotImplemented', 'the fx local AWS has no such target', 501);
    await kind.send(cloud, arn, delivered, sender);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    process.emitWarning(`${what} for ${arn} was dropped: ${error.message}`);
  }
}

export function queueUrl(cloud: Cloud, queueArn: string): string {
  return `${cloud.endpoint}/${cloud.accountId}/${queueArn.split(':').at(-1)}`;
}

async function unlessMissing(code: string, found: Promise<unknown>): Promise<boolean> {
  try {
    await found;
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === code) return false;
    throw error;
  }
}

// What SNS puts around a message: the JSON for queues and HTTP endpoints, and the event for functions.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
import { createHash } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { bodyFor, type Published, type PublishedAttribute } from './message.ts';
import type { Subscription } from './state.ts';

/** The certificate does not exist: nobody can verify the signature. */
const certificate = 'SimpleNotificationService-0000000000000000000000000000fx00.pem';

interface Signed {
  readonly version: string;
  readonly signature: string;
  readonly certificateUrl: string;
}

function signed(cloud: Cloud, version: string, id: string): Signed {
  const digest = createHash('sha512').update(id).digest();
  return {
    version,
    // as long as the RSA signatures of AWS
    signature: Buffer.concat([digest, digest, digest, digest]).toString('base64'),
    certificateUrl: `https://sns.${cloud.region}.amazonaws.com/${certificate}`,
  };
}

export interface Envelope {
  readonly cloud: Cloud;
  readonly subscription: Subscription;
  readonly signatureVersion: string;
}

export function unsubscribeUrl({ cloud, subscription }: Envelope): string {
  return `${cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`;
}

/** The notification, as queues and HTTP endpoints receive it; that of a FIFO topic is not signed (recorded in 2026). */
export function notification(envelope: Envelope, message: Published): string {
  const { cloud, subscription, signatureVersion } = envelope;
  const { subject, attributes, sequenceNumber } = message;
  const { version, signature, certificateUrl } = signed(cloud, signatureVersion, message.id);
  return written({
    Type: 'Notification',
    MessageId: message.id,
    ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    TopicArn: message.topicArn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: bodyFor(message, subscription.protocol),
    Timestamp: message.timestamp,
    ...(sequenceNumber === undefined
      ? { SignatureVersion: version, Signature: signature, SigningCertURL: certificateUrl }
      : {}),
    UnsubscribeURL: unsubscribeUrl(envelope),
    ...(Object.keys(attributes).length === 0 ? {} : { MessageAttributes: shown(attributes) }),
  });
}

export type Announcement = 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** The message that asks an endpoint to confirm a subscription, or tells it that one ended. */
export function confirmation(envelope: Envelope, type: Announcement, sent: { id: string; timestamp: string }): string {
  const { cloud, subscription, signatureVersion } = envelope;
  const { topicArn, token, arn } = subscription;
  const { version, signature, certificateUrl } = signed(cloud, signatureVersion, sent.id);
  const text =
    type === 'SubscriptionConfirmation'
      ? `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
      : `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
  return written({
    Type: type,
    MessageId: sent.id,
    Token: token,
    TopicArn: topicArn,
    Message: text,
    SubscribeURL: `${cloud.endpoint}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`,
    Timestamp: sent.timestamp,
    SignatureVersion: version,
    Signature: signature,
    SigningCertURL: certificateUrl,
  });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function lambdaEvent(envelope: Envelope, message: Published): string {
  const { cloud, subscription, signatureVersion } = envelope;
  const { version, signature, certificateUrl } = signed(cloud, signatureVersion, message.id);
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: subscription.arn,
    Sns: {
      Type: 'Notification',
      MessageId: message.id,
      TopicArn: message.topicArn,
      Subject: message.subject ?? null,
      Message: bodyFor(message, 'lambda'),
      Timestamp: message.timestamp,
      SignatureVersion: version,
      Signature: signature,
      SigningCertUrl: certificateUrl,
      UnsubscribeUrl: unsubscribeUrl(envelope),
      MessageAttributes: shown(message.attributes),
    },
  };
  return JSON.stringify({ Records: [record] });
}

type Shown = Record<string, { readonly Type: string; readonly Value: string }>;

function shown(attributes: Readonly<Record<string, PublishedAttribute>>): Shown {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]),
  );
}

/** Laid out as SNS does: one line for each member and each attribute. */
function written(members: Readonly<Record<string, string | Shown>>): string {
  const line = (name: string, value: string, indent: string) => `${indent}${JSON.stringify(name)} : ${value}`;
  const lines = Object.entries(members).map(([name, value]) => {
    if (typeof value === 'string') return line(name, JSON.stringify(value), '  ');
    const inner = Object.entries(value).map(([key, item]) => line(key, JSON.stringify(item), '    '));
    return line(name, `{\n${inner.join(',\n')}\n  }`, '  ');
  });
  return `{\n${lines.join(',\n')}\n}`;
}

// Delivers messages to the endpoints of subscriptions: functions, queues and HTTP endpoints, with retries and dead-letter queues.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
import { randomUUID } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { topicPrincipal } from '../../cfn/regions.ts';
import type { Cancel } from '../clock.ts';
import { AwsError, type Cloud, type Principal } from '../cloud.ts';
import { queueUrl } from '../deliver.ts';
import { effectiveDeliveryPolicy, retryDelays } from './delivery-policy.ts';
import { type Announcement, confirmation, type Envelope, lambdaEvent, notification } from './envelope.ts';
import { bodyFor, filterable, type Published } from './message.ts';
import type { State, Subscription, Topic } from './state.ts';
import { deadLetterTarget, filterOf, isRaw } from './subscription-attributes.ts';

const requestMs = 15_000;
const userAgent = 'Amazon Simple Notification Service Agent';

export class Delivery {
  readonly #state: State;
  readonly #stopping = new AbortController();
  readonly #retries = new Set<Cancel>();
  /** FIFO topics: what a subscription receives next, after the message before. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Deliveries that are under way. */
  readonly #running = new Set<Promise<void>>();

  constructor(state: State) {
    this.#state = state;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const cancel of this.#retries) cancel();
    await Promise.all(this.#running);
  }

  /** Begins the delivery to every subscription whose filter lets the message pass. */
  publish(topic: Topic, subscriptions: readonly Subscription[], message: Published): void {
    for (const subscription of subscriptions) {
      if (!subscription.confirmed || !passes(subscription, message)) continue;
      if (message.sequenceNumber === undefined) this.#track(this.#send(topic, subscription, message));
      else this.#inTurn(subscription.arn, () => this.#send(topic, subscription, message));
    }
  }

  /** Asks an HTTP endpoint to confirm, or tells it that its subscription ended. Others are asked by mail, which is not sent here. */
  announce(subscription: Subscription, type: Announcement): void {
    if (subscription.protocol !== 'http' && subscription.protocol !== 'https') return;
    const topic = this.#state.topics.get(subscription.topicArn.split(':')[5] ?? '');
    const id = randomUUID();
    const body = confirmation(this.#envelope(topic, subscription), type, { id, timestamp: this.#timestamp() });
    const headers = {
      'x-amz-sns-message-type': type,
      'x-amz-sns-message-id': id,
      'x-amz-sns-topic-arn': subscription.topicArn,
      ...(type === 'UnsubscribeConfirmation' ? { 'x-amz-sns-subscription-arn': subscription.arn } : {}),
    };
    this.#track(this.#post(topic, subscription, { headers, body }).then(() => undefined));
  }

  #timestamp(): string {
    return new Date(this.#state.cloud.now()).toISOString();
  }

  #track(delivery: Promise<void>): void {
    const settled = delivery.catch((error: unknown) => {
      process.emitWarning(`a message of SNS was not delivered: ${error instanceof Error ? error.message : error}`);
    });
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
  }

  #inTurn(arn: string, send: () => Promise<void>): void {
    const before = this.#turns.get(arn) ?? Promise.resolve();
    const turn = before.then(send, send);
    this.#turns.set(arn, turn);
    this.#track(turn);
    const forget = () => {
      if (this.#turns.get(arn) === turn) this.#turns.delete(arn);
    };
    void turn.then(forget, forget);
  }

  #envelope(topic: Topic | undefined, subscription: Subscription): Envelope {
    const signatureVersion = topic?.attributes['SignatureVersion'] ?? '1';
    return { cloud: this.#state.cloud, subscription, signatureVersion };
  }

  async #send(topic: Topic, subscription: Subscription, message: Published): Promise<void> {
    const { region } = this.#state.cloud;
    const there = subscription.endpoint.split(':')[3] ?? region;
    const protocol = subscription.protocol === 'lambda' ? 'lambda' : 'sqs';
    const service = topicPrincipal(region, there, protocol);
    const sourceArn = message.topicArn;
    const isDelivered =
      service !== undefined &&
      (await this.#attempt(topic, subscription, message, { kind: 'service', service, sourceArn }));
    if (isDelivered) return;
    const target = deadLetterTarget(subscription);
    if (target === undefined) {
      process.emitWarning(`a message of ${message.topicArn} for ${subscription.endpoint} was dropped`);
      return;
    }
    try {
      const sender = { kind: 'service', service: 'sns.amazonaws.com', sourceArn } as const;
      await sendToQueue(this.#state.cloud, target, this.#letter(topic, subscription, message), sender);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      process.emitWarning(`a dead letter of ${message.topicArn} for ${target} was dropped: ${error.message}`);
    }
  }

  /** What a queue receives: the message as published, or the notification. */
  #letter(topic: Topic, subscription: Subscription, message: Published): QueueMessage {
    const { groupId, deduplicationId, traceHeader } = message;
    const ids = { groupId, deduplicationId, traceHeader };
    if (!isRaw(subscription)) {
      return { body: notification(this.#envelope(topic, subscription), message), attributes: {}, ...ids };
    }
    return { body: bodyFor(message, subscription.protocol), attributes: message.attributes, ...ids };
  }

  async #attempt(topic: Topic, subscription: Subscription, message: Published, sender: Principal): Promise<boolean> {
    const { cloud } = this.#state;
    const { protocol, endpoint } = subscription;
    try {
      if (protocol === 'sqs') {
        await sendToQueue(cloud, endpoint, this.#letter(topic, subscription, message), sender);
      } else if (protocol === 'lambda') {
        const there = await cloud.inRegion(endpoint.split(':')[3] ?? '');
        const Payload = Buffer.from(lambdaEvent(this.#envelope(topic, subscription), message));
        await there.call('lambda', 'Invoke', { FunctionName: endpoint, InvocationType: 'Event', Payload }, sender);
      } else if (protocol === 'http' || protocol === 'https') {
        return await this.#postMessage(topic, subscription, message);
      }
      // mails and text messages are not sent
      return true;
    } catch (error) {
      // an endpoint that is gone or forbidden is not tried again:
      // https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
      if (error instanceof AwsError) return false;
      throw error;
    }
  }

  #postMessage(topic: Topic, subscription: Subscription, message: Published): Promise<boolean> {
    const raw = isRaw(subscription);
    const headers = {
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': message.id,
      'x-amz-sns-topic-arn': message.topicArn,
      'x-amz-sns-subscription-arn': subscription.arn,
      ...(raw ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
    };
    const body = raw
      ? bodyFor(message, subscription.protocol)
      : notification(this.#envelope(topic, subscription), message);
    return this.#post(topic, subscription, { headers, body });
  }

  /** Retries by the delivery policy. False if the last attempt failed too. */
  async #post(
    topic: Topic | undefined,
    { endpoint, attributes }: Subscription,
    { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ): Promise<boolean> {
    const policy = effectiveDeliveryPolicy(attributes['DeliveryPolicy'], topic?.attributes['DeliveryPolicy']);
    const delays = retryDelays(policy.healthyRetryPolicy);
    const whole = {
      ...headers,
      'content-type': policy.requestPolicy.headerContentType,
      'user-agent': userAgent,
      'accept-encoding': 'gzip,deflate',
    };
    for (;;) {
      const status = await this.#request(endpoint, whole, body);
      if (status >= 200 && status < 300) return true;
      const isPermanent = status >= 400 && status < 500 && status !== 429;
      const delay = delays.shift();
      if (isPermanent || delay === undefined || this.#stopping.signal.aborted) return false;
      await this.#pause(delay);
      if (this.#stopping.signal.aborted) return false;
    }
  }

  /** The status; 0 without an answer. `fetch` would add headers that SNS does not send. */
  #request(endpoint: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(requestMs)]);
    const send = endpoint.startsWith('https:') ? requestHttps : requestHttp;
    return new Promise((resolve) => {
      const outgoing = send(endpoint, { method: 'POST', headers, signal }, (response) => {
        response.resume();
        response.once('error', () => resolve(0));
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      outgoing.once('error', () => resolve(0));
      outgoing.end(body);
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#retries.delete(stop);
        resolve();
      };
      const cancel = this.#state.cloud.after(ms, done);
      const stop = done;
      this.#retries.add(stop);
    });
  }
}

function passes(subscription: Subscription, message: Published): boolean {
  const filter = filterOf(subscription);
  if (filter === undefined) return true;
  if (filter.scope === 'MessageAttributes') return filter.test(filterable(message.attributes));
  try {
    const body: unknown = JSON.parse(bodyFor(message, subscription.protocol));
    return typeof body === 'object' && body !== null && filter.test(body);
  } catch {
    return false;
  }
}

interface QueueMessage {
  readonly body: string;
  readonly attributes: Published['attributes'];
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly traceHeader: string | undefined;
}

async function sendToQueue(cloud: Cloud, arn: string, message: QueueMessage, sender: Principal): Promise<void> {
  const there = await cloud.inRegion(arn.split(':')[3] ?? '');
  const isFifo = arn.endsWith('.fifo');
  const attributes = Object.entries(message.attributes).map(([name, { type, value }]) => {
    const content = type.startsWith('Binary') ? { BinaryValue: Buffer.from(value, 'base64') } : { StringValue: value };
    return [name, { DataType: type, ...content }] as const;
  });
  const input = {
    QueueUrl: queueUrl(there, arn),
    MessageBody: message.body,
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
    ...(message.traceHeader === undefined
      ? {}
      : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: message.traceHeader } } }),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(isFifo && message.deduplicationId !== undefined ? { MessageDeduplicationId: message.deduplicationId } : {}),
  };
  await there.call('sqs', 'SendMessage', input, sender);
}

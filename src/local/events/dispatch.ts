// Sends the events of a bus to the targets of the rules that match, tries again, and gives up into dead letter queues.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
import { randomUUID } from 'node:crypto';
import type { Target } from '@aws-sdk/client-eventbridge';
import type { EventTest } from '../../cfn/event-pattern.ts';
import type { Cancel } from '../clock.ts';
import { AwsError, type Principal } from '../cloud.ts';
import { deliver, targetKind } from '../deliver.ts';
import { decide } from '../iam/authorization.ts';
import { mayWriteLogs } from '../logs/resource-policies.ts';
import { allowsServiceCall, type ResourceStatement } from '../resource-policy.ts';
import { apiDestinationAt, callDestination } from './api-destinations.ts';
import { archiveEvent } from './archives.ts';
import { compilePatternText } from './pattern-text.ts';
import { busOf, type EventsContext, eventsArn, type Rule } from './state.ts';
import { type BusEvent, targetBody } from './target-input.ts';
import { logGroupAt, targetBus } from './targets.ts';

const service = 'events.amazonaws.com';
const defaultAttempts = 185;
const defaultAgeSeconds = 86_400;
const longestWaitSeconds = 600;

export interface Route {
  /** The ARNs of the only rules that receive the event. */
  readonly only?: readonly string[] | undefined;
  /** Came from another bus: such events are not sent on to a third. */
  readonly isForwarded?: boolean;
}

export class Dispatcher {
  readonly #context: EventsContext;
  readonly #patterns = new Map<string, EventTest>();
  readonly #retries = new Set<Cancel>();

  constructor(context: EventsContext) {
    this.#context = context;
  }

  /** An event arrived on a bus. */
  dispatch(bus: string, event: BusEvent, route: Route = {}): void {
    archiveEvent(this.#context, bus, event);
    for (const rule of this.#context.rules.values()) {
      if (busOf(rule) !== bus || rule.State === 'DISABLED' || rule.EventPattern === undefined) continue;
      if (route.only !== undefined && !route.only.includes(rule.Arn)) continue;
      if (this.#test(rule.EventPattern)(event)) this.fire(rule, event, route);
    }
  }

  /** A rule selected an event, or its schedule is due. */
  fire(rule: Rule, event: BusEvent, route: Route = {}): void {
    for (const target of rule.targets) this.#begin({ rule, target, event, route, since: this.#context.cloud.now() }, 0);
  }

  stop(): void {
    for (const cancel of this.#retries) cancel();
  }

  /** A pattern compiles once; a few hundred rules have few. */
  #test(pattern: string): EventTest {
    let test = this.#patterns.get(pattern);
    if (test === undefined) {
      if (this.#patterns.size > 1000) this.#patterns.clear();
      test = compilePatternText(pattern);
      this.#patterns.set(pattern, test);
    }
    return test;
  }

  #begin(delivery: Delivery, attempts: number): void {
    void this.#attempt(delivery, attempts);
  }

  async #attempt(delivery: Delivery, attempts: number): Promise<void> {
    const { cloud } = this.#context;
    const { rule, target, event, since } = delivery;
    const names = { name: rule.Name, arn: rule.Arn, ingestion: secondsTime(since) };
    const body = targetBody(target, event, names);
    if (body === undefined) {
      await this.#giveUp(
        delivery,
        new AwsError('InvalidJson', 'The input template does not make valid JSON.'),
        attempts,
      );
      return;
    }
    try {
      await this.#send(delivery, body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { MaximumRetryAttempts = defaultAttempts, MaximumEventAgeInSeconds = defaultAgeSeconds } =
        target.RetryPolicy ?? {};
      const waitMs = Math.min(longestWaitSeconds, 2 ** attempts) * 1000;
      const isTooOld = cloud.now() + waitMs - since > MaximumEventAgeInSeconds * 1000;
      if (!isRetriable(error) || attempts >= MaximumRetryAttempts || isTooOld) {
        await this.#giveUp(delivery, error, attempts);
        return;
      }
      const cancel = cloud.after(waitMs, () => {
        this.#retries.delete(cancel);
        this.#begin(delivery, attempts + 1);
      });
      this.#retries.add(cancel);
    }
  }

  async #send({ rule, target, event, route }: Delivery, body: string): Promise<void> {
    const { cloud } = this.#context;
    const { Arn = '', RoleArn, SqsParameters } = target;
    const sender = { kind: 'service', service, sourceArn: rule.Arn } as const;
    const bus = targetBus(this.#context, Arn);
    if (bus !== undefined) {
      if (route.isForwarded) return;
      this.#checkBusPermission(bus, target, sender);
      this.dispatch(bus, event, { isForwarded: true });
      return;
    }
    const group = logGroupAt(this.#context, Arn);
    if (group !== undefined) {
      await this.#log(group, event, body, sender);
      return;
    }
    const destination = apiDestinationAt(this.#context, Arn);
    if (destination !== undefined) {
      const action = 'events:InvokeApiDestination';
      if (RoleArn === undefined || decide(cloud, RoleArn, action, Arn) !== 'allowed') {
        throw new AwsError('AccessDeniedException', `${RoleArn} is not authorized to perform: ${action}`, 403);
      }
      await callDestination(this.#context, destination, body, target.HttpParameters);
      return;
    }
    const kind = targetKind(cloud, Arn);
    if (kind === undefined) throw new AwsError('NotImplemented', 'the fx local AWS does not support this target', 501);
    const messageGroupId = SqsParameters?.MessageGroupId;
    // functions, queues and topics allow the rule itself, by their policies: RoleArn is for the other targets
    const usesPolicy = /^arn:[^:]+:(lambda|sqs|sns):/.test(Arn);
    const principal: Principal =
      RoleArn === undefined || usesPolicy ? sender : { kind: 'role', arn: RoleArn, session: rule.Name };
    await kind.send(cloud, Arn, { body, ...(messageGroupId === undefined ? {} : { messageGroupId }) }, principal);
  }

  /** Each event has a stream of its own. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions */
  async #log(
    logGroupName: string,
    event: BusEvent,
    message: string,
    sender: Principal & { readonly kind: 'service' },
  ): Promise<void> {
    const { cloud } = this.#context;
    const arn = `arn:aws:logs:${cloud.region}:${cloud.accountId}:log-group:${logGroupName}`;
    if (!mayWriteLogs(cloud, arn, sender)) {
      throw new AwsError(
        'AccessDeniedException',
        `no resource policy lets ${sender.service} write to ${logGroupName}`,
        403,
      );
    }
    const logStreamName = randomUUID();
    await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName });
    const logEvents = [{ timestamp: Date.parse(event.time), message }];
    await cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents });
  }

  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
  #checkBusPermission(bus: string, { RoleArn }: Target, sender: Principal & { kind: 'service' }): void {
    const { cloud, buses } = this.#context;
    const resource = eventsArn(this.#context, 'event-bus', bus);
    const action = 'events:PutEvents';
    const statements = (buses.get(bus)?.statements ?? []) as readonly ResourceStatement[];
    const isAllowed =
      RoleArn === undefined
        ? allowsServiceCall(statements, { principal: sender, action, resource, accountId: cloud.accountId })
        : decide(cloud, RoleArn, action, resource) === 'allowed';
    if (isAllowed) return;
    const who = RoleArn ?? sender.sourceArn;
    throw new AwsError(
      'AccessDeniedException',
      `${who} is not authorized to perform: ${action} on resource: ${resource}`,
      403,
    );
  }

  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html#eb-rule-dlq
  async #giveUp({ rule, target, event }: Delivery, error: AwsError, attempts: number): Promise<void> {
    const { cloud } = this.#context;
    const queue = target.DeadLetterConfig?.Arn;
    const what = `the event of rule ${rule.Name}`;
    if (queue === undefined) {
      process.emitWarning(`${what} for ${target.Arn} was dropped: ${error.message}`);
      return;
    }
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const attributes = {
      RULE_ARN: attribute(rule.Arn),
      TARGET_ARN: attribute(target.Arn ?? ''),
      ERROR_CODE: attribute(errorCode(error)),
      ERROR_MESSAGE: attribute(error.message || errorCode(error)),
      ...(isRetriable(error)
        ? {
            EXHAUSTED_RETRY_CONDITION: attribute(
              attempts >= (target.RetryPolicy?.MaximumRetryAttempts ?? defaultAttempts)
                ? 'MaximumRetryAttempts'
                : 'MaximumEventAgeInSeconds',
            ),
            RETRY_ATTEMPTS: attribute(String(attempts)),
          }
        : {}),
    };
    const sender = { kind: 'service', service, sourceArn: rule.Arn } as const;
    const body = JSON.stringify(event);
    await deliver(cloud, queue, { body, attributes }, { sender, what: `${what} for the dead letter queue` });
  }
}

interface Delivery {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: BusEvent;
  readonly route: Route;
  readonly since: number;
}

/** Missing permissions and missing resources are not tried again. */
function isRetriable({ status, code }: AwsError): boolean {
  return status === 429 || (status >= 500 && status !== 501) || /Throttl|TooManyRequests/.test(code);
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html#eb-rule-dlq
function errorCode({ code, status }: AwsError): string {
  if (code === 'InvalidJson') return 'INVALID_JSON';
  if (/^[A-Z_]+$/.test(code)) return code;
  if (/AccessDenied/.test(code)) return 'NO_PERMISSIONS';
  if (/NotFound|DoesNotExist|NonExistent/.test(code)) return 'NO_RESOURCE';
  if (status === 429 || /Throttl|TooManyRequests/.test(code)) return 'THROTTLING';
  return status >= 500 ? 'ERROR_FROM_TARGET' : 'SDK_CLIENT_ERROR';
}

export function secondsTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

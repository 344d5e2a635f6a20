// fx redrive: gives a function its dead letters again. SQS moves those of a queue back to it; fx calls the function with the others.

import type { QueueState, StackResource } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import { callsTo } from '../cfn/function-calls.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { liveAlias } from '../cfn/names.ts';
import { referencesIn, type Template, type Value } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, findFunction } from './context.ts';
import { type LiveStack, liveStackOf, readLive } from './live-stack.ts';
import { resourceOf } from './state.ts';

export interface DeadLetters {
  /** The name of the queue. */
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  /** `move`: SQS takes them back to the queue that they came from. Otherwise the body is the event, or the record of a destination, which
   * has it. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  readonly kind: 'move' | 'event' | 'record';
  /** About how many. */
  readonly messages: number;
  /** The bodies of some. */
  readonly samples: readonly string[];
}

const mostSamples = 3;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export const mostPerSecond = 500;
/** While fx calls the function with messages, nobody else receives them. */
const hideSeconds = 60;

/** The queues with the function's dead letters, also those without any. Throws NOT_DEPLOYED. */
export async function deadLettersOf(
  environment: Environment,
  name: string,
  context: Context,
): Promise<readonly DeadLetters[]> {
  findFunction(environment, name);
  return deadLettersIn(await liveStackOf(await readLive(environment, context), context), name, context);
}

export async function deadLettersIn(
  { template, resources }: LiveStack,
  name: string,
  context: Context,
): Promise<readonly DeadLetters[]> {
  const places = placesOf(template, name);
  const found = await Promise.all(places.map((place) => lookAt(place, resources, context)));
  const unique = new Map(found.flatMap((each) => (each === undefined ? [] : [[each.arn, each] as const])));
  return [...unique.values()];
}

/** The queues that Lambda reads for the function. */
export async function queuesReadIn(
  { template, resources }: LiveStack,
  name: string,
  { aws }: Context,
): Promise<readonly QueueState[]> {
  const places = placesOf(template, name).filter(({ kind }) => kind === 'move');
  const found = await Promise.all(
    places.map(({ queue }) => {
      const place = placed(queue, resources);
      return place === undefined ? undefined : aws.queues.describe(place);
    }),
  );
  return found.flatMap((each) => each ?? []);
}

/** How many messages were given back. */
export async function redrive(
  environment: Environment,
  {
    name,
    queue,
    perSecond,
  }: { readonly name: string; readonly queue: DeadLetters; readonly perSecond: number | undefined },
  context: Context,
): Promise<number> {
  return queue.kind === 'move'
    ? moveBack(queue, perSecond, context)
    : callAgain(environment, { name, queue, perSecond }, context);
}

async function moveBack({ arn, name }: DeadLetters, perSecond: number | undefined, context: Context): Promise<number> {
  await context.aws.queues.startMove(arn, perSecond);
  for (;;) {
    const move = await context.aws.queues.move(arn);
    if (move?.status === 'failed') {
      throw new FxError(
        'AWS_REFUSED',
        `SQS stopped after ${move.moved} messages of ${name}: ${move.failure ?? 'it does not say why'}`,
        {
          hint: 'the rest is still there: run it again',
        },
      );
    }
    if (move?.status === 'done') return move.moved;
    await pause(context.pollMs, context.signal);
  }
}

/** As many as there were at the start: what fails again and comes back is not called for ever. */
async function callAgain(
  environment: Environment,
  {
    name,
    queue,
    perSecond,
  }: { readonly name: string; readonly queue: DeadLetters; readonly perSecond: number | undefined },
  { aws, signal }: Context,
): Promise<number> {
  const { physicalName } = findFunction(environment, name);
  let count = 0;
  while (count < queue.messages) {
    const received = await aws.queues.receive(queue.url, hideSeconds);
    if (received.length === 0) break;
    for (const { body, receipt } of received.slice(0, queue.messages - count)) {
      const payload = Buffer.from(queue.kind === 'event' ? body : requestOf(body, queue));
      await aws.functions.invoke({ functionName: physicalName, qualifier: liveAlias, payload, mode: 'async' });
      // one by one: what is called is deleted, whatever comes next
      await aws.queues.delete(queue.url, [receipt]);
      count++;
      if (perSecond !== undefined) await pause(1000 / perSecond, signal);
    }
  }
  return count;
}

function requestOf(body: string, { name }: DeadLetters): string {
  try {
    const { requestPayload } = JSON.parse(body) as { readonly requestPayload?: unknown };
    if (requestPayload !== undefined) return JSON.stringify(requestPayload);
  } catch {
    // told below
  }
  throw new FxError('USAGE', `a message of ${name} is no record of a failed invocation: ${body.slice(0, 80)}`);
}

interface Place {
  readonly kind: DeadLetters['kind'];
  /** The queue, or for `move` the queue whose dead letters they are. */
  readonly queue: Value | undefined;
}

function placesOf(template: Template, name: string): readonly Place[] {
  const { function: functionId } = functionIdsIn(template, name);
  const calls = callsTo(template, name);
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]): readonly Place[] => {
    switch (Type) {
      case 'AWS::Lambda::Function':
        return id === functionId ? [{ kind: 'event', queue: at(Properties['DeadLetterConfig'], 'TargetArn') }] : [];
      case 'AWS::Lambda::EventInvokeConfig':
        return calls(Properties['FunctionName'])
          ? [{ kind: 'record', queue: at(Properties['DestinationConfig'], 'OnFailure', 'Destination') }]
          : [];
      case 'AWS::Lambda::EventSourceMapping':
        return calls(Properties['FunctionName']) ? [{ kind: 'move', queue: Properties['EventSourceArn'] }] : [];
      case 'AWS::Scheduler::Schedule':
        return calls(at(Properties['Target'], 'Arn'))
          ? [{ kind: 'event', queue: at(Properties['Target'], 'DeadLetterConfig', 'Arn') }]
          : [];
      case 'AWS::Events::Rule':
        return ((Properties['Targets'] ?? []) as readonly Value[])
          .filter((target) => calls(at(target, 'Arn')))
          .map((target) => ({ kind: 'event', queue: at(target, 'DeadLetterConfig', 'Arn') }));
      default:
        return [];
    }
  });
}

function at(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>(
    (inner, key) => (inner as Readonly<Record<string, Value>> | undefined)?.[key],
    value,
  );
}

/** Undefined if it is not a queue, or has no dead letter queue. */
async function lookAt(
  { kind, queue }: Place,
  resources: readonly StackResource[],
  { aws }: Context,
): Promise<DeadLetters | undefined> {
  const place = placed(queue, resources);
  if (place === undefined) return undefined;
  const named = await aws.queues.describe(place);
  const dead = kind === 'move' ? named?.deadLetters && (await aws.queues.describe(named.deadLetters)) : named;
  if (!dead) return undefined;
  const { url, arn, messages } = dead;
  const samples = messages === 0 ? [] : await aws.queues.receive(url, 0);
  const bodies = samples.slice(0, mostSamples).map(({ body }) => body);
  return { name: arn.split(':').at(-1) ?? '', url, arn, kind, messages, samples: bodies };
}

/** The ARN or URL of a queue. */
function placed(queue: Value | undefined, resources: readonly StackResource[]): string | undefined {
  if (typeof queue === 'string') return /^arn:[^:]+:sqs:/.test(queue) ? queue : undefined;
  const [reference] = referencesIn(queue);
  const resource = reference === undefined ? undefined : resourceOf(resources, reference.logicalId);
  return resource?.type === 'AWS::SQS::Queue' ? resource.physicalId : undefined;
}

// Dead letter queues of event sources: one that exists, or one that fx makes for an entry.
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, type Schema, text, verbatim } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import { isIntrinsic } from '../cfn/resource-schema.ts';
import type { SourceContext, Use } from './source.ts';

/** `made` is a queue of the entry's own; else a logical id of `resources`, an ARN or an intrinsic. */
export type DeadLetters = 'made' | { readonly queue: Plain };

const expected = 'true for a new queue, or the logical id or ARN of a queue';

export const deadLettersSchema: Schema<DeadLetters> = described(
  'A queue for events that could not be delivered: true makes one, or the logical id or ARN of a standard queue.',
  byKind<DeadLetters>({
    scalar: {
      expected,
      json: { type: ['boolean', 'string'], expected },
      read(value, reading) {
        if (value.kind === 'scalar' && value.value === true) return 'made';
        const queue = text({ pattern: /^([A-Za-z][A-Za-z0-9]*|arn:\S+)$/, expected }).read(value, reading);
        return queue === undefined ? undefined : { queue };
      },
    },
    map: converted(verbatim, (queue) =>
      isIntrinsic(queue) ? { value: { queue } } : { wrong: `expected ${expected}` },
    ),
    expected,
  }),
  { examples: [true, 'FailedEvents'] },
);

/** Kept as long as SQS allows, so that there is time to look. */
const retentionSeconds = 1_209_600;

export interface DeadLetterQueue {
  readonly arn: Value;
  readonly resources: Readonly<Record<string, Resource>>;
}

/** The queue of an entry, and the resources that it needs. A service that sends on its own, such as EventBridge, needs the queue's policy. */
export function deadLetterQueue(
  letters: DeadLetters,
  id: string,
  pushing?: { readonly principal: string; readonly sourceArn: Value },
): DeadLetterQueue {
  if (letters !== 'made') {
    const { queue } = letters;
    const isId = typeof queue === 'string' && !queue.startsWith('arn:');
    return { arn: isId ? arnOf(queue, 'AWS::SQS::Queue') : queue, resources: {} };
  }
  const arn = arnOf(id, 'AWS::SQS::Queue');
  const queue: Resource = { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: retentionSeconds } };
  if (pushing === undefined) return { arn, resources: { [id]: queue } };
  const policy: Resource = {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(id)],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: pushing.principal },
            Action: 'sqs:SendMessage',
            Resource: arn,
            Condition: { ArnEquals: { 'aws:SourceArn': pushing.sourceArn } },
          },
        ],
      },
    },
  };
  return { arn, resources: { [id]: queue, [`${id}Policy`]: policy } };
}

/** Problems with a named queue. */
export function checkDeadLetters(
  letters: DeadLetters | undefined,
  { at }: Pick<Use<unknown>, 'at'>,
  { resources, names }: SourceContext,
): readonly Problem[] {
  if (letters === undefined || letters === 'made' || typeof letters.queue !== 'string') return [];
  const { queue } = letters;
  if (queue.startsWith('arn:')) {
    const [, , service, region, , name = ''] = queue.split(':');
    if (service !== 'sqs') return [{ at, message: `"${queue}" is not the ARN of an SQS queue` }];
    const message = `the dead letter queue "${name}" is in ${region}, but the function is in ${names.region}`;
    return [
      ...(region === names.region ? [] : [{ at, message, hint: `name a queue in ${names.region}` }]),
      ...(name.endsWith('.fifo') ? [fifo(name, at)] : []),
    ];
  }
  const resource = resources.get(queue);
  if (resource?.Type !== 'AWS::SQS::Queue') {
    if (resource !== undefined) return [{ at, message: `"${queue}" is ${resource.Type}, not AWS::SQS::Queue` }];
    const suggestion = nearest(queue, [...resources.keys()]);
    const hint = suggestion === undefined ? 'true makes a queue' : `did you mean "${suggestion}"?`;
    return [{ at, message: `there is no queue "${queue}" under resources`, hint }];
  }
  return String(resource.Properties?.['FifoQueue']) === 'true' ? [fifo(queue, at)] : [];
}

const fifo = (name: string, at: Problem['at']): Problem => ({
  at,
  message: `"${name}" is a FIFO queue: dead letters go to standard queues only`,
});

/** A queue of the project needs a policy that lets EventBridge send; fx writes one only for the queues that it makes. */
export function warnOfPolicy(
  letters: DeadLetters | undefined,
  { at }: Pick<Use<unknown>, 'at'>,
  { resources }: SourceContext,
  principal: string,
): readonly Problem[] {
  if (letters === undefined || letters === 'made' || typeof letters.queue !== 'string') return [];
  const { queue } = letters;
  if (resources.get(queue)?.Type !== 'AWS::SQS::Queue') return [];
  const policies = [...resources.values()].filter(
    ({ Type }) => Type.startsWith('AWS::SQS::Queue') && Type.endsWith('Policy'),
  );
  if (policies.some((policy) => JSON.stringify(policy).includes(`"${queue}"`))) return [];
  const message = `"${queue}" has no policy, so ${principal} cannot send dead letters to it`;
  return [{ at, message, hint: `add an AWS::SQS::QueuePolicy under resources, or write deadLetters: true` }];
}

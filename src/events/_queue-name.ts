// The queue of an event: an existing one by logical id, ARN or intrinsic, or one that fx makes.

import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { arnOf } from '../cfn/arn.ts';
import { pascalCase } from '../cfn/names.ts';
import { canonicalJson, type Value } from '../cfn/resource.ts';
import { type Named, namedOrMade } from './_made.ts';
import { type MadeQueue, madeQueue, madeQueueId } from './_queue.ts';
import type { FunctionReference } from './source.ts';

export type NamedQueue = Named<MadeQueue>;

export const namedQueue = namedOrMade('a queue', madeQueue, {
  about:
    'The logical id of a queue under resources or that another event makes, an ARN, or {make: …} for one that fx makes.',
  example: 'Jobs',
});

/** The logical id of a queue under resources; undefined for an ARN or an intrinsic. */
export function logicalIdOf(named: Plain): string | undefined {
  return typeof named === 'string' && !named.startsWith('arn:') ? named : undefined;
}

/** The logical id of a queue of the template, if one is known. */
export function queueId(queue: NamedQueue, to: FunctionReference): string | undefined {
  return queue.kind === 'made' ? madeQueueId(queue.made, to.id('Queue')) : logicalIdOf(queue.named);
}

export function queueArn(queue: NamedQueue, to: FunctionReference): Value {
  const id = queueId(queue, to);
  if (id !== undefined) return arnOf(id, 'AWS::SQS::Queue');
  return queue.kind === 'existing' ? queue.named : '';
}

/** Derived from the queue alone, so that a new mapping renames no other. */
export function queueIdPart(queue: NamedQueue): string {
  if (queue.kind === 'made') return queue.made.make === true ? 'Queue' : queue.made.make;
  const { named } = queue;
  const id = logicalIdOf(named);
  if (id !== undefined) return id;
  // queues in several regions and accounts may have this name
  if (typeof named === 'string') return `${pascalCase(named.split(':').at(-1) ?? '')}${sha256(named).slice(0, 8)}`;
  return `Queue${sha256(canonicalJson(named)).slice(0, 8)}`;
}

export function describedQueue(queue: NamedQueue): string {
  if (queue.kind === 'made') return queue.made.make === true ? 'its own queue' : queue.made.make;
  return typeof queue.named === 'string' ? queue.named : JSON.stringify(queue.named);
}

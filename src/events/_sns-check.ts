// Checks of `sns` entries: rules that depend on the topic, its region, or other entries.
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { compileFilterPolicy, InvalidFilterPolicy } from '../cfn/filter-policy.ts';
import { topicPrincipal } from '../cfn/regions.ts';
import { checkUse as checkQueueUse } from './_sqs-check.ts';
import { describedTopic, isFifoTopic, madeTopics, topicArn, topicId } from './_topic.ts';
import { queueOf, regionOf, type TopicSource } from './_topic-queue.ts';
import type { SourceContext, Use } from './source.ts';

type Uses = readonly Use<TopicSource>[];

export function checkUse(use: Use<TopicSource>, uses: Uses, context: SourceContext): Problem[] {
  return [
    ...checkTopic(use, uses, context),
    ...checkFifo(use, uses, context),
    ...checkFilter(use),
    ...checkRegion(use, context),
    ...checkQueue(use, uses, context),
  ];
}

function checkTopic(
  { function: to, config: { topic }, at }: Use<TopicSource>,
  uses: Uses,
  context: SourceContext,
): Problem[] {
  const id = topicId(topic, to);
  if (topic.kind === 'made' || id === undefined || madeTopics(uses).has(id)) return [];
  const resource = context.resources.get(id);
  if (resource?.Type === 'AWS::SNS::Topic') return [];
  if (resource !== undefined) return [{ at, message: `"${id}" is ${resource.Type}, not AWS::SNS::Topic` }];
  const suggestion = nearest(id, [...context.resources.keys(), ...madeTopics(uses).keys()]);
  const hint =
    suggestion === undefined
      ? `let fx make it: sns: {topic: {make: ${id}}}, or give the ARN of a topic`
      : `did you mean "${suggestion}"?`;
  return [{ at, message: `there is no topic "${id}" under resources`, hint }];
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html: FIFO topics have queues as subscribers, nothing else. */
function checkFifo({ config, at }: Use<TopicSource>, uses: Uses, { resources }: SourceContext): Problem[] {
  const isFifo = isFifoTopic(config.topic, { made: madeTopics(uses), resources });
  if (isFifo === true && config.sqs === undefined) {
    return [
      {
        at,
        message: `${describedTopic(config.topic)} is a FIFO topic, which delivers to queues only`,
        hint: 'put a queue between: sns: {topic: …, sqs: true}',
      },
    ];
  }
  const queue = config.sqs?.queue;
  if (isFifo === false && queue?.kind === 'made' && queue.made.fifo === true) {
    return [
      {
        at,
        message: `${describedTopic(config.topic)} is a standard topic, which does not deliver to FIFO queues`,
        hint: 'remove fifo from the queue, or make the topic FIFO',
      },
    ];
  }
  return [];
}

function checkFilter({ config: { filterPolicy, filterPolicyScope }, at }: Use<TopicSource>): Problem[] {
  if (filterPolicy === undefined) return [];
  try {
    compileFilterPolicy(filterPolicy, filterPolicyScope);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidFilterPolicy)) throw error;
    const nested = /nested/.test(error.message)
      ? { hint: 'to filter by the body, add filterPolicyScope: MessageBody' }
      : {};
    return [{ at, message: `SNS does not accept this filterPolicy: ${error.message}`, ...nested }];
  }
}

function checkRegion({ config, at }: Use<TopicSource>, { names }: SourceContext): Problem[] {
  const region = regionOf(config) ?? names.region;
  if (region === names.region) return [];
  const protocol = config.sqs === undefined ? 'lambda' : 'sqs';
  const problems: Problem[] = [];
  if (topicPrincipal(region, names.region, protocol) === undefined) {
    problems.push({
      at,
      message: `SNS does not deliver from ${region} to ${protocol === 'lambda' ? 'functions' : 'queues'} in ${names.region}`,
      hint: 'forward through a topic in a region that every account has',
    });
  }
  // https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html: in the region of the subscription
  if (config.deadLetters === true) {
    problems.push({
      at,
      message: `deadLetters makes a queue in ${names.region}, but SNS needs it in ${region}, where the topic is`,
      hint: `name a queue there: deadLetters: arn:aws:sqs:${region}:…`,
    });
  }
  return problems;
}

function checkQueue(use: Use<TopicSource>, uses: Uses, context: SourceContext): Problem[] {
  const between = queueOf(use, uses, context.resources);
  if (between === undefined) return [];
  return checkQueueUse(
    { ...use, config: { ...between.settings, queue: { kind: 'made', made: between.made } } },
    context,
  );
}

/** A topic twice on one function, and two topics with one logical id. */
export function duplicates(uses: Uses): Problem[] {
  const seen = new Set<string>();
  const made = new Set<string>();
  return uses.flatMap(({ function: to, config, at }) => {
    const id = topicId(config.topic, to) ?? '';
    if (config.topic.kind === 'made') {
      if (made.has(id)) {
        return [
          {
            at,
            message: `two topics would have the logical id "${id}"`,
            hint: `to subscribe to the same topic: sns: ${id}`,
          },
        ];
      }
      made.add(id);
    }
    const key = `${to.name} ${JSON.stringify(topicArn(config.topic, to))}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ at, message: `"${to.name}" subscribes to this topic twice`, hint: 'remove one of the two events' }];
  });
}

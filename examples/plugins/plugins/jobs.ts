// Background jobs: `jobs: emails` gives a function a queue with its dead-letter queue, and `sends: [emails]` lets another function
// send to it.
import type { PluginFactory } from 'fx-serverless';

const queueId = (queue: string) => `${queue.charAt(0).toUpperCase()}${queue.slice(1)}Queue`;

export const plugin: PluginFactory = ({ schema, cfn, events, eventSource, setting }) => {
  const name = schema.text({ pattern: /^[a-z][A-Za-z0-9]*$/, expected: 'a name of a queue, such as emails' });
  const long = schema.object({
    required: { queue: name },
    optional: { attempts: schema.integer({ least: 1, most: 10, about: 'How often a job is tried.' }) },
  });
  return {
    eventSources: {
      jobs: eventSource({
        about: 'Jobs of a queue that this project makes, with a dead-letter queue for those that keep failing.',
        schema: schema.byKind<{ queue: string; attempts?: number }>({
          scalar: schema.converted(name, (queue) => ({ value: { queue } })),
          map: long,
          expected: 'the name of a queue, or {queue, attempts}',
        }),
        describe: ({ queue }) => `jobs ${queue}`,
        check: (uses) =>
          uses
            .filter(({ config }, index) => uses.findIndex((other) => other.config.queue === config.queue) < index)
            .map(({ config, at }) => ({ at, message: `another function does the jobs of "${config.queue}"` })),
        compile({ function: target, config: { queue, attempts = 3 } }) {
          const id = queueId(queue);
          const arn = cfn.attribute(id, 'Arn');
          return {
            resources: {
              [`${id}Failed`]: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
              [id]: {
                Type: 'AWS::SQS::Queue',
                Properties: {
                  // AWS advises six times the function's timeout
                  VisibilityTimeout: 6 * target.timeout,
                  RedrivePolicy: {
                    deadLetterTargetArn: cfn.attribute(`${id}Failed`, 'Arn'),
                    maxReceiveCount: attempts,
                  },
                },
              },
              [target.id(`${id}Mapping`)]: events.eventSourceMapping(
                target,
                { EventSourceArn: arn },
                { ...events.mappingDefaults, batchSize: 10, reportFailures: true },
              ),
            },
            outputs: { [`${id}Url`]: { Value: cfn.ref(id), Description: `The queue of ${queue}` } },
            statements: [cfn.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn)],
          };
        },
      }),
    },
    settings: {
      sends: setting({
        schema: schema.list(name),
        compile: (queues) => ({
          statements: queues.map((queue) => cfn.allow('sqs:SendMessage', cfn.attribute(queueId(queue), 'Arn'))),
          variables: Object.fromEntries(
            queues.map((queue) => [`${queue.toUpperCase()}_QUEUE_URL`, cfn.ref(queueId(queue))]),
          ),
        }),
      }),
    },
  };
};

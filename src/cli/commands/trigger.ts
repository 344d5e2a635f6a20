// fx trigger
import { command } from '../command.ts';
import { readBytes } from '../input.ts';
import { openProjectSession } from '../session.ts';
import { assignments } from '../values.ts';

export const trigger = command({
  output: 'trigger',
  needs: 'project',
  args: {
    target: {
      about: 'a function, or the queue, topic, table, stream or bucket that calls it',
      kind: 'required',
      names: 'function',
    },
  },
  options: {
    data: {
      kind: 'text',
      short: 'd',
      value: 'text',
      about: 'what to send (default: standard input unless it is a terminal, else something that fits)',
    },
    file: { kind: 'text', short: 'f', value: 'path', about: 'read what to send from a file' },
    event: {
      kind: 'text',

      value: 'kind|number',
      about: "which of the function's events, such as sqs or 2",
    },
    key: {
      kind: 'text',
      short: 'k',
      value: 'key',
      about: "the object's key, the record's partition key, the message's group, or the request's path",
    },
    attribute: { kind: 'repeated', short: 'a', value: 'name=value', about: 'an attribute of the message' },
    to: {
      kind: 'text',
      value: 'arn',
      about: 'send to this queue, topic, …; for one that project.yml names by an intrinsic',
    },
  },
  examples: [
    [`fx trigger orders --data '{"id": 1}'`, 'Send a message, put a record or make a request: what calls the function'],
    ['fx trigger Jobs --file job.json -a kind=order', 'Send a file to the queue Jobs, with an attribute'],
    ['fx trigger thumbnails --event s3 --key photos/a.png --file a.png', 'Put an object into the bucket'],
  ],
  async run(invocation) {
    const { io, signal, args, options } = invocation;
    const { data, file, event, key, to } = options;
    const bytes = await readBytes({ data, file }, io, signal);
    const attributes = assignments(options.attribute, '--attribute');
    const { project, context } = await openProjectSession(invocation);
    const operate = await import('../../operate/trigger.ts');
    const given = { target: args.target, event, data: bytes.length === 0 ? undefined : bytes, key, attributes, to };
    const triggered = await operate.trigger(project, given, context);
    invocation.aside(sentence(triggered));
    if (triggered.unmatched) invocation.aside("The event does not match the rule's pattern, so it calls nothing");
    else if (triggered.response === undefined) invocation.aside(`fx logs ${triggered.function} shows what it did`);
    else invocation.print(triggered.response.body);
    invocation.result(triggered);
    return 0;
  },
});

const what = {
  bucket: 'Put an object into the bucket',
  bus: 'Put an event on the bus',
  'device topic': 'Published to the topic of IoT',
  'log group': 'Wrote to the log group',
  queue: 'Sent a message to the queue',
  stream: 'Put a record into the stream',
  table: 'Put an item into the table',
  topic: 'Published to the topic',
} as const;

function sentence({
  to,
  place,
  id,
  response,
  event,
  function: name,
}: import('../../operate/trigger.ts').Triggered): string {
  if (to === 'direct') return `Nothing makes "${event}" fire, so fx called ${name} with the event that it gets`;
  if (to === 'url') return `${place} answered ${response?.status}`;
  return `${what[to]} ${place}${id === undefined ? '' : ` (${id})`}`;
}

// Writes an event stream, such as the one of Lambda's InvokeWithResponseStream, in AWS's binary format.
// https://smithy.io/2.0/aws/amazon-eventstream.html
import { Readable } from 'node:stream';
import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { writeJson } from './body.ts';
import { members, type ServiceModel } from './model.ts';

function encodeInitial(codec: EventStreamCodec): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers = {
    ':message-type': text('event'),
    ':event-type': text('initial-response'),
    ':content-type': text('application/json'),
  };
  return codec.encode({ headers, body: fromUtf8('{}') });
}

export const eventStreamType = 'application/vnd.amazon.eventstream';

type Event = Readonly<Record<string, unknown>>;

/** `schema` is the union of the stream's events. */
export function writeEvents(model: ServiceModel, schema: NormalizedSchema, events: AsyncIterable<Event>): Readable {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  const encode = ([name, value]: [string, unknown]): Uint8Array => {
    const event = members(schema).find(([member]) => member === name)?.[1];
    if (event === undefined) throw new Error(`${name} is not an event of ${schema.getName()}`);
    const payload = members(event).find(([, member]) => member.getMergedTraits().eventPayload !== undefined);
    const body =
      payload === undefined
        ? fromUtf8(writeJson(model, event, value))
        : ((value as Record<string, Uint8Array>)[payload[0]] ?? new Uint8Array());
    const text = (header: string) => ({ type: 'string' as const, value: header });
    // https://smithy.io/2.0/aws/amazon-eventstream.html#modeled-errors
    const kind =
      event.getMergedTraits().error === undefined
        ? { ':message-type': text('event'), ':event-type': text(name) }
        : { ':message-type': text('exception'), ':exception-type': text(name) };
    return codec.encode({
      headers: {
        ...kind,
        ':content-type': text(payload === undefined ? 'application/json' : 'application/octet-stream'),
      },
      body,
    });
  };
  async function* encoded() {
    // https://smithy.io/2.0/aws/amazon-eventstream.html#initial-messages: where the body of the answer is the stream
    if (model.protocol.startsWith('awsJson')) yield encodeInitial(codec);
    for await (const event of events) for (const entry of Object.entries(event)) yield encode(entry);
  }
  return Readable.from(encoded());
}

// Writes a line, and another, and another.
import { setTimeout } from 'node:timers/promises';

interface ResponseStream {
  write(text: string): void;
  end(): void;
}
/** Lambda's runtime has it: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
declare const awslambda: {
  streamifyResponse(handler: (event: object, stream: ResponseStream) => Promise<void>): unknown;
  readonly HttpResponseStream: { from(stream: ResponseStream, head: object): ResponseStream };
};

export const handler = awslambda.streamifyResponse(async (_, stream) => {
  const response = awslambda.HttpResponseStream.from(stream, {
    statusCode: 200,
    headers: { 'content-type': 'text/plain' },
  });
  for (let line = 1; line <= 3; line++) {
    response.write(`tick ${line}\n`);
    await setTimeout(300);
  }
  response.end();
});

// Tells a story word by word.
import { setTimeout } from 'node:timers/promises';

interface Request {
  readonly queryStringParameters?: Readonly<Record<string, string>>;
}
interface ResponseStream {
  write(text: string): void;
  end(): void;
}
/** Lambda's runtime has it: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
declare const awslambda: {
  streamifyResponse(handler: (request: Request, stream: ResponseStream) => Promise<void>): unknown;
  readonly HttpResponseStream: { from(stream: ResponseStream, head: object): ResponseStream };
};

export const handler = awslambda.streamifyResponse(async ({ queryStringParameters }, stream) => {
  const about = queryStringParameters?.about ?? 'nobody';
  const response = awslambda.HttpResponseStream.from(stream, {
    statusCode: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
  for (const word of ['Once', 'upon', 'a', 'time', 'there', 'was', `${about}.`]) {
    response.write(`${word} `);
    await setTimeout(100);
  }
  response.end();
});

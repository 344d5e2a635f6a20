// How long the local AWS takes for a queue of 20,000 messages, and how long it makes others wait meanwhile.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const messages = 20_000;
const { AWS_ENDPOINT_URL: _, FX_ENV: __, ...environment } = process.env;
const signature =
  'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0';

async function sqs(endpoint, operation, input) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: signature,
      'x-amz-target': `AmazonSQS.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
  return answer.json();
}

/** Seconds until the function has received every message, and the longest response time of the server meanwhile. */
async function drain(endpoint) {
  const { QueueUrl } = await sqs(endpoint, 'GetQueueUrl', { QueueName: 'jobs' });
  const body = 'x'.repeat(1000);
  const began = performance.now();
  let longest = 0;
  const timed = async (work) => {
    const before = performance.now();
    const result = await work;
    longest = Math.max(longest, performance.now() - before);
    return result;
  };
  for (let i = 0; i < messages / 10; i++) {
    const Entries = Array.from({ length: 10 }, (_, j) => ({ Id: String(j), MessageBody: body }));
    await timed(sqs(endpoint, 'SendMessageBatch', { QueueUrl, Entries }));
  }
  const sent = performance.now();
  for (;;) {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
    const { Attributes } = await timed(sqs(endpoint, 'GetQueueAttributes', { QueueUrl, AttributeNames: names }));
    if (names.every((name) => Attributes[name] === '0')) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  const end = performance.now();
  return { sending: (sent - began) / 1000, draining: (end - began) / 1000, longest };
}

export async function drainQueue(top) {
  const folder = join(top, 'queue');
  mkdirSync(folder);
  writeFileSync(join(folder, 'jobs.mjs'), 'export const handler = async () => {};\n');
  writeFileSync(
    join(folder, 'project.yml'),
    `name: queue
functions:
  jobs: {handler: jobs.handler, timeout: 30s, events: [{sqs: {queue: Jobs}}]}
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
`,
  );
  const fx = (...args) =>
    execFileSync(process.execPath, [resolve(import.meta.dirname, '../dist/bin.js'), ...args, '--json'], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  process.stderr.write(`draining ${messages} messages\n`);
  try {
    fx('deploy');
    const { endpoint } = JSON.parse(fx('local', 'status').trim().split('\n').at(-1)).value;
    const { sending, draining, longest } = await drain(endpoint);
    console.log(
      `\n${messages} messages of 1 KB: sent in ${sending.toFixed(1)} s, handled by the function in batches of 10 after ${draining.toFixed(1)} s; longest answer of the server meanwhile ${longest.toFixed(0)} ms`,
    );
  } finally {
    fx('local', 'stop');
  }
}

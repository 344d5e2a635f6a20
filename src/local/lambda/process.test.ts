// The process of a function: its variables, and its own bootstrap.
import { expect, test } from 'vitest';
import { createFunction, invoke } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { aws, cloud } = await startTestLambda();

test('a function sees Lambda’s variables and its own, and none of the developer’s', async () => {
  process.env['FX_TEST_SECRET'] = 'secret';
  const name = await createFunction(cloud, `export const handler = async () => process.env`, {
    Environment: { Variables: { MINE: '1' } },
  });
  const { result } = await invoke(cloud, name);
  delete process.env['FX_TEST_SECRET'];
  expect(Object.keys(result as object).sort()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    'AWS_LAMBDA_FUNCTION_NAME',
    'AWS_LAMBDA_FUNCTION_VERSION',
    'AWS_LAMBDA_INITIALIZATION_TYPE',
    'AWS_LAMBDA_LOG_GROUP_NAME',
    'AWS_LAMBDA_LOG_STREAM_NAME',
    'AWS_LAMBDA_RUNTIME_API',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'HOME',
    'LAMBDA_RUNTIME_DIR',
    'LAMBDA_TASK_ROOT',
    'LANG',
    'MINE',
    'PATH',
    'TZ',
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
  ]);
  expect(result).toMatchObject({ AWS_ENDPOINT_URL: aws.endpoint, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' });
});

test('a function reaches the local AWS under the hosts with prefixes that the SDK calls', async () => {
  // a URL cannot have such a host; the SDK's requests can
  const source = `import { get } from 'node:http';
  export const handler = () => new Promise((done, fail) => {
    const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL);
    get({ hostname: 'sync-' + hostname, port }, ({ statusCode }) => done(statusCode)).on('error', fail);
  });`;
  const { result } = await invoke(cloud, await createFunction(cloud, source));
  expect(result).toEqual(expect.any(Number));
});

test('provided.al2023 runs the function’s bootstrap unchanged', async () => {
  const text = `#!/usr/bin/env node
const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const next = await fetch(base + 'next');
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const event = await next.json();
  await fetch(base + id + '/response', { method: 'POST', body: JSON.stringify({ hello: event.name }) });
}`;
  const files = {
    bootstrap: { text: `#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/main.mjs"\n`, mode: 0o755 },
    'main.mjs': text,
  };
  const name = await createFunction(cloud, files, { Runtime: 'provided.al2023', Handler: 'any' });
  expect((await invoke(cloud, name, { name: 'you' })).result).toEqual({ hello: 'you' });
});

test('a bootstrap that is not executable is reported', async () => {
  const files = { bootstrap: { text: '#!/bin/sh\n', mode: 0o644 } };
  const name = await createFunction(cloud, files, { Runtime: 'provided.al2023', Handler: 'any' });
  expect((await invoke(cloud, name)).result).toMatchObject({ errorType: 'Runtime.InvalidEntrypoint' });
});

test.runIf(process.platform === 'linux')('a bootstrap for another processor says so', async () => {
  // ARM of 32 bits, which is neither of Lambda's
  const files = { bootstrap: { text: `\x7fELF\x01\x01\x01${'\0'.repeat(11)}\x28\0${'\0'.repeat(40)}`, mode: 0o755 } };
  const name = await createFunction(cloud, files, { Runtime: 'provided.al2023', Handler: 'any' });
  expect((await invoke(cloud, name)).result).toMatchObject({
    errorType: 'Runtime.InvalidEntrypoint',
    errorMessage: expect.stringContaining('exec format error: it was built for another processor'),
  });
});

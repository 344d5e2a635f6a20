// What Lambda answered to requests that it refuses: each test names the recorded situation of November 2025.
import { expect, test } from 'vitest';
import { createFunction } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, call } = await startTestLambda();
const name = await createFunction(cloud, 'export const handler = async () => 1;');
const arn = `arn:aws:lambda:us-east-1:${cloud.accountId}:function:${name}`;

test('function_arn_other_account_exc', async () => {
  const FunctionName = arn.replace(cloud.accountId, '123456789012');
  await expect(call('GetFunction', { FunctionName })).rejects.toMatchObject({
    code: 'AccessDeniedException',
    status: 403,
  });
});

test('test_tag_exceptions: an ARN of a type without tags', async () => {
  const Resource = arn.replace(':function:', ':foobar:');
  const refused = {
    code: 'ValidationException',
    message: `1 validation error detected: Value '${Resource}' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)`,
  };
  await expect(call('TagResource', { Resource, Tags: { a: 'b' } })).rejects.toMatchObject(refused);
  await expect(call('ListTags', { Resource })).rejects.toMatchObject(refused);
});

test('put_destination_invalid_arn_pattern', async () => {
  const Destination = arn.replace('lambda', '_-/!lambda');
  await expect(
    call('PutFunctionEventInvokeConfig', { FunctionName: name, DestinationConfig: { OnFailure: { Destination } } }),
  ).rejects.toMatchObject({
    code: 'ValidationException',
    message: `1 validation error detected: Value '${Destination}' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must satisfy regular expression pattern: $|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)`,
  });
});

test('add_layer_arn_without_version_exc', async () => {
  const layer = `arn:aws:lambda:us-east-1:${cloud.accountId}:layer:one`;
  await expect(call('UpdateFunctionConfiguration', { FunctionName: name, Layers: [layer] })).rejects.toMatchObject({
    code: 'ValidationException',
    message: `1 validation error detected: Value '[${layer}]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]`,
  });
});

test('put_provisioned_concurrency_account_limit_exceeded', async () => {
  const { Version } = await call('PublishVersion', { FunctionName: name });
  const put = (ProvisionedConcurrentExecutions: number) =>
    call('PutProvisionedConcurrencyConfig', {
      FunctionName: name,
      Qualifier: Version,
      ProvisionedConcurrentExecutions,
    });
  await expect(put(1001)).rejects.toMatchObject({
    fields: {},
    message: "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].",
  });
  await expect(put(901)).rejects.toMatchObject({
    message:
      "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  });
});

test('invalid_runtime_exc: the message lists no runtime that is refused for a new function', async () => {
  const Runtime = 'non-existent-runtime' as 'nodejs24.x';
  const refused = await call('UpdateFunctionConfiguration', { FunctionName: name, Runtime }).catch(
    (error: Error) => error.message,
  );
  const offered = /enum value set: \[(.+)\] or be a valid ARN$/.exec(String(refused))?.[1]?.split(', ');
  expect(offered).toEqual(expect.arrayContaining(['nodejs16.x', 'nodejs24.x', 'python3.8', 'dotnet6', 'java8.al2']));
  for (const blocked of ['nodejs14.x', 'go1.x', 'java8', 'ruby2.7', 'provided', 'python3.7'])
    expect(offered).not.toContain(blocked);
});

test('put_recursion_invalid_value_error', async () => {
  const RecursiveLoop = 'InvalidValue' as 'Allow';
  await expect(call('PutFunctionRecursionConfig', { FunctionName: name, RecursiveLoop })).rejects.toMatchObject({
    code: 'ValidationException',
    message:
      "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
  });
});

import { expect, test } from 'vitest';
import type { Readiness } from '../aws/aws.ts';
import type { Template } from '../cfn/resource.ts';
import type { Context } from './context.ts';
import { awaitReadiness } from './readiness.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:orders';
const done = [
  { logicalId: 'Orders', type: 'AWS::Lambda::Function', physicalId: 'orders' },
  { logicalId: 'Plain', type: 'AWS::Lambda::Function', physicalId: 'plain' },
  { logicalId: 'Plain', type: 'AWS::Lambda::Function', physicalId: 'plain' },
  { logicalId: 'OrdersVersion', type: 'AWS::Lambda::Version', physicalId: `${arn}:2` },
  { logicalId: 'OrdersAlias', type: 'AWS::Lambda::Alias', physicalId: `${arn}:live` },
  { logicalId: 'Other', type: 'AWS::Lambda::Alias', physicalId: `${arn}:other` },
  { logicalId: 'Jobs', type: 'AWS::SQS::Queue', physicalId: 'jobs' },
];
const template: Template = {
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'shop',
  Resources: {
    OrdersAlias: {
      Type: 'AWS::Lambda::Alias',
      Properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } },
    },
    Other: { Type: 'AWS::Lambda::Alias', Properties: {} },
  },
};

/** Each name answers with its list, the last for ever. */
function contextOf(answers: Readonly<Record<string, readonly Readiness['state'][]>>, minutesPerLook = 0) {
  const asked: string[] = [];
  let now = 0;
  const answer = (name: string): Promise<Readiness> => {
    asked.push(name);
    now += minutesPerLook * 60_000;
    const states = answers[name] ?? ['ready'];
    const state = states[Math.min(asked.filter((other) => other === name).length, states.length) - 1] ?? 'ready';
    return Promise.resolve({ state, reason: state === 'failed' ? 'no memory' : undefined });
  };
  const context = {
    aws: {
      functions: {
        readiness: (name: string) => answer(name.replace(`${arn}:`, 'orders:')),
        provisioning: ({ functionName, alias }: { functionName: string; alias: string }) =>
          answer(`${functionName}:${alias}`),
      },
    },
    report: () => {},
    now: () => now,
    pollMs: 1,
    signal: new AbortController().signal,
  };
  return { asked, context: context as unknown as Context };
}

test('asks for each version, function without one and provisioned alias, and again only for those that are not ready', async () => {
  const { asked, context } = contextOf({
    'orders:live': ['pending', 'pending', 'ready'],
    plain: ['pending', 'ready'],
  });
  await awaitReadiness(done, template, context);
  expect(asked).toEqual(['plain', 'orders:2', 'orders:live', 'plain', 'orders:live', 'orders:live']);
});

test('fails with the reason of a function that does not start, or never does', async () => {
  await expect(
    awaitReadiness(done, template, contextOf({ 'orders:2': ['pending', 'failed'] }).context),
  ).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    message: 'orders:2 failed to start: no memory',
  });
  await expect(
    awaitReadiness(done, template, contextOf({ 'orders:live': ['pending'] }, 4).context),
  ).rejects.toMatchObject({
    message: 'orders:live is still not ready',
  });
});

test('without functions asks nothing', async () => {
  const { asked, context } = contextOf({});
  await awaitReadiness(done.slice(-1), template, context);
  expect(asked).toEqual([]);
});

// `permission`, `alexa` and `alexaSmartHome`: what could never call, or anyone could, is refused or warned of.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const project = (...events: string[]) =>
  `name: s\nregion: eu-west-1\nfunctions:\n  a:\n    handler: a.handler\n    events:\n${events.map((event) => `      - ${event}\n`).join('')}`;

async function problems(...events: string[]): Promise<readonly string[]> {
  try {
    await projectOf(project(...events));
    return [];
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}
const warnings = async (event: string) => (await projectOf(project(event))).warnings.map(({ message }) => message);

async function permissions(...events: string[]): Promise<Readonly<Record<string, unknown>>> {
  const { template } = await compiled(project(...events));
  const all = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Permission');
  return Object.fromEntries(all.map(([id, { Properties }]) => [id, Properties]));
}
const Action = 'lambda:InvokeFunction';
const FunctionName = { Ref: 'AAlias' };

describe('is refused', () => {
  test.each([
    ['permission: {principal: "*"}', 'anyone on the internet could call the function'],
    [
      'permission: config',
      'expected a service such as config.amazonaws.com, an account, the ARN of a role or user, or * with an organization, found "config"',
    ],
    [
      'permission: {principal: "111122223333", sourceAccount: "111122223333"}',
      'only services send what `sourceAccount` is compared with: "111122223333" could never call',
    ],
    [
      'permission: {principal: ses.amazonaws.com, organization: o-a1b2c3d4e5}',
      'a service is in no organization: "ses.amazonaws.com" could never call',
    ],
    [
      'permission: {principal: "111122223333", urlAuthType: AWS_IAM}',
      '`urlAuthType` is for `action: lambda:InvokeFunctionUrl`',
    ],
    [
      'permission: {principal: lambda.alarms.cloudwatch.amazonaws.com, sourceArn: "arn:aws:sns:eu-west-1:111122223333:t"}',
      '"lambda.alarms.cloudwatch.amazonaws.com" never calls for "arn:aws:sns:eu-west-1:111122223333:t": its resources have ARNs of cloudwatch',
    ],
    [
      'permission: {principal: ses.amazonaws.com, principalOrgId: o-1}',
      '"principalOrgId" is called `organization` here',
    ],
    [
      'alexa: my-skill',
      'expected the id of a skill, such as amzn1.ask.skill.1a2b3c4d-…, or an intrinsic, found "my-skill"',
    ],
  ])('%s', async (event, message) => {
    expect(await problems(event)).toEqual([message]);
  });

  test('what is there twice', async () => {
    const config = 'permission: config.amazonaws.com';
    const skill = 'alexa: amzn1.ask.skill.1a2b';
    expect(await problems(config, config, skill, skill)).toEqual([
      '"a" has this permission twice',
      '"a" has this skill twice',
    ]);
  });
});

test.each([
  [
    'permission: {principal: ses.amazonaws.com}',
    '"ses.amazonaws.com" could call the function for resources of any account',
  ],
  [
    'permission: {principal: s3.amazonaws.com, sourceArn: "arn:aws:s3:::files"}',
    '"s3.amazonaws.com" could call the function for resources of any account',
  ],
  ['permission: {principal: alexa-appkit.amazon.com}', 'every Alexa skill could call the function'],
  [
    'permission: states.amazonaws.com',
    '"states.amazonaws.com" calls functions with a role, so this permission has no effect',
  ],
])('%s is warned of', async (event, message) => {
  expect(await warnings(event)).toEqual([message]);
});

test('a service, in short, may call for resources of this account only', async () => {
  const Principal = 'config.amazonaws.com';
  expect(await permissions('permission: config.amazonaws.com')).toEqual({
    AConfigPermission: { FunctionName, Action, Principal, SourceAccount: { Ref: 'AWS::AccountId' } },
  });
  expect(await warnings('permission: config.amazonaws.com')).toEqual([]);
});

test('several permissions of a principal have numbers, and a call of the URL needs two', async () => {
  const Principal = '111122223333';
  const url = 'permission: {principal: "111122223333", action: lambda:InvokeFunctionUrl, urlAuthType: AWS_IAM}';
  expect(await permissions('permission: "111122223333"', url)).toEqual({
    A111122223333Permission: { FunctionName, Action, Principal },
    A111122223333Permission2: {
      FunctionName,
      Action: 'lambda:InvokeFunctionUrl',
      Principal,
      FunctionUrlAuthType: 'AWS_IAM',
    },
    A111122223333Permission2Invoke: { FunctionName, Action, Principal, InvokedViaFunctionUrl: true },
  });
});

test('only the skill may call', async () => {
  const EventSourceToken = 'amzn1.ask.skill.1a2b';
  expect(await permissions('alexa: amzn1.ask.skill.1a2b', 'alexaSmartHome: amzn1.ask.skill.1a2b')).toEqual({
    AAlexaPermission: { FunctionName, Action, Principal: 'alexa-appkit.amazon.com', EventSourceToken },
    AAlexaSmartHomePermission: { FunctionName, Action, Principal: 'alexa-connectedhome.amazon.com', EventSourceToken },
  });
  const elsewhere = project('alexa: amzn1.ask.skill.1a2b').replace('eu-west-1', 'eu-central-1');
  expect((await projectOf(elsewhere)).warnings.map(({ message }) => message)).toEqual([
    'eu-central-1 is not among the regions in which Alexa is known to call functions',
  ]);
});

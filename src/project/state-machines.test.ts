// Definitions of state machines: what is refused, each at its line of the definition.
import { expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const yaml = (more = '') => `name: s
region: us-east-1
functions: {orders: {handler: a.handler}, pay: {handler: a.handler}}
stateMachines: {flow: flow.asl.yml}
resources: {Jobs: {Type: AWS::SQS::Queue}}
${more}`;

async function problems(definition: string, text = yaml()): Promise<readonly string[]> {
  try {
    await projectOf(text, { files: { 'flow.asl.yml': definition } });
    return [];
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return (error.problems ?? []).map(({ at, message, hint }) => {
      const place = `${at.file.split('/').at(-1)}:${at.line}:${at.column}`;
      return `${place} ${message}${hint === undefined ? '' : ` (${hint})`}`;
    });
  }
}

const task = (resource: string, more = 'End: true') => `StartAt: Work
States:
  Work:
    Type: Task
    Resource: ${resource}
    ${more}
`;

test.each([
  [task('orders'), []],
  [task('arn:aws:states:::sqs:sendMessage', 'Parameters: {QueueUrl: "${Jobs}", MessageBody.$: $}\n    End: true'), []],
  [task('order'), ['flow.asl.yml:5:5 there is no function "order" (did you mean "orders"?)']],
  [
    task('arn:aws:states:::lambda:invoke', 'Parameters: {FunctionName: payy}\n    End: true'),
    ['flow.asl.yml:6:18 there is no function "payy" (did you mean "pay"?)'],
  ],
  [
    task('arn:aws:states:::sqs:sendMessage', 'Parameters: {QueueUrl: !Ref Job, MessageBody: x}\n    End: true'),
    ['flow.asl.yml:6:18 there is no function or resource "Job" (did you mean "Jobs"?)'],
  ],
  [task('orders', 'Next: Done'), [`flow.asl.yml:6:5 Missing 'Next' target: Done`]],
  [task('orders', 'Comment: x'), ['flow.asl.yml:3:3 Exactly one of these fields is required: [Next, End]']],
  [task('orders', 'Ressource: x\n    End: true'), ['flow.asl.yml:6:5 Field is not supported']],
  [`${task('orders')}  Other: {Type: Succeed}\n`, ['flow.asl.yml:7:3 State "Other" is not reachable.']],
  [
    'QueryLanguage: JSONata\nStartAt: A\nStates: {A: {Type: Pass, Output: "{% $sum( %}", End: true}}\n',
    [expect.stringMatching(/^flow\.asl\.yml:3:26 The JSONata expression '\$sum\(' is not valid: /)],
  ],
])('%s', async (definition, expected) => {
  expect(await problems(definition)).toEqual(expected);
});

test('a file that is missing', async () => {
  const text = yaml().replace('flow.asl.yml', 'none.yml');
  expect(await problems('', text)).toEqual([
    'project.yml:4:23 there is no file "none.yml" (it has the definition of the state machine)',
  ]);
});

test('a permission that the definition does not tell is asked for', async () => {
  const definition = task('arn:aws:states:::aws-sdk:sqs:purgeQueue', 'Parameters: {QueueUrl.$: $.url}\n    End: true');
  const files = { 'flow.asl.yml': definition };
  const settings = 'stateMachines: {flow: {definition: flow.asl.yml, permissions: [sqs:PurgeQueue on Jobs]}}';
  await expect(compiled(yaml(), { files })).rejects.toMatchObject({
    problems: [
      expect.objectContaining({
        message: 'the role of "flow" needs sqs:PurgeQueue, and the definition does not name a resource of the project',
        at: expect.objectContaining({ line: 5 }),
      }),
    ],
  });
  const text = yaml().replace('stateMachines: {flow: flow.asl.yml}', settings);
  const { template } = await compiled(text, { files });
  expect(JSON.stringify(template.Resources['FlowStateMachineRole'])).toContain('"Action":["sqs:PurgeQueue"]');
});

// What is refused of state machines before anything is built, at its line in the file with the definition.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const functions = 'functions: {charge: {handler: a.handler}, ship: {handler: a.handler, condition: Never}}\n';
const conditions = 'conditions: {Never: !Equals [a, b]}\n';

async function refused(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return error.problems.map(({ at, message }) => `${at.file}:${at.line} ${message}`);
  }
}

const withFlow = (flow: string, machine = 'file: flow.asl.yml', more = '') => ({
  text: `name: s\n${functions}${conditions}stateMachines: {order: {${machine}}}\n${more}`,
  files: { 'flow.asl.yml': flow },
});

function problems(flow: string, machine?: string, more?: string): Promise<readonly string[]> {
  const { text, files } = withFlow(flow, machine, more);
  return refused(projectOf(text, { files }));
}

const task = (fields: string) => `StartAt: A\nStates:\n  A:\n    Type: Task\n    End: true\n${fields}`;

test('a flow of functions, looked up values and intrinsics is fine', async () => {
  const flow = task('    Resource: charge\n    Parameters: {stage: "${env}", queue: !Ref Jobs}\n');
  const { text, files } = withFlow(flow, undefined, 'resources: {Jobs: {Type: "AWS::SQS::Queue"}}\n');
  const project = await projectOf(text, { files });
  expect(project.stateMachines[0]).toMatchObject({
    physicalName: 's-local-order',
    definition: { States: { A: { Resource: 'charge', Parameters: { stage: 'local', queue: { Ref: 'Jobs' } } } } },
  });
});

describe('mistakes in a definition', () => {
  test.each([
    [
      'StartAt: B\nStates: {A: {Type: Succeed}}',
      ["flow.asl.yml:1 Missing 'StartAt' target: B", 'flow.asl.yml:2 State "A" is not reachable.'],
    ],
    [task('    Resource: chrage\n'), ['flow.asl.yml:6 there is no function "chrage"']],
    [
      task('    Resource: arn:aws:states:::lambda:invoke\n    Parameters:\n      FunctionName: chrage\n'),
      ['flow.asl.yml:8 there is no function "chrage"'],
    ],
    [
      task('    Resource: ship\n'),
      ['flow.asl.yml:6 "ship" exists only if the condition "Never" holds, the state machine always'],
    ],
    [
      task('    Resource: arn:aws:states:::lambda:invoke\n    Parameters: {FunctionName: charge, Qualifier: live}\n'),
      ['flow.asl.yml:7 fx calls the live alias of "charge", so there is no Qualifier'],
    ],
    [
      task('    Resource: charge\n    QueryLanguage: JSONata\n    Output: "{% $sum( %}"\n'),
      [expect.stringMatching(/^flow\.asl\.yml:8 The JSONata expression '\$sum\(' is not valid: /)],
    ],
    [task('    Resource: charge\n    Retyr: []\n'), ['flow.asl.yml:7 Field is not supported']],
    ['StartAt: [', [expect.stringMatching(/^flow\.asl\.yml:1 /)]],
  ])('%s', async (flow, expected) => {
    expect(await problems(flow)).toEqual(expected);
  });
});

describe('mistakes around a definition', () => {
  const flow = task('    Resource: charge\n');
  test.each([
    ['file: none.asl.yml', ['project.yml:4 there is no file "none.asl.yml"']],
    ['file: flow.txt', ['project.yml:4 "flow.txt" is not a file in JSON or YAML']],
    ['file: flow.asl.yml, definition: {}', ['project.yml:4 a state machine has either file or definition, not both']],
    ['type: EXPRESS', ['project.yml:4 a state machine needs a definition']],
    [
      'file: flow.asl.yml, type: EXPRESS, timeout: 1h',
      ['project.yml:4 an express state machine runs for at most five minutes'],
    ],
  ])('%s', async (machine, expected) => {
    expect(await problems(flow, machine)).toEqual(expected);
  });

  test('what does not start a state machine, or is wrong where a function has it', async () => {
    const events = (entry: string) => problems(flow, `file: flow.asl.yml, events: [${entry}]`);
    expect(await events('{http: GET /}')).toEqual(['project.yml:4 unknown event source "http"']);
    expect(await events('{schedule: {expression: rate(1 day), deadLetters: Gone}}')).toEqual([
      'project.yml:4 there is no queue "Gone" under resources',
    ]);
    expect(await events('{schedule: rate(1 day)}, {eventbridge: {pattern: {source: [s]}}}')).toEqual([]);
  });

  test('two time limits', async () => {
    expect(await problems(`${flow}TimeoutSeconds: 5\n`, 'file: flow.asl.yml, timeout: 10s')).toEqual([
      'project.yml:4 the definition has TimeoutSeconds too',
    ]);
  });
});

describe('rights that the definition does not tell', () => {
  const compile = async (flow: string, machine?: string) => {
    const { text, files } = withFlow(flow, machine);
    return refused(compiled(text, { files }));
  };

  test('of a resource that is known only at run time, unless permissions has them', async () => {
    const flow = task(
      '    Resource: arn:aws:states:::sqs:sendMessage\n    Parameters: {QueueUrl.$: $.queue, MessageBody: x}\n',
    );
    expect(await compile(flow)).toEqual([
      'flow.asl.yml:7 this names its resource only at run time, so fx cannot tell where it needs sqs:SendMessage',
    ]);
    const granted = 'file: flow.asl.yml, permissions: ["sqs:Send* on arn:aws:sqs:us-east-1:111122223333:jobs-*"]';
    expect(await compile(flow, granted)).toEqual([]);
  });

  test('of services whose rights fx does not know', async () => {
    const flow = task('    Resource: arn:aws:states:::ecs:runTask.sync\n    Parameters: {TaskDefinition: report}\n');
    expect(await compile(flow)).toEqual([
      'flow.asl.yml:6 fx does not know what ecs:runTask.sync needs, and permissions has nothing of ecs',
    ]);
  });

  test('of what is no resource', async () => {
    const flow = task(
      '    Resource: arn:aws:states:::sqs:sendMessage\n    Parameters: {QueueUrl: jobs, MessageBody: x}\n',
    );
    expect(await compile(flow)).toEqual(['flow.asl.yml:7 "jobs" names no resource']);
  });
});

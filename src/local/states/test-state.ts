// Step Functions' TestState: runs one state without a state machine.
// https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
import { randomUUID } from 'node:crypto';
import type { Fields } from '../../cfn/states-definition.ts';
import type { QueryLanguage } from '../../cfn/states-fields.ts';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { checkDefinitionText } from './definition.ts';
import type { Executions } from './executions.ts';
import { type Flow, runFlow } from './flow.ts';
import { History } from './history.ts';
import { checkMachineRole } from './machine-checks.ts';
import { Run, Scope } from './run.ts';
import { arnOf, type Execution, machineArn, type StatesState } from './state.ts';
import { StateError } from './state-error.ts';
import { Variables } from './variables.ts';

const name = 'StateName';
const after = 'AfterTestState';

export function testStateOperation(state: StatesState, executions: Executions): Operations<'states'> {
  const { cloud } = state;
  return {
    TestState: {
      members: ['definition', 'roleArn', 'input', 'inspectionLevel', 'variables'],
      async run({ definition = '', roleArn, input = '{}', inspectionLevel = 'INFO', variables = '{}' }, { signal }) {
        checkConstraints('ValidationException', [
          ['inspectionLevel', inspectionLevel, { oneOf: ['INFO', 'DEBUG', 'TRACE'] }],
        ]);
        const tested = parsed(definition, 'InvalidDefinition') as Fields;
        if (['Map', 'Parallel'].includes(String(tested['Type'])))
          throw notImplemented('TestState of a Map or Parallel state');
        // the states that it names do not exist here
        const targets = new Set<string>();
        const flow = JSON.stringify(flowAround(tested, targets));
        await checkDefinitionText(flow, 'STANDARD');
        const arn = machineArn(cloud, `test-${randomUUID()}`);
        if (roleArn !== undefined) await checkMachineRole(cloud, roleArn, arn, flow);
        else if (tested['Type'] === 'Task') {
          throw new AwsError('ValidationException', 'A role is required to test a Task state');
        }
        const inspected: Record<string, unknown> = {};
        let caught: StateError | undefined;
        const execution = testExecution(state, flow, roleArn ?? '', input);
        const history = new History(state, { arn: execution.arn, last: 0, isStored: false, log: undefined });
        const run = new Run({
          ...{ cloud, execution, history, tokens: executions.tokens, activities: executions.activities },
          ended: (ended) => executions.ended(ended),
          inspect: (what, value) => {
            inspected[what] = JSON.stringify(value);
          },
          handled(failure, by) {
            if ('delayMs' in by) {
              const retryBackoffIntervalSeconds = Math.round(by.delayMs / 1000);
              inspected['errorDetails'] = { retryIndex: by.retrier, retryBackoffIntervalSeconds };
              throw new Retriable(failure);
            }
            inspected['errorDetails'] = { catchIndex: by.catcher };
            caught = failure;
          },
        });
        const raw = parsed(input, 'InvalidExecutionInput');
        inspected['input'] = input;
        const language = (tested['QueryLanguage'] as QueryLanguage | undefined) ?? 'JSONPath';
        const scope = new Scope(history, {
          ...{ signal, language, last: 0 },
          variables: new Variables(parsed(variables, 'ValidationException') as Record<string, unknown>),
        });
        const data = inspectionLevel === 'INFO' ? {} : { inspectionData: inspected };
        const ended = await end(run, flow, raw, scope);
        return { ...ended, ...(caught === undefined ? {} : { status: 'CAUGHT_ERROR', ...shown(caught) }), ...data };
      },
    },
  };
}

/** The first state's end: what follows it are states that only keep where it led. */
async function end(run: Run, flow: string, raw: unknown, scope: Scope) {
  try {
    const result = (await runFlow(run, JSON.parse(flow) as Flow, raw, scope)) as { next?: string; output: unknown };
    const isTraced = typeof result === 'object' && result !== null && Object.hasOwn(result, after);
    if (!isTraced) return { status: 'SUCCEEDED' as const, output: JSON.stringify(result) };
    const { next, output } = (result as unknown as Record<string, { next: string; output: unknown }>)[after] ?? {};
    return {
      status: 'SUCCEEDED' as const,
      output: JSON.stringify(output),
      ...(next === undefined ? {} : { nextState: next }),
    };
  } catch (error) {
    if (error instanceof Retriable) return { status: 'RETRIABLE' as const, ...shown(error.failure) };
    if (!(error instanceof StateError)) throw error;
    return { status: 'FAILED' as const, ...shown(error) };
  }
}

/** Ends the test in place of a retry. */
class Retriable extends Error {
  readonly failure: StateError;

  constructor(failure: StateError) {
    super('the error would be retried');
    this.failure = failure;
  }
}

function shown({ error, cause }: StateError): { readonly error?: string; readonly cause?: string } {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

function flowAround(tested: Fields, targets: Set<string>): object {
  const find = (value: unknown, key = ''): void => {
    if (typeof value === 'string' && (key === 'Next' || key === 'Default')) targets.add(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [inner, item] of Object.entries(value)) find(item, Array.isArray(value) ? key : inner);
    }
  };
  const { Parameters, Arguments, Output, Assign, Result, ...structure } = tested;
  find(structure);
  const states = [...targets].map((target) => [
    target,
    {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: { [after]: { next: target, output: '{% $states.input %}' } },
      End: true,
    },
  ]);
  return { StartAt: name, States: { [name]: tested, ...Object.fromEntries(states) } };
}

function testExecution({ cloud }: StatesState, definition: string, roleArn: string, input: string): Execution {
  const id = randomUUID();
  return {
    ...{ arn: arnOf(cloud, 'express', `test:${id}:${id}`), name: id, machine: 'test', machineType: 'EXPRESS', input },
    revision: { definition, roleArn, logging: { level: 'OFF' }, tracing: {}, encryption: { type: 'AWS_OWNED_KEY' } },
    ...{ started: cloud.now(), status: 'RUNNING', redriveCount: 0, events: 0 },
  };
}

function parsed(text: string, code: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AwsError(code, error instanceof Error ? error.message : String(error));
  }
}

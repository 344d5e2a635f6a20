// What a pipe calls on the way: a function or an express state machine of the project, or something by its ARN.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { allow, type Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import type { FunctionReference, SourceContext } from './source.ts';

/** The action on an enrichment, by the service in its ARN. */
const actions: Readonly<Record<string, string>> = {
  events: 'events:InvokeApiDestination',
  'execute-api': 'execute-api:Invoke',
  lambda: 'lambda:InvokeFunction',
  states: 'states:StartSyncExecution',
};
const services: Readonly<Record<string, string>> = {
  'AWS::Events::ApiDestination': 'events',
  'AWS::Lambda::Alias': 'lambda',
  'AWS::Lambda::Function': 'lambda',
  'AWS::StepFunctions::StateMachine': 'states',
};

export interface Enrichment {
  readonly arn: Value;
  readonly statement: Statement;
}

export function enrichment(named: string, context: SourceContext): Enrichment | undefined {
  const found = (arn: Value, service: string): Enrichment | undefined => {
    const action = actions[service];
    return action === undefined ? undefined : { arn, statement: allow(action, arn) };
  };
  if (named.startsWith('arn:')) return found(named, named.split(':')[2] ?? '');
  const alias = context.functionNamed(named)?.alias;
  if (alias !== undefined) return found(alias, 'lambda');
  const machine = context.stateMachineNamed(named);
  if (machine !== undefined) return found(machine.arn, 'states');
  const type = context.resources.get(named)?.Type ?? '';
  return found(arnOf(named, type), services[type] ?? '');
}

export function checkEnrichment(
  named: string | undefined,
  { target, at }: { readonly target: FunctionReference; readonly at: Problem['at'] },
  context: SourceContext,
): Problem[] {
  if (named === undefined) return [];
  const other = context.functionNamed(named);
  if (other !== undefined && other.condition !== undefined && other.condition !== target.condition) {
    const message = `"${named}" exists only if the condition "${other.condition}" holds`;
    return [{ at, message, hint: `give "${target.name}" the same condition` }];
  }
  if (context.stateMachineNamed(named)?.isExpress === false) {
    const message = `"${named}" is a standard state machine, and a pipe waits for express ones only`;
    return [{ at, message, hint: 'write type: EXPRESS at the state machine' }];
  }
  if (enrichment(named, context) !== undefined) return [];
  const type = context.resources.get(named)?.Type;
  if (type !== undefined) return [{ at, message: `"${named}" is ${type}, and a pipe cannot call it on the way` }];
  const suggestion = nearest(named, [...context.resources.keys()]);
  const hint = 'name a function or an express state machine of the project, or give an ARN';
  const message = `there is no function or state machine "${named}"`;
  return [{ at, message, hint: suggestion === undefined ? hint : `did you mean "${suggestion}"?` }];
}

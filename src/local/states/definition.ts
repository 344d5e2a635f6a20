// Reads a definition: what AWS finds wrong with it, and what the local AWS does not run.
import type { ValidateStateMachineDefinitionDiagnostic } from '@aws-sdk/client-sfn';
import jsonata from 'jsonata';
import { checkDefinition, type Fields, isFields, locationOf, statesIn } from '../../cfn/states-definition.ts';
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { jsonProblem } from './names.ts';
import { unsupportedIntegration } from './service-task.ts';
import type { MachineType } from './state.ts';

export function diagnose(definition: string, type: MachineType): ValidateStateMachineDefinitionDiagnostic[] {
  const severity = 'ERROR' as const;
  const problem = definition.trim() === '' ? undefined : jsonProblem(definition);
  if (problem !== undefined) {
    const location = `[Source: (String)"${definition}"; line: 1, column: ${columnOf(definition)}]`;
    return [{ severity, code: 'INVALID_JSON_DESCRIPTION', message: `${problem}\n at ${location}`, location }];
  }
  const parsed = definition.trim() === '' ? undefined : (JSON.parse(definition) as unknown);
  return checkDefinition(parsed, { type, expressionProblem }).map(({ code, message, path }) => ({
    ...{ severity, code, message },
    ...(isFields(parsed) ? { location: locationOf(path) } : {}),
  }));
}

function columnOf(text: string): number {
  return (/^\s*\w+/.exec(text)?.[0].length ?? 0) + 1;
}

export function expressionProblem(expression: string): string | undefined {
  try {
    jsonata(expression);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return [code, message].filter(Boolean).join(': ');
  }
}

/** Throws what CreateStateMachine answers to a definition with errors, or with what the local AWS does not run. */
export async function checkDefinitionText(definition: string, type: MachineType): Promise<void> {
  const found = diagnose(definition, type);
  if (found.length > 0) {
    const listed = found.map(({ code, message, location }) =>
      code === 'INVALID_JSON_DESCRIPTION' || location === undefined
        ? `${code}: ${message}`
        : `${code}: ${message} at ${location}`,
    );
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${listed.join(', ')}'`);
  }
  for (const { state } of statesIn(JSON.parse(definition) as Fields)) {
    const unsupported = await unsupportedIn(state);
    if (unsupported !== undefined) throw notImplemented(`a ${state['Type']} state with ${unsupported}`);
  }
}

const distributedFields = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];

async function unsupportedIn(state: Fields): Promise<string | undefined> {
  const processor = state['ItemProcessor'] as { ProcessorConfig?: { Mode?: string } } | undefined;
  if (processor?.ProcessorConfig?.Mode === 'DISTRIBUTED') return 'the mode DISTRIBUTED';
  const field = Object.keys(state).find((name) => distributedFields.includes(name) || name.startsWith('Tolerated'));
  if (field !== undefined) return field;
  if (state['Type'] !== 'Task') return undefined;
  if (state['Credentials'] !== undefined) return 'Credentials';
  const resource = String(state['Resource']);
  return resource.startsWith('arn:aws:states:::') ? unsupportedIntegration(resource) : undefined;
}

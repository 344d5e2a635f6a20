// The values of a template's parameters: from the request, the previous value or the default, checked against the declared limits.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
import type { Parameter } from '@aws-sdk/client-cloudformation';
import { invalid } from './problem.ts';
import type { ParameterDefinition } from './template.ts';

export type ParameterValues = Readonly<Record<string, string>>;

const valueLimit = 4096;

/** `previous` has the updated stack's values, for `UsePreviousValue`. */
export function resolveParameters(
  definitions: Readonly<Record<string, ParameterDefinition>>,
  requested: readonly Parameter[] | undefined,
  previous: ParameterValues,
): ParameterValues {
  const byKey = new Map((requested ?? []).map((parameter) => [parameter.ParameterKey ?? '', parameter]));
  const unknown = [...byKey.keys()].filter((key) => !Object.hasOwn(definitions, key));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [key, definition] of Object.entries(definitions)) {
    const parameter = byKey.get(key);
    const value =
      parameter?.UsePreviousValue === true ? previous[key] : (parameter?.ParameterValue ?? definition.default);
    if (parameter?.UsePreviousValue === true && parameter.ParameterValue !== undefined) {
      throw invalid(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    if (value === undefined) missing.push(key);
    else {
      check(key, value, definition);
      values[key] = value;
    }
  }
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  return values;
}

/** What `Ref` of the parameter returns. */
export function parameterValue(definition: ParameterDefinition, text: string): string | readonly string[] {
  return isList(definition) ? splitList(text) : text;
}

function isList(definition: ParameterDefinition): boolean {
  return definition.type === 'CommaDelimitedList' || definition.type === 'List<Number>';
}

function splitList(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}

function check(key: string, text: string, definition: ParameterDefinition): void {
  if (Buffer.byteLength(text) > valueLimit) {
    throw invalid(`Parameter '${key}' must contain at most ${valueLimit} bytes`);
  }
  const problem = (isList(definition) ? splitList(text) : [text])
    .map((item) => problemOf(item, definition))
    .find((text) => text !== undefined);
  if (problem === undefined) return;
  const { constraintDescription } = definition;
  throw invalid(
    constraintDescription === undefined
      ? `Parameter '${key}' ${problem}`
      : `Parameter ${key} failed to satisfy constraint: ${constraintDescription}`,
  );
}

function problemOf(text: string, definition: ParameterDefinition): string | undefined {
  const { allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } = definition;
  if (allowedValues !== undefined && !allowedValues.includes(text)) return 'must be one of AllowedValues';
  if (definition.type.includes('Number')) {
    if (text.trim() === '' || !Number.isFinite(Number(text))) return 'must be a number';
    if (minValue !== undefined && Number(text) < minValue) return `must be a number not less than ${minValue}`;
    if (maxValue !== undefined && Number(text) > maxValue) return `must be a number not greater than ${maxValue}`;
    return undefined;
  }
  if (allowedPattern !== undefined && !new RegExp(`^(?:${allowedPattern})$`).test(text)) {
    return `must match pattern ${allowedPattern}`;
  }
  if (minLength !== undefined && text.length < minLength) return `must contain at least ${minLength} characters`;
  if (maxLength !== undefined && text.length > maxLength) return `must contain at most ${maxLength} characters`;
  return undefined;
}

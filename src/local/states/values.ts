// What paths and payload templates of the JSONPath query language evaluate to.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
import { jsonPath, referenceSteps } from '../../cfn/json-path.ts';
import { isIntrinsic, splitPath } from '../../cfn/states-intrinsic.ts';
import { callIntrinsic } from './intrinsic-functions.ts';
import { runtimeError, StateError } from './state-error.ts';
import type { Variables } from './variables.ts';

/** What a path can lead to. */
export interface Values {
  readonly input: unknown;
  readonly context: unknown;
  readonly variables: Variables;
}

/** Undefined if the path leads nowhere. */
export function valueAt(text: string, { input, context, variables }: Values): unknown {
  const { root, path } = splitPath(text);
  if (root === 'input') return jsonPath(input, path);
  if (root === 'context') return jsonPath(context, path);
  const value = variables.get(root.variable);
  return value === undefined ? undefined : jsonPath(value, path);
}

/** The value of a field such as InputPath. `null` stands for an empty object. */
export function pathField(path: string | null | undefined, values: Values): unknown {
  if (path === undefined || path === '$') return values.input;
  if (path === null) return {};
  const value = isIntrinsic(path) ? callIntrinsic(path, values) : valueAt(path, values);
  if (value === undefined) throw runtimeError(`Invalid path '${path}': No results for path: ${path}`);
  return value;
}

/** Fills a payload template: fields whose name ends with `.$` are paths or intrinsic functions. */
export function fillTemplate(template: unknown, values: Values): unknown {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, values));
  if (typeof template !== 'object' || template === null) return template;
  const fields = Object.entries(template).map(([name, value]): [string, unknown] =>
    name.endsWith('.$')
      ? [name.slice(0, -2), computed(name, String(value), values)]
      : [name, fillTemplate(value, values)],
  );
  return Object.fromEntries(fields);
}

function computed(name: string, text: string, values: Values): unknown {
  const value = isIntrinsic(text) ? callIntrinsic(text, values) : valueAt(text, values);
  if (value !== undefined) return value;
  const input = JSON.stringify(text.startsWith('$$') ? values.context : values.input);
  throw runtimeError(
    `The JSONPath '${text}' specified for the field '${name}' could not be found in the input '${input}'`,
  );
}

/** The input with the result at the path. */
export function withResult(input: unknown, path: string | null | undefined, result: unknown): unknown {
  if (path === undefined || path === '$') return result;
  return path === null ? input : put(input, referenceSteps(path), result, path);
}

function put(target: unknown, steps: readonly (string | number)[], value: unknown, path: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    if (!Array.isArray(target) || step >= target.length) throw mismatch(path, target);
    return target.map((item: unknown, index) => (index === step ? put(item, rest, value, path) : item));
  }
  if (target !== undefined && (typeof target !== 'object' || target === null || Array.isArray(target))) {
    throw mismatch(path, target);
  }
  const fields = (target ?? {}) as Readonly<Record<string, unknown>>;
  return { ...fields, [step]: put(fields[step], rest, value, path) };
}

function mismatch(path: string, target: unknown): StateError {
  const cause = `Unable to apply ReferencePath ${path} to input ${JSON.stringify(target)}`;
  return new StateError('States.ResultPathMatchFailure', cause, true);
}

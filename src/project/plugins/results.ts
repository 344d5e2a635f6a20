// Checks what a plugin's functions return: a wrong shape is the plugin's failure, not fx's.
import { isMap } from '../../base/plain.ts';
import { type NamedPlugin, pluginFailed } from './guard.ts';

const partKeys = ['resources', 'outputs', 'statements', 'variables'];
const contributionKeys = [...partKeys, 'properties', 'alias', 'logGroup'];
const logicalId = /^[A-Za-z0-9]{1,255}$/;

/** Returns `value` as given. Throws PLUGIN_FAILED. */
export type Check = <T>(value: T, what: string, plugin: NamedPlugin) => T;

export const checkText: Check = (value, what, plugin) =>
  typeof value === 'string' ? value : wrong(plugin, what, 'text', value);

export const checkProblems: Check = (value, what, plugin) =>
  Array.isArray(value) && value.every((problem) => isMap(problem) && 'message' in problem && 'at' in problem)
    ? value
    : wrong(plugin, what, 'a list of problems: {at, message}', value);

export const checkRuleProblem: Check = (value, what, plugin) =>
  value === undefined || isRuleProblem(value) ? value : wrong(plugin, what, 'nothing, or a problem: {message}', value);

export const checkPart: Check = (value, what, plugin) => checkAdditions(value, partKeys, what, plugin);

export const checkContribution: Check = (value, what, plugin) =>
  isRuleProblem(value) ? value : checkAdditions(value, contributionKeys, what, plugin);

/** The template of a transform. */
export const checkTemplate: Check = (value, what, plugin) => {
  if (!isMap(value) || !isMap(value['Resources']) || !isMap(value['Outputs'])) {
    return wrong(plugin, what, 'a template: {Resources, Outputs}', value);
  }
  const unknown = Object.keys(value).filter((key) => key !== 'Resources' && key !== 'Outputs');
  if (unknown.length > 0) throw pluginFailed(plugin, `returned ${unknown.join(', ')} besides Resources and Outputs`);
  checkResources(value['Resources'], what, plugin);
  checkOutputs(value['Outputs'], what, plugin);
  return value;
};

function isRuleProblem(value: unknown): boolean {
  return isMap(value) && typeof value['message'] === 'string';
}

function checkAdditions<T>(value: T, keys: readonly string[], what: string, plugin: NamedPlugin): T {
  if (!isMap(value)) return wrong(plugin, what, `a map of ${keys.join(', ')}`, value);
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) {
      throw pluginFailed(plugin, `returned "${key}" from ${what}`, `it may return ${keys.join(', ')}`);
    }
  }
  checkResources(value['resources'] ?? {}, what, plugin);
  checkOutputs(value['outputs'] ?? {}, what, plugin);
  const statements = value['statements'] ?? [];
  const isStatement = (statement: unknown) =>
    isMap(statement) && Array.isArray(statement['Action']) && Array.isArray(statement['Resource']);
  if (!Array.isArray(statements) || !statements.every(isStatement)) {
    return wrong(plugin, what, 'statements as fx.cfn.allow(action, resource) makes them', statements);
  }
  return value;
}

function checkResources(resources: unknown, what: string, plugin: NamedPlugin): void {
  if (!isMap(resources)) wrong(plugin, what, 'resources by logical id', resources);
  for (const [id, resource] of Object.entries(resources)) {
    if (!logicalId.test(id)) {
      throw pluginFailed(
        plugin,
        `returned a resource "${id}" from ${what}`,
        'a logical id has letters and digits only',
      );
    }
    if (!isMap(resource) || typeof resource['Type'] !== 'string') {
      throw pluginFailed(plugin, `returned the resource "${id}" without a Type from ${what}`);
    }
  }
}

function checkOutputs(outputs: unknown, what: string, plugin: NamedPlugin): void {
  const isOutput = (output: unknown) => isMap(output) && 'Value' in output;
  if (!isMap(outputs) || !Object.values(outputs).every(isOutput)) {
    wrong(plugin, what, 'outputs by name, each with a Value', outputs);
  }
}

function wrong(plugin: NamedPlugin, what: string, expected: string, value: unknown): never {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
  throw pluginFailed(plugin, `returned ${text} from ${what}`, `expected ${expected}`);
}

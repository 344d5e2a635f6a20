// What the values of a template refer to, and whether all of it exists.
import {
  functionOf,
  getAttArguments,
  ifArguments,
  subArguments,
  subNames,
  unresolved,
  unsupportedFunction,
} from './intrinsics.ts';
import { invalid, unsupported } from './problem.ts';
import type { Template } from './template.ts';
import { isMap } from './template-text.ts';

export interface Reference {
  readonly kind: 'Ref' | 'GetAtt';
  readonly name: string;
  readonly attribute?: string;
  /** `${Name.Attribute}` of a text. */
  readonly inSub?: true;
}

export const pseudoParameters: ReadonlySet<string> = new Set([
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::NotificationARNs',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
]);

const knownFunctions: ReadonlySet<string> = new Set(
  ['Base64', 'Cidr', 'FindInMap', 'GetAZs', 'GetAtt', 'If', 'ImportValue', 'Join', 'Select', 'Split', 'Sub'].map(
    (name) => `Fn::${name}`,
  ),
);

/** Every reference in a value, depth first. `taken` chooses the branches of Fn::If; without it, both count. */
export function references(value: unknown, taken?: (condition: string) => boolean): Reference[] {
  const collected: Reference[] = [];
  collect(value, collected, taken);
  return collected;
}

function collect(value: unknown, collected: Reference[], taken: ((condition: string) => boolean) | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, collected, taken);
    return;
  }
  if (!isMap(value)) return;
  const call = functionOf(value);
  if (call === undefined) {
    for (const item of Object.values(value)) collect(item, collected, taken);
    return;
  }
  const [name, argument] = call;
  if (name === 'Ref') collected.push({ kind: 'Ref', name: String(argument) });
  else if (name === 'Fn::GetAtt') {
    const [logicalId, attribute] = getAttArguments(argument);
    collected.push({ kind: 'GetAtt', name: logicalId, ...(typeof attribute === 'string' ? { attribute } : {}) });
    collect(attribute, collected, taken);
  } else if (name === 'Fn::If' && taken !== undefined) {
    const [condition, yes, no] = ifArguments(argument);
    collect(taken(condition) ? yes : no, collected, taken);
  } else if (name === 'Fn::Sub') {
    const { text, variables } = subArguments(argument);
    for (const variable of subNames(text)) {
      if (Object.hasOwn(variables, variable)) continue;
      const dot = variable.indexOf('.');
      if (dot > 0)
        collected.push({
          kind: 'GetAtt',
          name: variable.slice(0, dot),
          attribute: variable.slice(dot + 1),
          inSub: true,
        });
      else collected.push({ kind: 'Ref', name: variable, inSub: true });
    }
    collect(variables, collected, taken);
  } else collect(argument, collected, taken);
}

/** Refuses functions that don't exist and dynamic references, anywhere in a template. */
export function checkFunctions(value: unknown): void {
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw unsupported('dynamic references ({{resolve:…}})');
  }
  if (typeof value !== 'object' || value === null) return;
  const call = functionOf(value);
  if (call !== undefined && call[0] !== 'Ref' && !knownFunctions.has(call[0])) {
    if (call[0] === 'Fn::Transform' || call[0] === 'Fn::ForEach') throw unsupported(`the function ${call[0]}`);
    throw unsupportedFunction(call[0]);
  }
  for (const item of Object.values(value)) checkFunctions(item);
}

/**
 * Checks every reference of a template, in both branches of a condition, as CloudFormation does.
 * `attributes` returns the attributes of a resource type.
 */
export function checkReferences(template: Template, attributes: (type: string) => readonly string[] | undefined): void {
  checkConditions(template);
  const isKnown = (name: string) =>
    Object.hasOwn(template.resources, name) || Object.hasOwn(template.parameters, name) || pseudoParameters.has(name);
  const check = (value: unknown, missing: Set<string>) => {
    checkFunctions(value);
    for (const { kind, name, attribute, inSub } of references(value)) {
      if (kind === 'Ref') {
        if (!isKnown(name)) missing.add(name);
        continue;
      }
      const resource = template.resources[name];
      if (resource === undefined) {
        throw invalid(
          `Template error: instance of ${inSub ? 'Fn::Sub' : 'Fn::GetAtt'} references undefined resource ${name}`,
        );
      }
      const known = attributes(resource.type);
      if (attribute === undefined || known === undefined || known.includes(attribute)) continue;
      // `Outputs.Name` of a nested stack
      if (known.some((name) => attribute.startsWith(`${name}.`))) continue;
      throw invalid(
        inSub
          ? `Template error: instance of Fn::Sub references invalid resource attribute ${name}.${attribute}`
          : `Template error: resource ${name} does not support attribute type ${attribute} in Fn::GetAtt`,
      );
    }
    for (const condition of conditionsOf(value)) {
      if (!Object.hasOwn(template.conditions, condition)) {
        throw invalid(`Template error: unresolved condition dependency ${condition} in Fn::If`);
      }
    }
  };
  const missing = new Set<string>();
  for (const resource of Object.values(template.resources)) {
    check(resource.properties, missing);
    check(resource.metadata, missing);
    check(resource.updatePolicy, missing);
    if (resource.condition !== undefined) checkCondition(template, resource.condition, 'Resources');
    for (const name of resource.dependsOn) if (!Object.hasOwn(template.resources, name)) missing.add(name);
  }
  if (missing.size > 0) throw unresolved([...missing], 'Resources');
  for (const output of Object.values(template.outputs)) {
    check(output.value, missing);
    check(output.exportName, missing);
    if (output.condition !== undefined) checkCondition(template, output.condition, 'Outputs');
  }
  if (missing.size > 0) throw unresolved([...missing], 'Outputs');
}

function checkConditions(template: Template): void {
  if (functionNames(template.conditions).includes('Fn::ImportValue')) {
    throw invalid('Template error: Cannot use Fn::ImportValue in Conditions.');
  }
  const wrong = references(template.conditions).filter(
    ({ kind, name }) => kind === 'GetAtt' || !(Object.hasOwn(template.parameters, name) || pseudoParameters.has(name)),
  );
  if (wrong.length === 0) return;
  const names = [...new Set(wrong.map(({ name }) => name))];
  throw invalid(
    `Template format error: Unresolved dependencies [${names.join(', ')}]. Cannot reference resources in the Conditions block of the template`,
  );
}

function checkCondition(template: Template, name: string, block: 'Resources' | 'Outputs'): void {
  if (Object.hasOwn(template.conditions, name)) return;
  throw invalid(`Template format error: Unresolved condition dependency ${name} in the ${block} block of the template`);
}

function conditionsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const call = functionOf(value);
  const named = call?.[0] === 'Fn::If' ? [ifArguments(call[1])[0]] : [];
  return [...named, ...Object.values(value).flatMap(conditionsOf)];
}

function functionNames(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const call = functionOf(value);
  return [...(call === undefined ? [] : [call[0]]), ...Object.values(value).flatMap(functionNames)];
}

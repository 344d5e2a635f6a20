// Reads a template into its sections, and checks the form of each.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
import { invalid, unsupported } from './problem.ts';
import { isMap, type JsonMap, parseTemplate } from './template-text.ts';

export interface ResourceDefinition {
  readonly type: string;
  readonly properties: JsonMap;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: 'Delete' | 'Retain';
  readonly metadata?: unknown;
  /** Only aliases have one here. */
  readonly updatePolicy?: JsonMap;
}
export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export interface OutputDefinition {
  readonly value: unknown;
  readonly description?: string;
  readonly exportName?: unknown;
  readonly condition?: string;
}

export interface ParameterDefinition {
  readonly type: string;
  readonly default?: string;
  readonly allowedValues?: readonly string[];
  readonly allowedPattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
  readonly noEcho: boolean;
  readonly description?: string;
  readonly constraintDescription?: string;
}

export interface Template {
  readonly version?: string;
  readonly description?: string;
  readonly metadata?: unknown;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly mappings: Readonly<Record<string, Readonly<Record<string, JsonMap>>>>;
  readonly conditions: JsonMap;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  readonly outputs: Readonly<Record<string, OutputDefinition>>;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const limits = { Resources: 500, Parameters: 200, Outputs: 200, Mappings: 200 } as const;
const descriptionLimit = 1024;

const sections = [
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Hooks',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
  'Transform',
];

/** The sections of a template, each entry checked for its form but not for what it refers to. */
export function readTemplate(text: string): Template {
  const raw = parseTemplate(text);
  const unknown = Object.keys(raw).filter((key) => !sections.includes(key));
  if (unknown.length > 0) throw invalid(`Invalid template property or properties [${unknown.join(', ')}]`);
  for (const section of ['Transform', 'Rules', 'Hooks']) {
    if (raw[section] !== undefined) throw unsupported(`the template section ${section}`);
  }
  const { AWSTemplateFormatVersion: version, Description: description } = raw;
  if (version !== undefined && version !== '2010-09-09') {
    throw invalid('Template format error: unsupported value for AWSTemplateFormatVersion.');
  }
  if (description !== undefined && typeof description !== 'string') {
    throw invalid('Template format error: Description member must be a string.');
  }
  if (description !== undefined && description.length > descriptionLimit) {
    throw invalid(`Template format error: 'Description' length is greater than ${descriptionLimit}.`);
  }
  const resources = section(raw, 'Resources');
  if (Object.keys(resources).length === 0) {
    throw invalid('Template format error: At least one Resources member must be defined.');
  }
  return {
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    ...(raw['Metadata'] === undefined ? {} : { metadata: raw['Metadata'] }),
    parameters: mapValues(section(raw, 'Parameters'), readParameter),
    mappings: mapValues(section(raw, 'Mappings'), readMapping),
    conditions: section(raw, 'Conditions'),
    resources: mapValues(resources, readResource),
    outputs: mapValues(section(raw, 'Outputs'), readOutput),
  };
}

function section(raw: JsonMap, name: keyof typeof limits | 'Conditions'): JsonMap {
  const value = raw[name];
  if (value === undefined) return {};
  if (!isMap(value)) {
    throw invalid(
      name === 'Resources'
        ? 'Template format error: Any Resources member must be an object.'
        : `Template format error: [/${name}] ${name} must be an object.`,
    );
  }
  const count = Object.keys(value).length;
  const limit = name === 'Conditions' ? undefined : limits[name];
  if (limit !== undefined && count > limit) {
    throw invalid(
      `Template format error: Number of ${name.toLowerCase()}, ${count}, is greater than maximum allowed, ${limit}`,
    );
  }
  return value;
}

function mapValues<T>(map: JsonMap, read: (value: unknown, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, read(value, name)]));
}

function readMapping(value: unknown, name: string): Record<string, JsonMap> {
  if (!isMap(value)) throw invalid(`Template format error: Mappings element '${name}' must be a Map`);
  for (const [key, entry] of Object.entries(value)) {
    if (!isMap(entry)) throw invalid(`Template format error: Every Mappings member ${key} must be a map`);
    for (const item of Object.values(entry)) {
      if (isMap(item)) {
        throw invalid('Template format error: Every Mappings attribute must be a String or a List.');
      }
    }
  }
  return value as Record<string, JsonMap>;
}

const resourceMembers = [
  'Condition',
  'CreationPolicy',
  'DeletionPolicy',
  'DependsOn',
  'Description',
  'Metadata',
  'Properties',
  'Type',
  'UpdatePolicy',
  'UpdateReplacePolicy',
];

function readResource(value: unknown, name: string): ResourceDefinition {
  if (!/^[A-Za-z0-9]+$/.test(name)) throw invalid(`Template format error: Resource name ${name} is non alphanumeric.`);
  const at = `[/Resources/${name}]`;
  if (!isMap(value)) throw invalid(`Template format error: ${at} resource definition is malformed`);
  for (const member of Object.keys(value)) {
    if (!resourceMembers.includes(member)) throw invalid(`Invalid template resource property '${member}'`);
  }
  const { Type: type, Properties: properties = {}, DependsOn: dependsOn = [], Condition: condition } = value;
  if (type === undefined)
    throw invalid(`Template format error: ${at} Every Resources object must contain a Type member.`);
  if (typeof type !== 'string') throw invalid(`Template format error: ${at} Every Type member must be a string.`);
  if (!isMap(properties))
    throw invalid(`Template format error: [/Resources/${name}/Properties] Properties must be an object.`);
  if (value['CreationPolicy'] !== undefined) throw unsupported(`the resource attribute CreationPolicy (of ${name})`);
  const dependencies = Array.isArray(dependsOn) ? dependsOn : [dependsOn];
  if (!dependencies.every((item) => typeof item === 'string')) {
    throw invalid(`Template format error: DependsOn must be a string or list of strings.`);
  }
  if (condition !== undefined && typeof condition !== 'string') {
    throw invalid(`Template format error: ${at} Every Condition member must be a string.`);
  }
  return {
    type,
    properties,
    dependsOn: dependencies,
    deletionPolicy: readPolicy(value['DeletionPolicy'], 'DeletionPolicy', name),
    updateReplacePolicy: readPolicy(value['UpdateReplacePolicy'], 'UpdateReplacePolicy', name) as 'Delete' | 'Retain',
    ...(condition === undefined ? {} : { condition }),
    ...(value['Metadata'] === undefined ? {} : { metadata: value['Metadata'] }),
    ...readUpdatePolicy(value['UpdatePolicy'], type, name),
  };
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
const aliasUpdateMembers = [
  'ApplicationName',
  'DeploymentGroupName',
  'BeforeAllowTrafficHook',
  'AfterAllowTrafficHook',
];

function readUpdatePolicy(value: unknown, type: string, name: string): { readonly updatePolicy?: JsonMap } {
  if (value === undefined) return {};
  if (!isMap(value))
    throw invalid(`Template format error: [/Resources/${name}/UpdatePolicy] UpdatePolicy must be an object.`);
  if (type !== 'AWS::Lambda::Alias') throw unsupported(`the resource attribute UpdatePolicy (of ${name})`);
  const { CodeDeployLambdaAliasUpdate: update, ...others } = value;
  const [other] = [...Object.keys(others), ...(isMap(update) ? Object.keys(update) : [])].filter(
    (key) => !aliasUpdateMembers.includes(key),
  );
  if (other !== undefined) throw unsupported(`${other} in the UpdatePolicy (of ${name})`);
  if (!isMap(update)) return {};
  for (const member of ['ApplicationName', 'DeploymentGroupName']) {
    if (update[member] === undefined) {
      throw invalid(`Template format error: ${member} is required in CodeDeployLambdaAliasUpdate of ${name}.`);
    }
  }
  return { updatePolicy: value };
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
function readPolicy(value: unknown, attribute: string, name: string): DeletionPolicy {
  if (value === undefined || value === 'Delete' || value === 'Retain') return value ?? 'Delete';
  if (value === 'RetainExceptOnCreate' && attribute === 'DeletionPolicy') return value;
  if (value === 'Snapshot') throw unsupported(`the ${attribute} Snapshot (of ${name})`);
  if (typeof value !== 'string') throw invalid(`Template format error: Every ${attribute} member must be a string.`);
  throw invalid(`Template format error: Unrecognized ${attribute} ${value} for resource ${name}`);
}

function readOutput(value: unknown, name: string): OutputDefinition {
  if (!/^[A-Za-z0-9]+$/.test(name)) throw invalid(`Template format error: Output name ${name} is non alphanumeric.`);
  if (!isMap(value) || value['Value'] === undefined) {
    throw invalid('Template format error: Every Outputs member must contain a Value object');
  }
  const unknown = Object.keys(value).find((key) => !['Value', 'Description', 'Export', 'Condition'].includes(key));
  if (unknown !== undefined) throw invalid(`Invalid template output property '${unknown}'`);
  const { Description: description, Export: exported, Condition: condition } = value;
  if (exported !== undefined && (!isMap(exported) || exported['Name'] === undefined)) {
    throw invalid(
      `Template format error: Output ${name} is malformed. The Name field of every Export member must be specified.`,
    );
  }
  return {
    value: value['Value'],
    ...(typeof description === 'string' ? { description } : {}),
    ...(isMap(exported) ? { exportName: exported['Name'] } : {}),
    ...(typeof condition === 'string' ? { condition } : {}),
  };
}

const parameterMembers = [
  'AllowedPattern',
  'AllowedValues',
  'ConstraintDescription',
  'Default',
  'Description',
  'MaxLength',
  'MaxValue',
  'MinLength',
  'MinValue',
  'NoEcho',
  'Type',
];
const parameterTypes = ['String', 'Number', 'List<Number>', 'CommaDelimitedList'];

function readParameter(value: unknown, name: string): ParameterDefinition {
  if (!/^[A-Za-z0-9]+$/.test(name)) throw invalid(`Template format error: Parameter name ${name} is non alphanumeric.`);
  if (!isMap(value)) throw invalid(`Template format error: Any Parameters member must be an object.`);
  const unknown = Object.keys(value).find((key) => !parameterMembers.includes(key));
  if (unknown !== undefined) throw invalid(`Invalid template parameter property '${unknown}'`);
  const { Type: type, AllowedValues: allowed } = value;
  if (typeof type !== 'string') {
    throw invalid('Template format error: Every Parameters object must contain a Type member.');
  }
  if (!parameterTypes.includes(type)) {
    // The types whose values AWS looks up (AWS::SSM::Parameter::Value<…>, AWS::EC2::VPC::Id) need those services.
    if (/^(List<)?AWS::/.test(type)) throw unsupported(`the parameter type ${type} (of ${name})`);
    throw invalid(`Template format error: Unrecognized parameter type: ${type}`);
  }
  const text = (key: string) => (value[key] === undefined ? undefined : String(value[key]));
  const number = (key: string) => (value[key] === undefined ? undefined : Number(value[key]));
  return withoutUndefined({
    type,
    default: text('Default'),
    allowedValues: Array.isArray(allowed) ? allowed.map(String) : undefined,
    allowedPattern: text('AllowedPattern'),
    minLength: number('MinLength'),
    maxLength: number('MaxLength'),
    minValue: number('MinValue'),
    maxValue: number('MaxValue'),
    noEcho: String(value['NoEcho'] ?? false).toLowerCase() === 'true',
    description: text('Description'),
    constraintDescription: text('ConstraintDescription'),
  }) as ParameterDefinition;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

// A template with its parameters, ready for provisioning: conditions evaluated, resources ordered, everything checked.
import type { Tag } from '@aws-sdk/client-cloudformation';
import type { ResourceSchemas } from '../../cfn/resource-schema.ts';
import type { Cloud } from '../cloud.ts';
import { checkCapabilities } from './capabilities.ts';
import { conditionEvaluator } from './conditions.ts';
import { type Graph, refuseCycles } from './graph.ts';
import { resolve, type Scope, unknown, unresolved } from './intrinsics.ts';
import { type ParameterValues, parameterValue, resolveParameters } from './parameters.ts';
import { invalid, unsupported } from './problem.ts';
import { checkReferences, references } from './references.ts';
import type { Providers } from './resources/provider.ts';
import type { Deployment, Properties } from './stack.ts';
import { type OutputDefinition, type ResourceDefinition, readTemplate, type Template } from './template.ts';

/** What is known about the resources when a value is resolved; anything else is `unknown`. */
export interface ResourceValues {
  physicalId(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
}

export interface Model {
  readonly text: string;
  readonly template: Template;
  readonly parameters: ParameterValues;
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  /** The resources whose condition is true. */
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  readonly graph: Graph;
  /** The exports that it imports, and those of them that don't exist. */
  readonly imports: ReadonlySet<string>;
  readonly missingImports: ReadonlySet<string>;
  readonly condition: (name: string) => boolean;
  scope(values: ResourceValues): Scope;
  /** The resolved properties of a resource, including the stack's tags. */
  properties(logicalId: string, values: ResourceValues): Properties;
  metadata(logicalId: string, values: ResourceValues): unknown;
  updatePolicy(logicalId: string, values: ResourceValues): Properties | undefined;
}

export interface ModelInput {
  readonly text: string;
  readonly parameters: ParameterValues;
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
}

export interface ModelContext {
  readonly cloud: Cloud;
  readonly providers: Providers;
  readonly schemas: ResourceSchemas;
  readonly stackId: string;
  readonly stackName: string;
  readonly notificationArns: readonly string[];
  /** The value of an export of this region. */
  importValue(name: string): string | undefined;
}

export const nothingKnown: ResourceValues = { physicalId: () => unknown, attribute: () => unknown };

/** Everything that CloudFormation checks before a stack changes. */
export function compileModel(input: ModelInput, context: ModelContext): Model {
  const template = readTemplate(input.text);
  const parameters = resolveParameters(
    template.parameters,
    Object.entries(input.parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    {},
  );
  checkTypes(template, context);
  checkReferences(template, (type) => context.schemas(type)?.attributes);
  checkCapabilities(template, input.capabilities);

  const constants = constantsOf(template, parameters, context);
  const imports = new Set<string>();
  const missingImports = new Set<string>();
  // A missing export fails the operation, not the request.
  const importValue = (name: string) => {
    imports.add(name);
    const value = context.importValue(name);
    if (value === undefined) missingImports.add(name);
    return value ?? unknown;
  };
  const outside = {
    mappings: template.mappings,
    region: context.cloud.region,
    importValue,
    localized: <T>(value: T) => context.cloud.addresses.localized(value),
  };
  const condition = conditionEvaluator(template.conditions, {
    ...outside,
    ref: (name) => (constants.has(name) ? constants.get(name) : undefined),
    getAtt: () => undefined,
  });
  // even the unused ones
  for (const name of Object.keys(template.conditions)) condition(name);
  const resources = new Map(
    Object.entries(template.resources).filter(([, { condition: name }]) => name === undefined || condition(name)),
  );
  const scope = (values: ResourceValues): Scope => ({
    ...outside,
    condition,
    ref: (name) => {
      if (constants.has(name)) return constants.get(name);
      return resources.has(name) ? values.physicalId(name) : undefined;
    },
    getAtt: (logicalId, attribute) => {
      // it is in the template, but its condition is false
      if (!resources.has(logicalId)) throw unresolved([logicalId], 'Resources');
      return values.attribute(logicalId, attribute);
    },
  });
  const graph: Graph = new Map(
    [...resources].map(([id, definition]) => {
      const referred = references([definition.properties, definition.metadata, definition.updatePolicy], condition).map(
        ({ name }) => name,
      );
      return [id, new Set([...referred, ...definition.dependsOn].filter((name) => resources.has(name)))];
    }),
  );
  refuseCycles(graph);
  const model: Model = {
    text: input.text,
    template,
    parameters,
    tags: input.tags,
    capabilities: input.capabilities,
    resources,
    graph,
    imports,
    missingImports,
    condition,
    scope,
    properties(logicalId, values) {
      const definition = resources.get(logicalId);
      if (definition === undefined) throw new Error(`the template has no active resource ${logicalId}`);
      const resolved = resolve(definition.properties, scope(values)) as Properties;
      return withStackTags(definition.type, resolved, input.tags, context);
    },
    metadata: (logicalId, values) => resolve(resources.get(logicalId)?.metadata, scope(values)),
    updatePolicy: (logicalId, values) =>
      resolve(resources.get(logicalId)?.updatePolicy, scope(values)) as Properties | undefined,
  };
  checkImplemented(model, context);
  for (const output of activeOutputs(model)) {
    refuseInactiveReferences(output, model);
    resolve([output.value, output.exportName], scope(nothingKnown));
  }
  return model;
}

/** An active output may only refer to resources whose conditions are true. */
function refuseInactiveReferences(
  { value, exportName }: OutputDefinition,
  { template, resources, condition }: Model,
): void {
  const leftOut = references([value, exportName], condition).filter(
    ({ name }) => Object.hasOwn(template.resources, name) && !resources.has(name),
  );
  if (leftOut.length === 0) return;
  const names = [...new Set(leftOut.map(({ name }) => name))];
  throw invalid(`Unresolved resource dependencies [${names.join(', ')}] in the Outputs block of the template`);
}

/** The outputs whose condition is true. */
export function activeOutputs(model: Model): (OutputDefinition & { readonly key: string })[] {
  return Object.entries(model.template.outputs)
    .filter(([, { condition }]) => condition === undefined || model.condition(condition))
    .map(([key, output]) => ({ key, ...output }));
}

/** The model of a current or earlier deployment: its parameters are not checked again. */
export function modelOf(deployment: Deployment, context: ModelContext): Model {
  const { template, parameters, tags, capabilities } = deployment;
  return compileModel({ text: template, parameters, tags, capabilities }, context);
}

function constantsOf(
  template: Template,
  parameters: ParameterValues,
  { cloud, stackId, stackName, notificationArns }: ModelContext,
): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ...Object.entries(template.parameters).map(
      ([name, definition]) => [name, parameterValue(definition, parameters[name] ?? '')] as const,
    ),
    ['AWS::AccountId', cloud.accountId],
    ['AWS::NotificationARNs', notificationArns],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', cloud.region],
    ['AWS::StackId', stackId],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
}

/** Refuses the types that are not provisioned here. */
export function checkTypes(
  template: Template,
  { providers, schemas }: Pick<ModelContext, 'providers' | 'schemas'>,
): void {
  const unrecognized = new Set<string>();
  for (const [id, { type }] of Object.entries(template.resources)) {
    if (type === 'AWS::CloudFormation::CustomResource' || type.startsWith('Custom::')) {
      throw unsupported(`custom resources (${id})`);
    }
    if (!Object.hasOwn(providers, type) || schemas(type) === undefined) unrecognized.add(type);
  }
  if (unrecognized.size === 0) return;
  throw invalid(`Template format error: Unrecognized resource types: [${[...unrecognized].join(', ')}]`);
}

/** Properties that a type has but its provider does not implement are refused before anything is created. */
function checkImplemented(model: Model, { providers, schemas }: ModelContext): void {
  for (const [id, { type }] of model.resources) {
    const schema = schemas(type);
    for (const name of Object.keys(model.properties(id, nothingKnown))) {
      if (schema !== undefined && !Object.hasOwn(schema.properties, name)) continue;
      if (providers[type]?.properties.includes(name) === false) {
        throw unsupported(`the property ${name} of ${type} (of ${id})`);
      }
    }
  }
}

/** A resource's tag overrides the stack's tag of the same key. */
function withStackTags(
  type: string,
  properties: Properties,
  tags: readonly Tag[],
  { providers, schemas }: ModelContext,
): Properties {
  const tagging = schemas(type)?.tags;
  if (tagging === undefined || tags.length === 0 || !providers[type]?.properties.includes(tagging.property)) {
    return properties;
  }
  const ownTags = properties[tagging.property];
  if (ownTags === unknown) return properties;
  if (tagging.variant === 'map') {
    const stackTags = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
    return { ...properties, [tagging.property]: { ...stackTags, ...(ownTags as object | undefined) } };
  }
  const list = (ownTags ?? []) as { Key: unknown }[];
  const added = tags
    .filter(({ Key }) => !list.some((tag) => tag.Key === Key))
    .map(({ Key, Value }) => ({ Key, Value }));
  return { ...properties, [tagging.property]: [...list, ...added] };
}

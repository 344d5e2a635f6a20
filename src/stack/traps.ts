// What CloudFormation or Lambda refuses only while it changes a stack, found before anything is written.
import { isMap } from '../base/plain.ts';
import { canonicalJson, type Resource } from '../cfn/resource.ts';
import type { ResourceSchema, ResourceSchemas } from '../cfn/resource-schema.ts';
import { fullText } from '../cfn/value-text.ts';
import type { StackSet } from '../template/stack-set.ts';
import type { Change } from './difference.ts';

export interface Trap {
  readonly logicalId: string;
  readonly type: string;
  /** Inside the resource, for its line in project.yml. */
  readonly path: readonly string[];
  /** `warning`: only CloudFormation knows whether it replaces the resource. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string;
}

export interface Templates {
  readonly live: StackSet | undefined;
  readonly next: StackSet;
}

export function trapsOf(
  { live, next }: Templates,
  changes: readonly Change[],
  schemas: ResourceSchemas,
): readonly Trap[] {
  if (live === undefined) return [];
  const [before, after] = [live.root.template.Resources, next.root.template.Resources];
  return changes.flatMap((change) => {
    const [old, resource] = [before[change.logicalId], after[change.logicalId]];
    if (resource === undefined) return [];
    if (old === undefined) return nameTaken(change, resource, { before, after, schemas });
    return [...functionTraps(change, old, resource), ...renamed(change, { old, resource, schemas })];
  });
}

/** What Lambda fixes when it creates a function.
 * `PackageType` and `TenancyConfig` are create-only, `DurableConfig` is when it comes or goes, by CloudFormation's schema of the type:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
const fixedAtCreation: Readonly<Record<string, string>> = {
  PackageType: 'a function cannot change between a zip and a container image',
  DurableConfig: 'a function cannot become durable, or stop to be',
  TenancyConfig: 'a function cannot change its isolation of tenants',
};

function functionTraps({ logicalId, type, details }: Change, old: Resource, resource: Resource): readonly Trap[] {
  if (type !== 'AWS::Lambda::Function' || old.Type !== type) return [];
  const named = (properties: Resource['Properties'] = {}) => properties['FunctionName'];
  const isRenamed = canonicalJson(named(old.Properties)) !== canonicalJson(named(resource.Properties));
  if (isRenamed || named(resource.Properties) === undefined) return [];
  return Object.entries(fixedAtCreation).flatMap(([property, message]): Trap[] => {
    const [was, is] = [old.Properties?.[property], resource.Properties?.[property]];
    const isChanged = details.some(({ path }) => path[1] === property);
    // other changes of a durable function's configuration are updates
    if (!isChanged || (property === 'DurableConfig' && was !== undefined && is !== undefined)) return [];
    return [
      {
        logicalId,
        type,
        path: ['Properties', property],
        severity: 'error',
        message: `${message}: Lambda would need a new one, and ${fullText(named(resource.Properties))} has that name`,
        hint: 'set another functionName; or remove the function, deploy, and add it again: its versions and its URL go',
      },
    ];
  });
}

interface Pair {
  readonly old: Resource;
  readonly resource: Resource;
  readonly schemas: ResourceSchemas;
}

/** "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename … and update the stack again."
 * https://repost.aws/knowledge-center/cloudformation-custom-name */
function renamed(
  { logicalId, type, action, uncertain, details }: Change,
  { old, resource, schemas }: Pair,
): readonly Trap[] {
  if (action !== 'replace' && !uncertain) return [];
  const name = customName(resource, schemas(type));
  if (name === undefined || old.Type !== type) return [];
  if (canonicalJson(old.Properties?.[name.property]) !== canonicalJson(name.value)) return [];
  const cause = details.find(({ replaces }) => replaces === (action === 'replace' ? 'yes' : 'maybe'));
  const [first = '', second = ''] = cause?.path ?? [];
  if (type === 'AWS::Lambda::Function' && second in fixedAtCreation) return [];
  const verb = action === 'replace' ? 'replaces' : 'may replace';
  const shown = cause?.path.slice(1).join('.') ?? '';
  return [
    {
      logicalId,
      type,
      path: cause?.path ?? [first],
      severity: action === 'replace' ? 'error' : 'warning',
      message: `a change of ${shown} ${verb} ${logicalId} (${type}), and CloudFormation does not replace a resource with a fixed name`,
      hint: `change ${name.property}, now ${fullText(name.value)}, or leave it out: CloudFormation then chooses a name`,
    },
  ];
}

interface Surroundings {
  readonly before: Readonly<Record<string, Resource>>;
  readonly after: Readonly<Record<string, Resource>>;
  readonly schemas: ResourceSchemas;
}

/** CloudFormation creates before it deletes, so that a resource under a new logical id finds its own name taken.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html */
function nameTaken(
  { logicalId, type }: Change,
  resource: Resource,
  { before, after, schemas }: Surroundings,
): readonly Trap[] {
  const name = customName(resource, schemas(type));
  if (name === undefined) return [];
  const taken = Object.entries(before).find(
    ([id, { Type, Properties }]) =>
      Type === type && id !== logicalId && canonicalJson(Properties?.[name.property]) === canonicalJson(name.value),
  );
  if (taken === undefined) return [];
  const [other] = taken;
  const fate = after[other] === undefined ? 'is deleted only after the new one exists' : 'keeps it until it is updated';
  return [
    {
      logicalId,
      type,
      path: ['Properties', name.property],
      severity: 'error',
      message: `${logicalId} (${type}) would have the name ${fullText(name.value)}, which ${other} has: it ${fate}`,
      hint: `give ${logicalId} another ${name.property}, or keep the logical id ${other}`,
    },
  ];
}

/** Types whose name is all of their identity, though their id is an ARN or a URL. The schemas have the others. */
const namedBy: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'Name',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'Name',
};

function customName(
  { Type, Properties = {} }: Resource,
  schema: ResourceSchema | undefined,
): { readonly property: string; readonly value: unknown } | undefined {
  const [only, ...rest] = schema?.primaryIdentifier ?? [];
  const property = namedBy[Type] ?? (rest.length === 0 ? only : undefined);
  const value = property === undefined ? undefined : Properties[property];
  // a reference may be to another resource's id: nothing that somebody chose
  if (property === undefined || value === undefined || (isMap(value) && !('Fn::Sub' in value))) return undefined;
  return { property, value };
}

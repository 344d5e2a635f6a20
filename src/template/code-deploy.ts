// What `deployment.codeDeploy` adds: the application, its role, a deployment group for each function, and the aliases' update policy.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { functionIds, functionResourceId } from '../cfn/names.ts';
import { allow, type OwnedResource, type Statement } from '../cfn/part.ts';
import { attribute, type Resource, ref, sub, type Template, type Value } from '../cfn/resource.ts';
import type { Path } from '../cfn/resource-schema.ts';
import { inlinePolicies, policyDocument, trust } from '../cfn/role.ts';
import { type CodeDeploy, hookOf, hooksOf, type TrafficRouting } from '../project/code-deploy.ts';
import type { Project } from '../project/project.ts';
import { type StackSet, singleStack, stackTemplate } from './stack-set.ts';

const ids = { application: 'CodeDeployApplication', role: 'CodeDeployRole', config: 'CodeDeployConfig' } as const;
const from: Path = ['deployment', 'codeDeploy'];
const groupId = (name: string) => functionResourceId(name, 'DeploymentGroup');

/** The names of the functions whose traffic CodeDeploy moves. */
export function codeDeployed({ codeDeploy, functions }: Project): readonly string[] {
  if (codeDeploy === undefined) return [];
  const hooks = hooksOf(codeDeploy);
  const isChosen = (name: string) => codeDeploy.functions?.includes(name) ?? !hooks.has(name);
  return functions.map(({ name }) => name).filter(isChosen);
}

/** Names that the project does not have, and hooks that would have to pass themselves. */
export function checkCodeDeploy(project: Project): readonly Problem[] {
  const { codeDeploy } = project;
  if (codeDeploy === undefined) return [];
  const known = project.functions.map(({ name }) => name);
  const hooks = hooksOf(codeDeploy);
  const at = (...keys: Path) => project.origin([...from, ...keys]);
  const unknown = (name: string, place: Problem['at']): readonly Problem[] => {
    if (known.includes(name)) return [];
    const suggestion = nearest(name, known);
    const hint = suggestion === undefined ? `functions are ${known.join(', ')}` : `did you mean "${suggestion}"?`;
    return [{ at: place, message: `there is no function "${name}"`, hint }];
  };
  return [
    ...(['beforeTraffic', 'afterTraffic'] as const).flatMap((key) => {
      const hook = codeDeploy[key];
      if (hook === undefined) return [];
      if (typeof hook === 'string') return unknown(hook, at(key));
      return [...hook].flatMap(([name, of]) => [...unknown(name, at(key, name)), ...unknown(of, at(key, name))]);
    }),
    ...(codeDeploy.functions ?? []).flatMap((name, index): readonly Problem[] => {
      if (!hooks.has(name)) return unknown(name, at('functions', index));
      return [
        {
          at: at('functions', index),
          message: `"${name}" is a hook, so CodeDeploy cannot move its traffic`,
          hint: 'remove it from functions: its traffic moves at once',
        },
      ];
    }),
  ];
}

/** The resources besides the aliases. */
export function codeDeployResources(project: Project): readonly (readonly [id: string, resource: OwnedResource])[] {
  const { codeDeploy } = project;
  const names = codeDeployed(project);
  if (codeDeploy === undefined || names.length === 0) return [];
  const config = deploymentConfig(codeDeploy.routing);
  const shared: readonly (readonly [string, Resource | undefined])[] = [
    [ids.application, { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } }],
    [ids.config, config.resource],
    [ids.role, codeDeploy.role === undefined ? role(codeDeploy) : undefined],
  ];
  return [
    ...shared.flatMap(([id, resource]) =>
      resource === undefined ? [] : [[id, { resource, owner: { kind: 'project' }, from }] as const],
    ),
    ...names.map((name) => {
      const resource = deploymentGroup(project, codeDeploy, config.name);
      return [groupId(name), { resource, owner: { kind: 'function', name }, from }] as const;
    }),
  ];
}

/** AWS has configurations for the usual steps: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
function deploymentConfig(routing: TrafficRouting): { readonly name: Value; readonly resource: Resource | undefined } {
  if (routing.kind === 'config') return { name: routing.name, resource: undefined };
  const { kind, percent, minutes } = routing;
  const usual = kind === 'canary' ? [5, 10, 15, 30] : [1, 2, 3, 10];
  if (percent === 10 && usual.includes(minutes)) {
    const unit = minutes === 1 ? 'Minute' : 'Minutes';
    const steps = kind === 'canary' ? `Canary10Percent${minutes}${unit}` : `Linear10PercentEvery${minutes}${unit}`;
    return { name: `CodeDeployDefault.Lambda${steps}`, resource: undefined };
  }
  const TrafficRoutingConfig =
    kind === 'canary'
      ? { Type: 'TimeBasedCanary', TimeBasedCanary: { CanaryPercentage: percent, CanaryInterval: minutes } }
      : { Type: 'TimeBasedLinear', TimeBasedLinear: { LinearPercentage: percent, LinearInterval: minutes } };
  const resource = {
    Type: 'AWS::CodeDeploy::DeploymentConfig',
    Properties: { ComputePlatform: 'Lambda', TrafficRoutingConfig },
  };
  return { name: ref(ids.config), resource };
}

/** AWS's policy lets CodeDeploy move aliases and read alarms; the rest names what it is for.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html */
function role({ notifications, ...codeDeploy }: CodeDeploy): Resource {
  const hooks = [...hooksOf({ notifications, ...codeDeploy })].map((name) => functionIds(name).function);
  const statements: readonly Statement[] = [
    ...hooks.map((id) => allow('lambda:InvokeFunction', attribute(id, 'Arn'))),
    ...notifications.map((topic) => allow('sns:Publish', topicArn(topic))),
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policyDocument([trust('codedeploy.amazonaws.com')]),
      ManagedPolicyArns: [sub('arn:${AWS::Partition}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited')],
      ...inlinePolicies(statements),
    },
  };
}

const topicArn = (topic: string): Value => (topic.startsWith('arn:') ? topic : ref(topic));

const triggerEvents = [
  'DeploymentStart',
  'DeploymentSuccess',
  'DeploymentFailure',
  'DeploymentStop',
  'DeploymentRollback',
];

function deploymentGroup({ resources }: Project, codeDeploy: CodeDeploy, config: Value): Resource {
  const { alarms, notifications, role: given } = codeDeploy;
  return {
    Type: 'AWS::CodeDeploy::DeploymentGroup',
    Properties: {
      ApplicationName: ref(ids.application),
      ServiceRoleArn: given ?? attribute(ids.role, 'Arn'),
      DeploymentConfigName: config,
      DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
      ...(alarms.length === 0
        ? {}
        : {
            AlarmConfiguration: {
              Enabled: true,
              Alarms: alarms.map((alarm) => ({ Name: resources.has(alarm) ? ref(alarm) : alarm })),
            },
          }),
      ...(notifications.length === 0
        ? {}
        : {
            TriggerConfigurations: notifications.map((topic, index) => ({
              TriggerName: `topic-${index + 1}`,
              TriggerTargetArn: topicArn(topic),
              TriggerEvents: triggerEvents,
            })),
          }),
    },
  };
}

/** What the role of a hook needs to report its result. */
export function hookStatements(project: Project, name: string): readonly Statement[] {
  const { codeDeploy } = project;
  if (codeDeploy === undefined || !hooksOf(codeDeploy).has(name) || codeDeployed(project).length === 0) return [];
  const groups = `arn:\${AWS::Partition}:codedeploy:\${AWS::Region}:\${AWS::AccountId}:deploymentgroup:\${${ids.application}}/*`;
  return [allow('codedeploy:PutLifecycleEventHookExecutionStatus', sub(groups))];
}

/** The alias with CodeDeploy's policy. A hook is deployed before the functions that it checks. */
export function withUpdatePolicy(project: Project, name: string, alias: Resource): Resource {
  const { codeDeploy } = project;
  if (codeDeploy === undefined || !codeDeployed(project).includes(name)) return alias;
  const [before, after] = [codeDeploy.beforeTraffic, codeDeploy.afterTraffic].map((hook) => hookOf(hook, name));
  const hooks = [...new Set([before, after].filter((hook) => hook !== undefined))];
  const hookRef = (hook: string | undefined) => (hook === undefined ? undefined : ref(functionIds(hook).function));
  return {
    ...alias,
    ...(hooks.length === 0 ? {} : { DependsOn: hooks.map((hook) => functionIds(hook).alias) }),
    UpdatePolicy: {
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: ref(ids.application),
        DeploymentGroupName: ref(groupId(name)),
        ...(before === undefined ? {} : { BeforeAllowTrafficHook: hookRef(before) as Value }),
        ...(after === undefined ? {} : { AfterAllowTrafficHook: hookRef(after) as Value }),
      },
    },
  };
}

/** The stacks without CodeDeploy's update policy of some aliases, or of all: their traffic moves at once. CodeDeploy refuses to move an alias
 * that is not at the version that CloudFormation expects, as after a rollback that moved the aliases first. */
export function withoutCodeDeploy(
  stacks: StackSet,
  isMovedAtOnce: (aliasId: string) => boolean = () => true,
): StackSet {
  const { template } = stacks.root;
  const moved = Object.entries(template.Resources).filter(
    ([id, { Type, UpdatePolicy }]) => Type === 'AWS::Lambda::Alias' && UpdatePolicy !== undefined && isMovedAtOnce(id),
  );
  if (moved.length === 0) return stacks;
  const plain = moved.map(([id, { UpdatePolicy: _, ...resource }]) => [id, resource]);
  const next: Template = { ...template, Resources: { ...template.Resources, ...Object.fromEntries(plain) } };
  return singleStack(stackTemplate(next));
}

// The ARN of a resource in the template, by type: the one source for grants, targets and event sources.
import { attribute, ref, sub, type Value } from './resource.ts';

/** Types whose ARN is what `Ref` returns. Every other type that has an ARN gives it as the attribute `Arn`. By the "Return values" of
 * each type in https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html */
const arnIsRef: ReadonlySet<string> = new Set([
  'AWS::CertificateManager::Certificate',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::IAM::ManagedPolicy',
  'AWS::Lambda::Alias',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Version',
  'AWS::SNS::Topic',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::Activity',
  'AWS::StepFunctions::StateMachine',
  'AWS::StepFunctions::StateMachineAlias',
  'AWS::StepFunctions::StateMachineVersion',
]);

/** The attribute that holds the ARN of a type; undefined if `Ref` returns it. */
export function arnAttributeOf(type: string): string | undefined {
  return arnIsRef.has(type) ? undefined : 'Arn';
}

export function arnOf(logicalId: string, type: string): Value {
  const name = arnAttributeOf(type);
  return name === undefined ? ref(logicalId) : attribute(logicalId, name);
}

/** The ARN of a log group by its name, and of all its streams. */
export function logGroupArn(name: string): Value {
  return sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${name}:*`);
}

/** An ARN with a suffix, such as `/*` for the objects of a bucket. */
export function arnBelow(logicalId: string, type: string, suffix: string): Value {
  const name = arnAttributeOf(type);
  return { 'Fn::Sub': `\${${logicalId}${name === undefined ? '' : `.${name}`}}${suffix}` };
}

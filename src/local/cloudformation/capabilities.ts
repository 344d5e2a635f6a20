// Which acknowledgements a template needs before it may touch IAM.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html#using-iam-capabilities
import type { Capability } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../cloud.ts';
import type { Template } from './template.ts';

/** The types that need an acknowledgement, with the property that sets a custom name. */
const iamTypes: Readonly<Record<string, string | undefined>> = {
  'AWS::IAM::AccessKey': undefined,
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::IAM::UserToGroupAddition': undefined,
};

export function requiredCapability(template: Template): { capability: Capability; reason: string } | undefined {
  const resources = Object.values(template.resources).filter(({ type }) => Object.hasOwn(iamTypes, type));
  if (resources.length === 0) return undefined;
  const named = resources.some(({ type, properties }) => {
    const name = iamTypes[type];
    return name !== undefined && Object.hasOwn(properties, name);
  });
  const types = [...new Set(resources.map(({ type }) => type))];
  return {
    capability: named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM',
    reason: `The following resource(s) require capabilities: [${types.join(', ')}]`,
  };
}

export function checkCapabilities(template: Template, capabilities: readonly string[]): void {
  const required = requiredCapability(template);
  if (required === undefined || capabilities.includes('CAPABILITY_NAMED_IAM')) return;
  if (required.capability === 'CAPABILITY_IAM' && capabilities.includes('CAPABILITY_IAM')) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${required.capability}]`);
}

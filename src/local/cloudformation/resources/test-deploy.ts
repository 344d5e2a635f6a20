// For tests of resource types: deploys one stack to a rig, and reads what it has.
import { expect } from 'vitest';
import { type Rig, template } from '../test-rig.ts';

/** Lets Lambda assume a role. */
export const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

export const Capabilities = ['CAPABILITY_NAMED_IAM' as const];

/** A policy that allows an action on everything. */
export const allow = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});

/** A version of the function `F`, and its alias `live` at that version. */
export const released = (versionId: string, aliasProperties: object = {}, alias: object = {}) => ({
  [versionId]: {
    Type: 'AWS::Lambda::Version',
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: { FunctionName: { Ref: 'F' } },
  },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: { Ref: 'F' },
      FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
      Name: 'live',
      ...aliasProperties,
    },
    ...alias,
  },
});

/** The calls on the stack `s` of the current rig. */
export function deploysTo(current: () => Rig) {
  return {
    /** Creates or updates the stack. Resolves to the physical ids of its resources, by logical id. */
    async deploy(resources: object, sections: object = {}, options: object = {}): Promise<Record<string, string>> {
      const rig = current();
      const input = { StackName: 's', TemplateBody: template(resources, sections), Capabilities, ...options };
      const { Stacks: before = [] } = await rig.call('DescribeStacks', {});
      if (before.some(({ StackName }) => StackName === 's')) await rig.run('UpdateStack', input);
      else await rig.run('CreateStack', input);
      expect((await rig.events('s')).filter((event) => event.includes('FAILED'))).toEqual([]);
      expect(await rig.status('s')).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
      const { StackResources = [] } = await rig.call('DescribeStackResources', { StackName: 's' });
      return Object.fromEntries(
        StackResources.map(({ LogicalResourceId, PhysicalResourceId }) => [
          LogicalResourceId,
          PhysicalResourceId ?? '',
        ]),
      );
    },
    async outputs(): Promise<Record<string, string | undefined>> {
      const { Stacks = [] } = await current().call('DescribeStacks', { StackName: 's' });
      const outputs = Stacks[0]?.Outputs ?? [];
      return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]));
    },
  };
}

import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const parameter = (properties: object) => ({ Type: 'AWS::SSM::Parameter', Properties: properties });
async function deploy(operation: 'CreateStack' | 'UpdateStack', properties: object): Promise<string[]> {
  const outputs = {
    Outputs: {
      Name: { Value: { Ref: 'P' } },
      Value: { Value: { 'Fn::GetAtt': ['P', 'Value'] } },
      Type: { Value: { 'Fn::GetAtt': ['P', 'Type'] } },
    },
  };
  await rig.run(operation, { StackName: 's', TemplateBody: template({ P: parameter(properties) }, outputs) });
  const { Stacks = [] } = await rig.call('DescribeStacks', { StackName: 's' });
  expect(Stacks[0]?.StackStatus).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
  return (Stacks[0]?.Outputs ?? []).map(({ OutputValue }) => OutputValue ?? '');
}

it('a parameter is created, updated in place, and replaced under another name', async () => {
  const first = { Name: '/app/url', Type: 'String', Value: 'one', Description: 'd', Tags: { a: '1', b: '2' } };
  expect(await deploy('CreateStack', first)).toEqual(['/app/url', 'one', 'String']);
  const changed = { Name: '/app/url', Type: 'String', Value: 'two', Tags: { b: '3' } };
  expect(await deploy('UpdateStack', changed)).toEqual(['/app/url', 'two', 'String']);
  expect((await rig.cloud.call('ssm', 'GetParameter', { Name: '/app/url' })).Parameter?.Version).toBe(2);
  const { Parameters } = await rig.cloud.call('ssm', 'DescribeParameters', {});
  expect(Parameters?.[0]).not.toHaveProperty('Description');
  const tagged = { ResourceType: 'Parameter', ResourceId: '/app/url' } as const;
  expect((await rig.cloud.call('ssm', 'ListTagsForResource', tagged)).TagList).toEqual([{ Key: 'b', Value: '3' }]);
  const list = { Type: 'StringList', Value: 'a,b' };
  const [name] = await deploy('UpdateStack', list);
  expect(name).toMatch(/^CFN-P-[A-Z0-9]{12}$/);
  await expect(rig.cloud.call('ssm', 'GetParameter', { Name: '/app/url' })).rejects.toMatchObject({
    code: 'ParameterNotFound',
  });
  await rig.run('DeleteStack', { StackName: 's' });
  expect((await rig.cloud.call('ssm', 'DescribeParameters', {})).Parameters).toEqual([]);
});

it('CloudFormation creates no SecureString, and no parameter that already exists', async () => {
  await rig.cloud.call('ssm', 'PutParameter', { Name: 'taken', Type: 'String', Value: 'v' });
  const failure = async (StackName: string, properties: object) => {
    await rig.run('CreateStack', { StackName, TemplateBody: template({ P: parameter(properties) }) });
    return (await rig.events(StackName)).find((event) => event.startsWith('P CREATE_FAILED'));
  };
  expect(await failure('secret', { Type: 'SecureString', Value: 'v' })).toContain('Properties validation failed');
  expect(await failure('taken', { Name: 'taken', Type: 'String', Value: 'v' })).toMatch(
    /The parameter already exists\..*HandlerErrorCode: AlreadyExists\)$/,
  );
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const resources = (url: object, permissions: boolean) => ({
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    },
  },
  F: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: 'exports.handler = async () => ({ statusCode: 200, body: "hello" });' },
    },
  },
  V: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'F' } } },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: { FunctionName: { Ref: 'F' }, FunctionVersion: { 'Fn::GetAtt': ['V', 'Version'] }, Name: 'live' },
  },
  Url: {
    Type: 'AWS::Lambda::Url',
    DependsOn: 'Live',
    Properties: { TargetFunctionArn: { Ref: 'F' }, Qualifier: 'live', ...url },
  },
  ...(permissions
    ? {
        UrlPermission: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            FunctionName: { Ref: 'Live' },
            Action: 'lambda:InvokeFunctionUrl',
            Principal: '*',
            FunctionUrlAuthType: 'NONE',
          },
        },
        InvokePermission: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            FunctionName: { Ref: 'Live' },
            Action: 'lambda:InvokeFunction',
            Principal: '*',
            InvokedViaFunctionUrl: true,
          },
        },
      }
    : {}),
});
async function deploy(operation: 'CreateStack' | 'UpdateStack', stack: object): Promise<Record<string, string>> {
  const Outputs = {
    Ref: { Value: { Ref: 'Url' } },
    Arn: { Value: { 'Fn::GetAtt': ['Url', 'FunctionArn'] } },
    Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } },
  };
  const TemplateBody = template(stack, { Outputs });
  await rig.run(operation, { StackName: 's', TemplateBody, Capabilities: ['CAPABILITY_IAM'] });
  expect((await rig.events('s')).filter((event) => event.includes('FAILED'))).toEqual([]);
  const { Stacks = [] } = await rig.call('DescribeStacks', { StackName: 's' });
  return Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']),
  );
}

it('an alias’s URL is created with its permissions, updated in place and deleted', async () => {
  const Cors = { AllowOrigins: ['*'] };
  const { Ref, Arn, Url = '' } = await deploy('CreateStack', resources({ AuthType: 'NONE', Cors }, true));
  expect(Ref).toBe(Arn);
  expect(Arn).toMatch(/^arn:aws:lambda:eu-west-1:000000000000:function:s-F-[A-Z0-9]{12}:live$/);
  const response = await fetch(Url, { headers: { origin: 'https://a.example' } });
  expect([response.status, await response.text()]).toEqual([200, 'hello']);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(await deploy('UpdateStack', resources({ AuthType: 'NONE' }, true))).toMatchObject({ Url });
  const { headers } = await fetch(Url, { headers: { origin: 'https://a.example' } });
  expect(headers.get('access-control-allow-origin')).toBeNull();
  await deploy('UpdateStack', resources({ AuthType: 'AWS_IAM' }, true));
  expect((await fetch(Url)).status).toBe(403);
  await rig.run('DeleteStack', { StackName: 's' });
  await expect(fetch(Url)).rejects.toThrow();
});

it('a URL for anyone without permissions answers 403, as on AWS', async () => {
  const { Url = '' } = await deploy('CreateStack', resources({ AuthType: 'NONE' }, false));
  expect((await fetch(Url)).status).toBe(403);
});

// AWS::ElasticLoadBalancingV2 in stacks: made, changed in place, answering under its DNS name, and deleted.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rig, startRig } from '../test-rig.ts';
import { deploysTo, trust } from './test-deploy.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());
const { deploy, outputs } = deploysTo(() => rig);

const fn = {
  Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
  F: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: {
        ZipFile: 'exports.handler = async ({ headers }) => ({ statusCode: 200, body: headers ? "single" : "multi" });',
      },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: { Ref: 'F' },
      Action: 'lambda:InvokeFunction',
      Principal: 'elasticloadbalancing.amazonaws.com',
      SourceArn: {
        'Fn::Sub': 'arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/group/*',
      },
    },
  },
};

const resources = (multi: boolean, rules: readonly (readonly [id: string, priority: number, path: string])[]) => ({
  ...fn,
  Alb: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { Subnets: ['subnet-1', 'subnet-2'], SecurityGroups: ['sg-1'] },
  },
  Http: {
    Type: 'AWS::ElasticLoadBalancingV2::Listener',
    Properties: {
      LoadBalancerArn: { Ref: 'Alb' },
      Port: 8080,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    },
  },
  Group: {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    DependsOn: 'Permission',
    Properties: {
      Name: 'group',
      TargetType: 'lambda',
      Targets: [{ Id: { 'Fn::GetAtt': ['F', 'Arn'] } }],
      TargetGroupAttributes: [{ Key: 'lambda.multi_value_headers.enabled', Value: String(multi) }],
    },
  },
  ...Object.fromEntries(
    rules.map(([id, Priority, path]) => [
      id,
      {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: { Ref: 'Http' },
          Priority,
          Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
          Actions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Group' } }],
        },
      },
    ]),
  ),
});
const Outputs = {
  Url: { Value: { 'Fn::Sub': 'http://${Alb.DNSName}:8080/a' } },
  Name: { Value: { 'Fn::GetAtt': ['Alb', 'DNSName'] } },
  Full: { Value: { 'Fn::GetAtt': ['Alb', 'LoadBalancerFullName'] } },
};

test('a load balancer with a function', async () => {
  const first = await deploy(resources(false, [['One', 1, '/a']]), { Outputs });
  const { Url = '', Name, Full } = await outputs();
  expect(Name).toMatch(/^s-Alb-\w+-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
  expect(Full).toMatch(/^app\/s-Alb-\w+\/[0-9a-f]{16}$/);
  expect(Url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a$/);
  expect(await (await fetch(Url)).text()).toBe('single');

  const second = await deploy(
    resources(true, [
      ['One', 2, '/b'],
      ['Two', 1, '/a'],
    ]),
    { Outputs },
  );
  expect(second).toMatchObject({ One: first['One'], Group: first['Group'], Http: first['Http'], Alb: first['Alb'] });
  const { Url: after } = await outputs();
  expect(after).toBe(Url);
  expect(await (await fetch(Url)).text()).toBe('multi');
  expect((await fetch(new URL('/c', Url))).status).toBe(404);

  await rig.run('DeleteStack', { StackName: 's' });
  await expect(fetch(Url)).rejects.toThrow();
});

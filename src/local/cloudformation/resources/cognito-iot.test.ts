// User pools, which exist in their stack only, and rules of IoT.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';
import { deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy, outputs } = deploysTo(() => rig);
const attribute = (id: string, name: string) => ({ Value: { 'Fn::GetAtt': [id, name] } });

it('a user pool and what belongs to it have ids and attributes, which an update keeps', async () => {
  const resources = (LambdaConfig: object) => ({
    Users: { Type: 'AWS::Cognito::UserPool', Properties: { UserPoolName: 'users', LambdaConfig } },
    Client: {
      Type: 'AWS::Cognito::UserPoolClient',
      Properties: { UserPoolId: { Ref: 'Users' }, ClientName: 'web', GenerateSecret: true },
    },
    Domain: { Type: 'AWS::Cognito::UserPoolDomain', Properties: { UserPoolId: { Ref: 'Users' }, Domain: 'shop' } },
    Staff: { Type: 'AWS::Cognito::UserPoolGroup', Properties: { UserPoolId: { Ref: 'Users' }, GroupName: 'staff' } },
  });
  const sections = {
    Outputs: {
      Arn: attribute('Users', 'Arn'),
      Url: attribute('Users', 'ProviderURL'),
      ClientId: attribute('Client', 'ClientId'),
      Secret: attribute('Client', 'ClientSecret'),
    },
  };
  const first = await deploy(resources({}), sections);
  const { Users: pool = '', Client: client = '' } = first;
  expect(pool).toMatch(/^eu-west-1_[A-Za-z0-9]{9}$/);
  expect(client).toMatch(/^[a-z0-9]{26}$/);
  expect([first['Domain'], first['Staff']]).toEqual(['shop', 'staff']);
  const expected = {
    Arn: `arn:aws:cognito-idp:eu-west-1:000000000000:userpool/${pool}`,
    Url: `https://cognito-idp.eu-west-1.amazonaws.com/${pool}`,
    ClientId: client,
    Secret: expect.stringMatching(/^[0-9a-f]{52}$/),
  };
  const before = await outputs();
  expect(before).toEqual(expected);
  const PreSignUp = 'arn:aws:lambda:eu-west-1:000000000000:function:f';
  expect(await deploy(resources({ PreSignUp }), sections)).toEqual(first);
  expect(await outputs()).toEqual(before);
});

it('a rule of IoT is made, replaced in place, tagged and deleted', async () => {
  const rule = (Sql: string, tags: readonly object[] = []) => ({
    Q: { Type: 'AWS::SQS::Queue' },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    R: {
      Type: 'AWS::IoT::TopicRule',
      Properties: {
        Tags: tags,
        TopicRulePayload: {
          Sql,
          AwsIotSqlVersion: '2016-03-23',
          RuleDisabled: true,
          Actions: [{ Sqs: { QueueUrl: { Ref: 'Q' }, RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] }, UseBase64: true } }],
        },
      },
    },
  });
  const sections = { Outputs: { Arn: attribute('R', 'Arn') } };
  const { R: ruleName = '' } = await deploy(rule("SELECT * FROM 'a'", [{ Key: 'a', Value: '1' }]), sections);
  expect(ruleName).toMatch(/^sR[A-Z0-9]{12}$/);
  const resourceArn = `arn:aws:iot:eu-west-1:000000000000:rule/${ruleName}`;
  expect(await outputs()).toEqual({ Arn: resourceArn });
  const found = async () => (await rig.cloud.call('iot', 'GetTopicRule', { ruleName })).rule;
  const tags = async () => (await rig.cloud.call('iot', 'ListTagsForResource', { resourceArn })).tags;
  expect(await found()).toMatchObject({
    sql: "SELECT * FROM 'a'",
    ruleDisabled: true,
    actions: [{ sqs: { useBase64: true } }],
  });
  expect(await tags()).toEqual([{ Key: 'a', Value: '1' }]);
  await deploy(rule("SELECT * FROM 'b'", [{ Key: 'b', Value: '2' }]), sections);
  expect(await found()).toMatchObject({ sql: "SELECT * FROM 'b'" });
  expect(await tags()).toEqual([{ Key: 'b', Value: '2' }]);
  const broken = { StackName: 'broken', TemplateBody: template({ ...rule("SELECT FROM 'a'") }) };
  await rig.run('CreateStack', { ...broken, Capabilities: ['CAPABILITY_IAM'] });
  expect((await rig.events('broken')).join('\n')).toContain("Unexpected 'FROM'");
  await rig.run('DeleteStack', { StackName: 's' });
  await expect(found()).rejects.toThrow('was denied');
});

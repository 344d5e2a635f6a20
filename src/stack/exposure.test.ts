// Permissions that widen, and what becomes public.
import { describe, expect, test } from 'vitest';
import type { Resource } from '../cfn/resource.ts';
import { singleStack, stackTemplate } from '../template/stack-set.ts';
import { exposureOf } from './exposure.ts';

type Resources = Record<string, Resource>;
const stack = (Resources: Resources) =>
  singleStack(stackTemplate({ AWSTemplateFormatVersion: '2010-09-09', Description: '', Resources }));
const exposed = (before: Resources | undefined, after: Resources) => exposureOf(before && stack(before), stack(after));
type Values = NonNullable<Resource['Properties']>;
const one = (Type: string, Properties: Values): Resources => ({ R: { Type, Properties } });
const role = (...statements: Values[]) =>
  one('AWS::IAM::Role', { Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }] });
const allow = (Action: string | string[], Resource: string | string[] = 't', more: Values = {}): Values => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

describe('the permissions of a role', () => {
  const widened = (before: Resources, after: Resources) =>
    exposed(before, after).widened.map(({ effect, actions, resource }) => [effect, actions, resource]);

  test('widen by an action, a resource, or a condition that goes', () => {
    const before = role(allow('dynamodb:GetItem', ['t', 'u']));
    expect(widened(before, role(allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'], ['t', 'u'])))).toEqual(
      [
        ['Allow', ['dynamodb:PutItem', 'dynamodb:Scan'], 't'],
        ['Allow', ['dynamodb:PutItem', 'dynamodb:Scan'], 'u'],
      ],
    );
    const limited = role(allow('s3:GetObject', 't', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }));
    expect(widened(limited, role(allow('s3:GetObject')))).toEqual([['Allow', ['s3:GetObject'], 't']]);
    expect(widened(role(allow('s3:GetObject')), limited)).toEqual([]);
  });

  test('do not widen by another order, another split, or what a pattern covered already', () => {
    expect(
      widened(role(allow(['s3:GetObject', 's3:PutObject'])), role(allow('s3:PutObject'), allow('s3:getobject'))),
    ).toEqual([]);
    expect(widened(role(allow('s3:*', 'b/*')), role(allow('s3:GetObject', 'b/x')))).toEqual([]);
    expect(widened(role(allow('s3:GetObject', 'b/x')), role(allow('s3:Get*', 'b/x')))).toHaveLength(1);
    expect(widened(role(allow('s3:GetObject', 'b/x')), role(allow('s3:GetObject', '*')))).toHaveLength(1);
  });

  test('widen where a denial or a boundary goes, and narrow where one comes', () => {
    const deny: Values = { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' };
    expect(widened(role(deny), role())).toEqual([['Deny', ['s3:DeleteBucket'], '*']]);
    expect(exposed(role(), role(deny)).narrowed).toHaveLength(1);
    expect(widened(one('AWS::IAM::Role', { PermissionsBoundary: 'b' }), one('AWS::IAM::Role', {}))).toHaveLength(1);
    expect(widened(role(), one('AWS::IAM::Role', { ManagedPolicyArns: ['admin'] }))).toEqual([
      ['Allow', ['the policy admin'], ''],
    ]);
  });

  test('NotAction covers only itself', () => {
    const except: Values = { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' };
    expect(widened(role(except), role(except))).toEqual([]);
    expect(widened(role(allow('s3:GetObject')), role(except))).toHaveLength(1);
  });

  test('whom a role trusts widens too', () => {
    const trusts = (Service: string[]) =>
      one('AWS::IAM::Role', {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
        },
      });
    const { widened: all } = exposed(
      trusts(['lambda.amazonaws.com']),
      trusts(['lambda.amazonaws.com', 'ec2.amazonaws.com']),
    );
    expect(all).toMatchObject([{ principal: 'ec2.amazonaws.com', actions: ['sts:AssumeRole'] }]);
  });
});

describe('public', () => {
  const permission = (more: Values) => ({ FunctionName: 'f', Action: 'lambda:InvokeFunction', ...more });
  const queuePolicy = (more: Values) => ({
    PolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'q', Principal: '*', ...more }],
    },
  });
  test.each<[string, Values, Values, string]>([
    ['AWS::Lambda::Url', { AuthType: 'AWS_IAM' }, { AuthType: 'NONE' }, 'anyone may call the function URL'],
    [
      'AWS::Lambda::Permission',
      permission({ Principal: '*', PrincipalOrgID: 'o' }),
      permission({ Principal: '*' }),
      'every account may invoke',
    ],
    [
      'AWS::Lambda::Permission',
      permission({ Principal: 's3.amazonaws.com', SourceArn: 'a' }),
      permission({ Principal: 's3.amazonaws.com' }),
      's3.amazonaws.com may invoke the function for any account',
    ],
    [
      'AWS::ApiGatewayV2::Route',
      { RouteKey: 'GET /', AuthorizationType: 'JWT' },
      { RouteKey: 'GET /' },
      'anyone may call GET /',
    ],
    [
      'AWS::SQS::QueuePolicy',
      queuePolicy({ Condition: { ArnLike: { 'aws:SourceArn': 'a' } } }),
      queuePolicy({}),
      'anyone may sqs:SendMessage on q',
    ],
    [
      'AWS::SNS::TopicPolicy',
      queuePolicy({ Principal: { AWS: '1' } }),
      queuePolicy({ Principal: { AWS: '*' } }),
      'anyone may sqs:SendMessage on q',
    ],
    [
      'AWS::S3::Bucket',
      { PublicAccessBlockConfiguration: { BlockPublicAcls: true } },
      { PublicAccessBlockConfiguration: { BlockPublicAcls: false } },
      'BlockPublicAcls is off',
    ],
    [
      'AWS::EC2::SecurityGroup',
      { SecurityGroupIngress: [{ CidrIp: '10.0.0.0/8' }] },
      { SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0', FromPort: 22, ToPort: 22, IpProtocol: 'tcp' }] },
      '0.0.0.0/0 may reach port 22 (tcp)',
    ],
    ['AWS::RDS::DBInstance', {}, { PubliclyAccessible: true }, 'it has a public address'],
  ])('%s from %j to %j', (type, before, after, what) => {
    expect(exposed(one(type, before), one(type, after)).opened).toMatchObject([
      { what: expect.stringContaining(what) },
    ]);
    expect(exposed(one(type, after), one(type, before)).closed).toHaveLength(1);
    // neither what was public before, nor what is not public, is news
    expect(exposed(one(type, after), one(type, after)).opened).toEqual([]);
    expect(exposed(undefined, one(type, before)).opened).toEqual([]);
    expect(exposed(undefined, one(type, after)).opened).toHaveLength(1);
  });

  test("a public function URL is one fact, not three: its permissions are the URL's", () => {
    const resources: Resources = {
      Url: { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } },
      A: { Type: 'AWS::Lambda::Permission', Properties: permission({ Principal: '*', FunctionUrlAuthType: 'NONE' }) },
      B: { Type: 'AWS::Lambda::Permission', Properties: permission({ Principal: '*', InvokedViaFunctionUrl: true }) },
    };
    expect(exposed(undefined, resources).opened).toHaveLength(1);
  });
});

describe('the routes of an API', () => {
  const opened = (after: Resources) => exposed({}, after).opened.map(({ logicalId, what }) => `${logicalId}: ${what}`);
  const rest = (type: string): Resources => ({
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { EndpointConfiguration: { Types: [type] } } },
    Orders: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: { PathPart: 'orders', ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] } },
    },
    Order: { Type: 'AWS::ApiGateway::Resource', Properties: { PathPart: '{id}', ParentId: { Ref: 'Orders' } } },
    Get: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'Api' },
        ResourceId: { Ref: 'Order' },
        HttpMethod: 'GET',
        AuthorizationType: 'NONE',
        Integration: { Type: 'AWS_PROXY' },
      },
    },
    Options: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'Api' },
        ResourceId: { Ref: 'Order' },
        HttpMethod: 'OPTIONS',
        AuthorizationType: 'NONE',
        Integration: { Type: 'MOCK' },
      },
    },
  });

  test('of a REST API are named by their paths; preflights and private APIs do not count', () => {
    expect(opened(rest('REGIONAL'))).toEqual(['Get: anyone may call GET /orders/{id}: it has no authorizer']);
    expect(opened(rest('PRIVATE'))).toEqual([]);
  });

  test('of a WebSocket API: only who connects is asked', () => {
    const route = (RouteKey: string): Resource => ({
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { ApiId: { Ref: 'Api' }, RouteKey },
    });
    const Api: Resource = { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'WEBSOCKET' } };
    expect(opened({ Api, A: route('$connect'), B: route('say'), C: route('$default') })).toEqual([
      'A: anyone may connect: $connect has no authorizer',
    ]);
  });
});

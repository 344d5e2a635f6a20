// The Lambda resource types together: releases, rollbacks and triggers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zipOf } from '../../lambda/fixture.ts';
import { type Rig, startRig, template } from '../test-rig.ts';
import { allow, Capabilities, deploysTo, released, trust } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy, outputs } = deploysTo(() => rig);

describe('AWS::Lambda', () => {
  const source = (answer: string) => `exports.handler = async () => ({ answer: '${answer}', size: process.env.SIZE });`;
  const stack = (answer: string, version: string, settings: object = {}) => ({
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
    F: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: source(answer) },
        Environment: { Variables: { SIZE: 1 } },
        MemorySize: '256',
        ...settings,
      },
    },
    ...released(version),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: { Ref: 'Live' },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: { ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'live', Arn: { Ref: 'Live' } }] },
    },
  });
  const invoke = async (FunctionName: string) => {
    const { Payload, ExecutedVersion } = await rig.cloud.call('lambda', 'Invoke', { FunctionName });
    return { version: ExecutedVersion, ...JSON.parse(Buffer.from(Payload ?? []).toString()) };
  };

  it('publishes a version for each release, moves the alias, and keeps the old version', async () => {
    const first = await deploy(stack('one', 'V1'));
    expect(first['F']).toMatch(/^s-F-[A-Z0-9]{12}$/);
    expect(first['V1']).toMatch(/^arn:aws:lambda:eu-west-1:000000000000:function:s-F-[A-Z0-9]{12}:1$/);
    expect(first['Live']).toMatch(/:live$/);
    expect(await invoke(first['Live'] ?? '')).toEqual({ version: '1', answer: 'one', size: '1' });
    await deploy(stack('two', 'V2', { Environment: { Variables: { SIZE: 2 } } }));
    expect(await rig.events('s', 'last')).toContain('V1 DELETE_SKIPPED');
    expect(await invoke(first['Live'] ?? '')).toEqual({ version: '2', answer: 'two', size: '2' });
    expect(await invoke(`${first['F']}:1`)).toMatchObject({ answer: 'one', size: '1' });
    const { Policy = '' } = await rig.cloud.call('lambda', 'GetPolicy', { FunctionName: first['Live'] });
    expect(Policy).toContain(first['Rule']);
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('lambda', 'ListFunctions', {})).Functions).toEqual([]);
    expect((await rig.cloud.call('events', 'ListRules', {})).Rules).toEqual([]);
  });

  it('rolls back a failed release: code, alias and the new version', async () => {
    const ids = await deploy(stack('one', 'V1'));
    rig.failAt = ({ logicalId, rollingBack }) => (logicalId === 'Live' && !rollingBack ? 'broken' : undefined);
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template(stack('two', 'V2')), Capabilities });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await rig.events('s', 'last')).toContain('V2 DELETE_COMPLETE');
    expect(await invoke(ids['Live'] ?? '')).toMatchObject({ version: '1', answer: 'one' });
    expect(await invoke(ids['F'] ?? '')).toMatchObject({ version: '$LATEST', answer: 'one' });
    rig.failAt = undefined;
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template(stack('two', 'V2')), Capabilities });
    expect(await invoke(ids['Live'] ?? '')).toMatchObject({ version: '3', answer: 'two' });
  });

  it('refuses a version of a function that has not changed since the last', async () => {
    await deploy(stack('one', 'V1'));
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template(stack('one', 'V2')), Capabilities });
    expect((await rig.events('s')).find((event) => event.startsWith('V2 CREATE_FAILED'))).toContain(
      'A version for this Lambda function exists ( 1 ). Modify the function to create a new version.',
    );
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it('fails for code that is not in the bucket, in Lambda’s words', async () => {
    await rig.cloud.call('s3', 'CreateBucket', {
      Bucket: 'code-bucket',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
    const body = template(stack('one', 'V1', { Code: { S3Bucket: 'code-bucket', S3Key: 'nope.zip' } }));
    await rig.run('CreateStack', { StackName: 's', TemplateBody: body, Capabilities });
    const failed = (await rig.events('s')).find((event) => event.startsWith('F CREATE_FAILED'));
    expect(failed).toContain('Error occurred while GetObject. S3 Error Code: NoSuchKey.');
    expect(failed).toMatch(/\(Service: Lambda, Status Code: 400, .*HandlerErrorCode: InvalidRequest\)$/);
  });

  it('can’t roll back to code that is missing from the bucket, until it is back', async () => {
    const Bucket = 'code-bucket';
    const constraint = { LocationConstraint: 'eu-west-1' as const };
    await rig.cloud.call('s3', 'CreateBucket', { Bucket, CreateBucketConfiguration: constraint });
    const put = (answer: string) =>
      rig.cloud.call('s3', 'PutObject', { Bucket, Key: `${answer}.zip`, Body: zipOf({ 'index.js': source(answer) }) });
    const stored = (answer: string, version: string) =>
      stack(answer, version, { Code: { S3Bucket: Bucket, S3Key: `${answer}.zip` } });
    await put('one');
    await put('two');
    const ids = await deploy(stored('one', 'V1'));
    await rig.cloud.call('s3', 'DeleteObject', { Bucket, Key: 'one.zip' });
    rig.failAt = ({ logicalId, rollingBack }) => (logicalId === 'Live' && !rollingBack ? 'broken' : undefined);
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template(stored('two', 'V2')), Capabilities });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [F]. ');
    expect((await rig.events('s')).find((event) => event.startsWith('F UPDATE_FAILED'))).toContain('NoSuchKey');
    await put('one');
    await rig.run('ContinueUpdateRollback', { StackName: 's' });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await invoke(ids['F'] ?? '')).toMatchObject({ answer: 'one' });
  });

  it('wires a queue to a function', async () => {
    const queued = (batch: number | undefined) => ({
      ...stack('one', 'V1'),
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: trust,
          Policies: [{ PolicyName: 'p', PolicyDocument: allow('sqs:*') }],
        },
      },
      Q: { Type: 'AWS::SQS::Queue' },
      M: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] },
          FunctionName: { Ref: 'Live' },
          ...(batch === undefined ? {} : { BatchSize: batch }),
        },
      },
    });
    const { M: UUID = '' } = await deploy(queued(5));
    expect(UUID).toMatch(/^[0-9a-f-]{36}$/);
    expect(await rig.cloud.call('lambda', 'GetEventSourceMapping', { UUID })).toMatchObject({
      BatchSize: 5,
      State: 'Enabled',
    });
    await deploy(queued(undefined));
    expect(await rig.cloud.call('lambda', 'GetEventSourceMapping', { UUID })).toMatchObject({ BatchSize: 10 });
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('lambda', 'ListEventSourceMappings', {})).EventSourceMappings).toEqual([]);
  });

  it('serves a function over an HTTP API', async () => {
    const api = (extra: object) => ({
      ...stack('one', 'V1'),
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'a', ProtocolType: 'HTTP', ...extra } },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: 'true' },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: { Ref: 'Api' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { Ref: 'Live' },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'Api' },
          RouteKey: 'GET /x',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        },
      },
      ApiPermission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: { Ref: 'Live' },
          Action: 'lambda:InvokeFunction',
          Principal: 'apigateway.amazonaws.com',
          SourceArn: { 'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*' },
        },
      },
    });
    const url = { Outputs: { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } } };
    await deploy(api({ CorsConfiguration: { AllowOrigins: ['*'] }, Description: 'd' }), url);
    const { Url } = await outputs();
    expect(await (await fetch(`${Url}/x`)).json()).toEqual({ answer: 'one', size: '1' });
    const { Api: ApiId } = await deploy(api({ Name: 'b' }), url);
    expect(await rig.cloud.call('apigatewayv2', 'GetApi', { ApiId })).not.toHaveProperty('CorsConfiguration');
    expect(await rig.cloud.call('apigatewayv2', 'GetApi', { ApiId })).toMatchObject({ Name: 'b' });
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('apigatewayv2', 'GetApis', {})).Items).toEqual([]);
  });
});

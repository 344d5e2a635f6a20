import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zipOf } from '../../lambda/fixture.ts';
import { type Rig, startRig, template } from '../test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const allow = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});
const Capabilities = ['CAPABILITY_NAMED_IAM' as const];

async function deploy(resources: object, sections: object = {}, options: object = {}): Promise<Record<string, string>> {
  const input = { StackName: 's', TemplateBody: template(resources, sections), Capabilities, ...options };
  const { Stacks: before = [] } = await rig.call('DescribeStacks', {});
  if (before.some(({ StackName }) => StackName === 's')) await rig.run('UpdateStack', input);
  else await rig.run('CreateStack', input);
  expect((await rig.events('s')).filter((event) => event.includes('FAILED'))).toEqual([]);
  expect(await rig.status('s')).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
  const { StackResources = [] } = await rig.call('DescribeStackResources', { StackName: 's' });
  return Object.fromEntries(
    StackResources.map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId, PhysicalResourceId ?? '']),
  );
}
const outputs = async () => {
  const { Stacks = [] } = await rig.call('DescribeStacks', { StackName: 's' });
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
};

describe('AWS::IAM', () => {
  const role = (properties: object) => ({
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: trust, ...properties },
  });
  const policyNames = async (RoleName: string) =>
    (await rig.cloud.call('iam', 'ListRolePolicies', { RoleName })).PolicyNames;

  it('keeps a role’s inline and managed policies as the template has them, and deletes it', async () => {
    const first = {
      Description: 'one',
      Policies: [
        { PolicyName: 'a', PolicyDocument: allow('s3:GetObject') },
        { PolicyName: 'b', PolicyDocument: allow('s3:PutObject') },
      ],
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    };
    const { R = '' } = await deploy(
      { R: role(first) },
      { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['R', 'Arn'] } } } },
    );
    expect(R).toMatch(/^s-R-[A-Z0-9]{12}$/);
    expect(await outputs()).toEqual({ Arn: `arn:aws:iam::000000000000:role/${R}` });
    expect(await policyNames(R)).toEqual(['a', 'b']);
    await deploy({ R: role({ Policies: [{ PolicyName: 'b', PolicyDocument: allow('s3:*') }] }) });
    expect(await policyNames(R)).toEqual(['b']);
    const { PolicyDocument = '' } = await rig.cloud.call('iam', 'GetRolePolicy', { RoleName: R, PolicyName: 'b' });
    expect(decodeURIComponent(PolicyDocument)).toContain('s3:*');
    expect((await rig.cloud.call('iam', 'ListAttachedRolePolicies', { RoleName: R })).AttachedPolicies).toEqual([]);
    await rig.run('DeleteStack', { StackName: 's' });
    await expect(rig.cloud.call('iam', 'GetRole', { RoleName: R })).rejects.toThrow('cannot be found');
  });

  it('adds a policy to roles and removes it again', async () => {
    const policy = (name: string, roles: object[]) => ({
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: name, PolicyDocument: allow('sqs:*'), Roles: roles },
    });
    const ids = await deploy({ A: role({}), B: role({}), P: policy('p', [{ Ref: 'A' }]) });
    expect(await policyNames(ids['A'] ?? '')).toEqual(['p']);
    await deploy({ A: role({}), B: role({}), P: policy('q', [{ Ref: 'B' }]) });
    expect(await policyNames(ids['A'] ?? '')).toEqual([]);
    expect(await policyNames(ids['B'] ?? '')).toEqual(['q']);
    await rig.run('DeleteStack', { StackName: 's' });
  });

  it('attaches a managed policy to its roles', async () => {
    const ids = await deploy({
      A: role({}),
      M: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: allow('s3:*'), Roles: [{ Ref: 'A' }] },
      },
    });
    expect(ids['M']).toMatch(/^arn:aws:iam::000000000000:policy\/s-M-[A-Z0-9]{12}$/);
    const { AttachedPolicies } = await rig.cloud.call('iam', 'ListAttachedRolePolicies', { RoleName: ids['A'] });
    expect(AttachedPolicies).toHaveLength(1);
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('iam', 'ListRoles', {})).Roles).toEqual([]);
  });

  it('reports IAM’s errors in a handler’s words', async () => {
    await rig.run('CreateStack', {
      StackName: 's',
      Capabilities,
      TemplateBody: template({ R: role({ RoleName: 'x', Policies: [{ PolicyName: 'p', PolicyDocument: {} }] }) }),
    });
    expect((await rig.events('s')).find((event) => event.startsWith('R CREATE_FAILED'))).toMatch(
      /^R CREATE_FAILED Resource handler returned message: "Syntax errors in policy\. \(Service: Iam, Status Code: 400, Request ID: [0-9a-f-]{36}\) \(SDK Attempt Count: 1\)" \(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: InvalidRequest\)$/,
    );
    expect((await rig.cloud.call('iam', 'ListRoles', {})).Roles).toEqual([]);
  });
});

describe('AWS::Logs, AWS::SQS and AWS::S3', () => {
  it('keep a log group’s retention, and name it when asked to', async () => {
    const group = (properties: object) => ({ G: { Type: 'AWS::Logs::LogGroup', Properties: properties } });
    const ids = await deploy(group({ LogGroupName: '/a/b', RetentionInDays: '7' }), {
      Outputs: { Arn: { Value: { 'Fn::GetAtt': ['G', 'Arn'] } } },
    });
    expect(ids['G']).toBe('/a/b');
    expect(await outputs()).toEqual({ Arn: 'arn:aws:logs:eu-west-1:000000000000:log-group:/a/b:*' });
    const retention = async () =>
      (await rig.cloud.call('logs', 'DescribeLogGroups', {})).logGroups?.[0]?.retentionInDays;
    expect(await retention()).toBe(7);
    await deploy(group({ LogGroupName: '/a/b' }));
    expect(await retention()).toBeUndefined();
    await rig.run('CreateStack', { StackName: 'other', TemplateBody: template(group({ LogGroupName: '/a/b' })) });
    expect((await rig.events('other')).find((event) => event.startsWith('G CREATE_FAILED'))).toContain(
      `Resource handler returned message: "Resource of type 'AWS::Logs::LogGroup' with identifier '{"/properties/LogGroupName":"/a/b"}' already exists." (RequestToken: `,
    );
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('logs', 'DescribeLogGroups', {})).logGroups).toEqual([]);
  });

  it('create a queue with its attributes, dead-letter queue and policy', async () => {
    const queues = (visibility: number | undefined) => ({
      Dead: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      Q: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          FifoQueue: 'true',
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
          ...(visibility === undefined ? {} : { VisibilityTimeout: visibility }),
        },
      },
      P: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [{ Ref: 'Q' }], PolicyDocument: allow('sqs:SendMessage') },
      },
    });
    const { Q: QueueUrl = '' } = await deploy(queues(60));
    expect(QueueUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/000000000000\/s-Q-[A-Z0-9]{12}\.fifo$/);
    const attributes = async () =>
      (await rig.cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes;
    expect(await attributes()).toMatchObject({
      VisibilityTimeout: '60',
      FifoQueue: 'true',
      RedrivePolicy: expect.stringContaining('"maxReceiveCount":3'),
      Policy: expect.stringContaining('sqs:SendMessage'),
    });
    await deploy(queues(undefined));
    expect(await attributes()).toMatchObject({ VisibilityTimeout: '30' });
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('sqs', 'ListQueues', {})).QueueUrls ?? []).toEqual([]);
  });

  it('create a bucket with its settings, which is not deleted while it has objects', async () => {
    const bucket = (properties: object) => ({ Bucket: { Type: 'AWS::S3::Bucket', Properties: properties } });
    const first = bucket({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: { BlockPublicAcls: 'true' },
      LifecycleConfiguration: { Rules: [{ Id: 'old', Status: 'Enabled', Prefix: 'tmp/', ExpirationInDays: '3' }] },
    });
    const { Bucket = '' } = await deploy({
      ...first,
      Policy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: allow('s3:*') },
      },
    });
    expect(Bucket).toMatch(/^s-bucket-[a-z0-9]{12}$/);
    expect(await rig.cloud.call('s3', 'GetBucketVersioning', { Bucket })).toEqual({ Status: 'Enabled' });
    expect((await rig.cloud.call('s3', 'GetPublicAccessBlock', { Bucket })).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
    });
    expect((await rig.cloud.call('s3', 'GetBucketLifecycleConfiguration', { Bucket })).Rules).toEqual([
      { ID: 'old', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } },
    ]);
    expect((await rig.cloud.call('s3', 'GetBucketPolicy', { Bucket })).Policy).toContain('s3:*');
    await deploy(first);
    await expect(rig.cloud.call('s3', 'GetBucketPolicy', { Bucket })).rejects.toThrow();
    await rig.cloud.call('s3', 'PutObject', { Bucket, Key: 'k', Body: Buffer.from('x') });
    await rig.run('DeleteStack', { StackName: 's' });
    expect(await rig.status('s')).toBe('DELETE_FAILED The following resource(s) failed to delete: [Bucket]. ');
    expect((await rig.events('s')).find((event) => event.startsWith('Bucket DELETE_FAILED'))).toContain(
      'The bucket you tried to delete is not empty.',
    );
    await rig.run('DeleteStack', { StackName: 's', RetainResources: ['Bucket'] });
  });
});

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
    [version]: {
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { FunctionName: { Ref: 'F' } },
    },
    Live: {
      Type: 'AWS::Lambda::Alias',
      Properties: {
        FunctionName: { Ref: 'F' },
        FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
        Name: 'live',
      },
    },
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
    expect(await rig.cloud.call('apigateway', 'GetApi', { ApiId })).not.toHaveProperty('CorsConfiguration');
    expect(await rig.cloud.call('apigateway', 'GetApi', { ApiId })).toMatchObject({ Name: 'b' });
    await rig.run('DeleteStack', { StackName: 's' });
    expect((await rig.cloud.call('apigateway', 'GetApis', {})).Items).toEqual([]);
  });
});

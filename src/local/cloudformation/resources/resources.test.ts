import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, template } from '../test-rig.ts';
import { allow, Capabilities, deploysTo, trust } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy, outputs } = deploysTo(() => rig);

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

  it('subscribe a stream to a log group, and unsubscribe it', async () => {
    await rig.cloud.call('kinesis', 'CreateStream', { StreamName: 'logs', ShardCount: 1 });
    await expect
      .poll(async () => {
        const { StreamDescriptionSummary: stream } = await rig.cloud.call('kinesis', 'DescribeStreamSummary', {
          StreamName: 'logs',
        });
        return stream?.StreamStatus;
      })
      .toBe('ACTIVE');
    const assumedBy = JSON.parse(JSON.stringify(trust).replace('lambda.amazonaws.com', 'logs.amazonaws.com')) as object;
    const filter = (FilterPattern: string) => ({
      G: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/a/b' } },
      R: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: assumedBy,
          Policies: [{ PolicyName: 'p', PolicyDocument: allow('kinesis:PutRecord') }],
        },
      },
      S: {
        Type: 'AWS::Logs::SubscriptionFilter',
        Properties: {
          LogGroupName: { Ref: 'G' },
          FilterPattern,
          DestinationArn: 'arn:aws:kinesis:eu-west-1:000000000000:stream/logs',
          RoleArn: { 'Fn::GetAtt': ['R', 'Arn'] },
        },
      },
    });
    const filters = async () =>
      (await rig.cloud.call('logs', 'DescribeSubscriptionFilters', { logGroupName: '/a/b' })).subscriptionFilters;
    const { S } = await deploy(filter('ERROR'));
    expect(await filters()).toMatchObject([{ filterName: S, filterPattern: 'ERROR', distribution: 'ByLogStream' }]);
    await deploy(filter(''));
    expect(await filters()).toMatchObject([{ filterName: S, filterPattern: '' }]);
    const { S: _, ...without } = filter('');
    await deploy(without);
    expect(await filters()).toEqual([]);
    await rig.run('DeleteStack', { StackName: 's' });
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

  it('create a bucket that tells a queue, once the queue lets it, and keep its website and logging', async () => {
    const resources = {
      Logs: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'the-logs' } },
      Bucket: {
        Type: 'AWS::S3::Bucket',
        DependsOn: ['Logs', 'Policy'],
        Properties: {
          BucketName: 'the-bucket',
          LoggingConfiguration: { DestinationBucketName: 'the-logs', LogFilePrefix: 'web/' },
          AccelerateConfiguration: { AccelerationStatus: 'Enabled' },
          WebsiteConfiguration: { IndexDocument: 'index.html' },
          LifecycleConfiguration: {
            Rules: [
              { Status: 'Enabled', Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: '30' }] },
              {
                Status: 'Enabled',
                Prefix: 'a/',
                TagFilters: [{ Key: 'k', Value: 'v' }],
                ObjectSizeGreaterThan: '1024',
                ExpirationInDays: '1',
              },
              { Status: 'Enabled', TagFilters: [{ Key: 'k', Value: 'v' }], ExpirationInDays: '1' },
            ],
          },
          NotificationConfiguration: {
            EventBridgeConfiguration: { EventBridgeEnabled: 'true' },
            QueueConfigurations: [
              {
                Event: 's3:ObjectCreated:*',
                Queue: { 'Fn::GetAtt': ['Q', 'Arn'] },
                Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
              },
            ],
          },
        },
      },
      Q: { Type: 'AWS::SQS::Queue' },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Q' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 's3.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Q', 'Arn'] },
                Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::the-bucket' } },
              },
            ],
          },
        },
      },
    };
    await deploy(resources);
    const Bucket = 'the-bucket';
    expect(await rig.cloud.call('s3', 'GetBucketNotificationConfiguration', { Bucket })).toEqual({
      EventBridgeConfiguration: {},
      QueueConfigurations: [
        {
          Id: expect.any(String),
          Events: ['s3:ObjectCreated:*'],
          QueueArn: expect.stringMatching(/^arn:aws:sqs:eu-west-1:/),
          Filter: { Key: { FilterRules: [{ Name: 'Prefix', Value: 'in/' }] } },
        },
      ],
    });
    expect(await rig.cloud.call('s3', 'GetBucketWebsite', { Bucket })).toEqual({
      IndexDocument: { Suffix: 'index.html' },
    });
    expect((await rig.cloud.call('s3', 'GetBucketAccelerateConfiguration', { Bucket })).Status).toBe('Enabled');
    expect((await rig.cloud.call('s3', 'GetBucketLogging', { Bucket })).LoggingEnabled).toEqual({
      TargetBucket: 'the-logs',
      TargetPrefix: 'web/',
    });
    expect((await rig.cloud.call('s3', 'GetBucketLifecycleConfiguration', { Bucket })).Rules).toMatchObject([
      { Filter: { Prefix: '' }, Transitions: [{ StorageClass: 'GLACIER', Days: 30 }] },
      { Filter: { And: { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }], ObjectSizeGreaterThan: 1024 } } },
      { Filter: { Tag: { Key: 'k', Value: 'v' } } },
    ]);
    const { Properties, Type } = resources.Bucket;
    const early = { Type, Properties: { ...Properties, BucketName: 'early' } };
    await rig.run('CreateStack', {
      StackName: 'early',
      TemplateBody: template({
        ...resources,
        Logs: undefined,
        Bucket: { ...early, Properties: { ...early.Properties, LoggingConfiguration: undefined } },
      }),
    });
    expect((await rig.events('early')).find((event) => event.startsWith('Bucket CREATE_FAILED'))).toContain(
      'Unable to validate the following destination configurations',
    );
    await expect(rig.cloud.call('s3', 'HeadBucket', { Bucket: 'early' })).rejects.toThrow();
    await deploy({ ...resources, Bucket: { Type, Properties: { BucketName: Bucket } } });
    expect(await rig.cloud.call('s3', 'GetBucketNotificationConfiguration', { Bucket })).toEqual({});
    await expect(rig.cloud.call('s3', 'GetBucketWebsite', { Bucket })).rejects.toThrow('does not have a website');
    await rig.run('DeleteStack', { StackName: 's' });
  });
});

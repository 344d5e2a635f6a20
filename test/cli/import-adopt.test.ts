// fx import --adopt: the stack that another tool made is deployed to by fx, with the same addresses, data and names.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderOf, writeFiles } from '../support/project.ts';
import { type RecordedAws, startRecordedAws } from '../support/recorded-aws.ts';

let aws: RecordedAws;
let client: CloudFormationClient;
beforeAll(async () => {
  aws = await startRecordedAws();
  client = new CloudFormationClient({
    endpoint: aws.local.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
  });
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const ref = (id: string) => ({ Ref: id });
const role = (Service: string, actions: readonly string[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'all',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] },
      },
    ],
  },
});
const permission = { Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' };
const integration = {
  'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${WebLambdaFunction.Arn}/invocations',
};

/** As the Serverless Framework lays it out. */
const stackOf = (name: string, stage = 'dev') => ({
  Resources: {
    IamRoleLambdaExecution: role('lambda.amazonaws.com', ['logs:*', 'sqs:*']),
    WebLogGroup: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: `/aws/lambda/${name}-${stage}-web` } },
    WebLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `${name}-${stage}-web`,
        Runtime: 'nodejs22.x',
        Handler: 'index.web',
        Role: arn('IamRoleLambdaExecution'),
        Code: { ZipFile: 'exports.web = async () => ({statusCode: 200, body: "theirs"});' },
      },
    },
    WebLambdaPermissionHttpApi: {
      Type: 'AWS::Lambda::Permission',
      Properties: { FunctionName: arn('WebLambdaFunction'), ...permission },
    },
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'dev-shop', ProtocolType: 'HTTP' } },
    HttpApiStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: ref('HttpApi'), StageName: '$default', AutoDeploy: true },
    },
    HttpApiIntegrationWeb: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('HttpApi'),
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arn('WebLambdaFunction'),
        PayloadFormatVersion: '2.0',
      },
    },
    HttpApiRouteGetOrders: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: ref('HttpApi'),
        RouteKey: 'GET /orders',
        Target: { 'Fn::Join': ['/', ['integrations', ref('HttpApiIntegrationWeb')]] },
      },
    },
    ApiGatewayRestApi: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'dev-shop' } },
    ApiGatewayResourceOld: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        RestApiId: ref('ApiGatewayRestApi'),
        ParentId: { 'Fn::GetAtt': ['ApiGatewayRestApi', 'RootResourceId'] },
        PathPart: 'old',
      },
    },
    ApiGatewayMethodOldGet: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: ref('ApiGatewayRestApi'),
        ResourceId: ref('ApiGatewayResourceOld'),
        HttpMethod: 'GET',
        AuthorizationType: 'NONE',
        Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: integration },
      },
    },
    ApiGatewayDeployment17: {
      Type: 'AWS::ApiGateway::Deployment',
      DependsOn: ['ApiGatewayMethodOldGet'],
      Properties: { RestApiId: ref('ApiGatewayRestApi'), StageName: stage },
    },
    WebEventSourceMappingSQSJobs: {
      Type: 'AWS::Lambda::EventSourceMapping',
      DependsOn: ['IamRoleLambdaExecution'],
      Properties: { EventSourceArn: arn('Jobs'), FunctionName: arn('WebLambdaFunction') },
    },
    Jobs: { Type: 'AWS::SQS::Queue' },
  },
  Outputs: {
    Http: { Value: { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] } },
    Rest: { Value: { 'Fn::Sub': `https://\${ApiGatewayRestApi}.execute-api.\${AWS::Region}.amazonaws.com/${stage}` } },
  },
});

const service = (name: string) => `service: ${name}
provider: {name: aws, runtime: nodejs22.x, region: eu-west-1}
functions:
  web:
    handler: index.web
    events:
      - httpApi: GET /orders
      - http: {path: old, method: get}
      - sqs: {arn: !GetAtt Jobs.Arn}
resources:
  Resources:
    Jobs: {Type: 'AWS::SQS::Queue'}
`;
const code = (body: string) => `exports.web = async () => ({ statusCode: 200, body: '${body}' });\n`;

/** Returns the outputs. */
async function create(StackName: string, template: object): Promise<Readonly<Record<string, string>>> {
  const { StackId = '' } = await client.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Tags: [{ Key: 'STAGE', Value: 'dev' }],
    }),
  );
  const waited = await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 0.1 }, { StackName: StackId });
  const { Stacks = [] } = waited.reason as { Stacks?: { Outputs?: { OutputKey: string; OutputValue: string }[] }[] };
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

async function physicalIds(StackName: string): Promise<Readonly<Record<string, string>>> {
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
  return Object.fromEntries(StackResources.map((each) => [each.LogicalResourceId, each.PhysicalResourceId ?? '']));
}

const answer = async (url: string | undefined, path: string) => (await fetch(`${url}${path}`)).text();

describe('a stack of the Serverless Framework', () => {
  test('is shown, taken over, deployed to, and rolled back by fx', { timeout: 120_000 }, async () => {
    const outputs = await create('shop-dev', stackOf('shop'));
    expect(await answer(outputs['Http'], '/orders')).toBe('theirs');
    const before = await physicalIds('shop-dev');
    const folder = await folderOf({ 'serverless.yml': service('shop'), 'index.js': code('first') });
    const fx = (...words: readonly string[]) => aws.fx(folder, words);

    // fx changes no stack of another tool unless it is told to
    await fx('import');
    expect((await fx('deploy', '--env', 'dev')).stderr).toContain(
      '→ choose another name in project.yml, or take it over: fx import --adopt',
    );

    aws.calls();
    const shown = await fx('import', '--adopt', '--dry-run');
    expect([shown.exitCode, shown.stdout]).toEqual([0, expect.stringContaining('✓ 0 replacements; ')]);
    expect(shown.stdout).toContain('    - AWS::IAM::Role  IamRoleLambdaExecution\n');
    expect(aws.calls().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cloudformation:CreateChangeSet', 'cloudformation:DeleteChangeSet']),
    );
    await writeFiles(folder, { 'project.yml': '' });
    const refused = await fx('import', '--adopt');
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('[ALREADY_EXISTS]')]);

    const next = await fx('import', '--adopt', '--out', 'next', '--json');
    const { value } = JSON.parse(next.stdout.trim().split('\n').at(-1) ?? '');
    expect(value.adoptions).toMatchObject([{ environment: 'dev', stackName: 'shop-dev', replaced: [], kept: [] }]);
    await writeFiles(folder, { 'project.yml': readFileSync(join(folder, 'next/project.yml'), 'utf8') });

    expect((await fx('deploy', '--env', 'dev')).stdout).toContain('Release 1 is live.');
    expect(await answer(outputs['Http'], '/orders')).toBe('first');
    expect(await answer(outputs['Rest'], '/old')).toBe('first');
    const after = await physicalIds('shop-dev');
    const stays = Object.keys(before).filter((id) => !/Role|Permission|Deployment/.test(id));
    expect(stays.length).toBe(11);
    for (const id of stays) expect([id, after[id]]).toEqual([id, before[id]]);
    expect((await fx('plan', '--env', 'dev')).stdout).toContain('Nothing to change.');
    // the group of the other tool is that of fx, too
    expect((await fx('logs', '--env', 'dev')).stdout).toMatch(/ web START RequestId/);

    await writeFiles(folder, { 'index.js': code('second') });
    expect((await fx('deploy', '--env', 'dev')).stdout).toContain('Release 2 is live.');
    expect(await answer(outputs['Rest'], '/old')).toBe('second');
    expect((await fx('rollback', '--env', 'dev')).exitCode).toBe(0);
    expect(await answer(outputs['Http'], '/orders')).toBe('first');
    expect((await fx('rollback', 'web', '--to', '2', '--env', 'dev')).exitCode).toBe(0);
    expect(await answer(outputs['Http'], '/orders')).toBe('second');

    const again = await fx('import', '--adopt', '--dry-run');
    expect(again.stderr).toContain(
      'error the stack shop-dev belongs to the project "shop" of fx already [STACK_FOREIGN]',
    );
    expect((await fx('remove', '--env', 'dev', '--yes')).exitCode).toBe(0);
  });

  test('that the import would replace something in is left alone', { timeout: 60_000 }, async () => {
    const pipe = (StartingPosition: string) => ({
      Clicks: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
      Reader: role('pipes.amazonaws.com', ['kinesis:*', 'sqs:*']),
      Pipe: {
        Type: 'AWS::Pipes::Pipe',
        Properties: {
          RoleArn: arn('Reader'),
          Source: arn('Clicks'),
          SourceParameters: { KinesisStreamParameters: { StartingPosition } },
          Target: arn('Jobs'),
        },
      },
    });
    const { Resources } = stackOf('pipes');
    await create('pipes-dev', { Resources: { ...Resources, ...pipe('LATEST') } });
    const text = `${service('pipes')}    ${Object.entries(pipe('TRIM_HORIZON'))
      .map(([id, resource]) => `${id}: ${JSON.stringify(resource)}`)
      .join('\n    ')}\n`;
    const folder = await folderOf({ 'serverless.yml': text, 'index.js': code('first') });
    const run = await aws.fx(folder, ['import', '--adopt']);
    expect([run.exitCode, run.stdout]).toEqual([
      4,
      expect.stringContaining('  replaces 1\n    ! AWS::Pipes::Pipe  Pipe\n'),
    ]);
    expect(run.stdout).toContain('✗ 1 replacement: nothing is written; ');
    expect(existsSync(join(folder, 'project.yml'))).toBe(false);
  });
});

test('the stacks of two stages become two environments', { timeout: 60_000 }, async () => {
  const outputs = [await create('two-dev', stackOf('two')), await create('two-prod', stackOf('two', 'prod'))];
  const text = service('two').replace(
    '    handler: index.web\n',
    '    handler: index.web\n    memorySize: ${self:custom.memory.${sls:stage}}\n',
  );
  const folder = await folderOf({
    'serverless.yml': `${text}custom: {memory: {dev: 256, prod: 512}}\n`,
    'index.js': code('of fx'),
  });
  const run = await aws.fx(folder, ['import', '--adopt', '--stage', 'dev,prod']);
  expect([run.exitCode, run.stdout.match(/✓ 0 replacements/g)?.length]).toEqual([0, 2]);
  expect(run.stdout).toContain('\n  fx validate\n  fx deploy --env dev\n  fx deploy --env prod');
  for (const [index, environment] of ['dev', 'prod'].entries()) {
    const deployed = await aws.fx(folder, ['deploy', '--env', environment]);
    expect([deployed.exitCode, deployed.stdout]).toEqual([0, expect.stringContaining('Release 1 is live.')]);
    expect(await answer(outputs[index]?.['Http'], '/orders')).toBe('of fx');
    expect(await answer(outputs[index]?.['Rest'], '/old')).toBe('of fx');
    const info = await aws.fx(folder, ['info', '--env', environment]);
    expect(info.stdout).toContain(environment === 'dev' ? '256 MB' : '512 MB');
  }
});

test('what cannot be adopted is said in one line', async () => {
  const folder = await folderOf({ 'serverless.yml': service('none'), 'index.js': code('a') });
  const run = async (...words: readonly string[]) => {
    const { exitCode, stderr } = await aws.fx(folder, ['import', ...words]);
    return [exitCode, stderr.replace(/^.* at http.*\n/, '')];
  };
  expect(await run('--adopt')).toEqual([
    4,
    'error there is no stack none-dev in eu-west-1 [USAGE]\n→ name the stage with --stage, the region with --region, or the stack with --stack-name\n',
  ]);
  expect(await run('--adopt', '--stack-name', 'other', '--region', 'us-east-1')).toEqual([
    4,
    expect.stringContaining('there is no stack other in us-east-1'),
  ]);
  expect(await run('--adopt', '--stack-name', 'other', '--stage', 'dev,prod')).toEqual([
    4,
    'error --stack-name is for one stage [USAGE]\n→ name one --stage\n',
  ]);
  expect(await run('--adopt', '--against', 'x.json')).toEqual([
    4,
    'error --adopt and --against are two questions [USAGE]\n→ ask one of them\n',
  ]);
  expect(await run('--stack-name', 'other')).toEqual([
    4,
    'error --stack-name is for --adopt [USAGE]\n→ add --adopt, or remove it\n',
  ]);
  expect(await run('--adopt', '--stage', 'local')).toEqual([
    4,
    'error the local environment has no stack of another tool [USAGE]\n→ name a --stage\n',
  ]);
});

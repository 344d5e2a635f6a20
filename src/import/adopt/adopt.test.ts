// A stack of another tool and the import of its configuration: what stays, under which ids and names, and that nothing is replaced.
import { describe, expect, test } from 'vitest';
import { folderOf, schemas, today } from '../../../test/support/project.ts';
import type { Resource, Template } from '../../cfn/resource.ts';
import { difference } from '../../stack/difference.ts';
import { singleStack, stackTemplate } from '../../template/stack-set.ts';
import type { TemplateData } from '../against/values.ts';
import { compileText } from '../check.ts';
import { importProject, written } from '../import.ts';
import { adopt } from './adopt.ts';

interface Given {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs?: TemplateData['Outputs'];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly declared?: TemplateData['Parameters'];
  readonly logGroups?: readonly string[];
  readonly conditions?: TemplateData['Conditions'];
  readonly mappings?: TemplateData['Mappings'];
  /** Of resources whose name AWS chose. */
  readonly names?: Readonly<Record<string, string>>;
}

/** The import with the stack's resources, and what the first deploy would change. */
async function adopted(files: Readonly<Record<string, string>>, given: Given) {
  const folder = await folderOf(files);
  const context = { shownFrom: folder, schemas, today };
  const options = { path: folder, from: undefined, stage: undefined, adopting: true, variables: {} };
  const { draft, environment, source, stacks } = await importProject({ ...options, ...context });
  const stack = stacks.get(environment);
  const compiled = async () => {
    const outcome = await compileText(written(draft, source).text, environment, { ...context, folder });
    if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems.map(({ message }) => message)));
    const { project } = outcome;
    if (project === undefined || outcome.compiled === undefined) throw new Error('nothing to deploy');
    return { project, template: outcome.compiled.stacks.root.template };
  };
  const template = {
    Resources: given.resources,
    Outputs: given.outputs ?? {},
    Parameters: given.declared ?? {},
    Conditions: given.conditions ?? {},
    Mappings: given.mappings ?? {},
  } as unknown as Template;
  const physicalIds = new Map(Object.keys(given.resources).map((id) => [id, given.names?.[id] ?? `name-of-${id}`]));
  const adoption = adopt({
    draft,
    ...(await compiled()),
    stack: {
      name: 'shop-dev',
      template: template as unknown as TemplateData,
      parameters: given.parameters ?? {},
      tags: { STAGE: 'dev', 'aws:cloudformation:x': 'y' },
      physicalIds,
      logGroups: new Set(given.logGroups),
    },
    functions: stack?.functions ?? new Map(),
    resources: stack?.resources ?? new Map(),
    schemas,
  });
  const last = await compiled();
  const set = (each: Template) => singleStack(stackTemplate(each));
  const changes = difference(set(template), set(last.template), schemas);
  const own = draft.get(['environments', environment]) as Record<string, unknown>;
  return { ...adoption, ...last, changes, own, findings: draft.findings, text: written(draft, source).text };
}

const idsOf = (changes: readonly { readonly action: string; readonly logicalId: string }[], action: string) =>
  changes.filter((change) => change.action === action).map(({ logicalId }) => logicalId);

const lambda = (FunctionName: string | undefined, more: object = {}): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...(FunctionName === undefined ? {} : { FunctionName }),
    Code: { S3Bucket: 'packages', S3Key: 'k' },
    ...more,
  },
});
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const service = `service: shop
provider: {name: aws, runtime: nodejs22.x, region: eu-west-1}
functions:
  web:
    handler: index.web
    events:
      - httpApi: GET /orders
      - http: {path: old, method: get}
    url: true
  work-er:
    handler: index.worker
    events:
      - sqs: {arn: !GetAtt Jobs.Arn}
      - eventBridge: {eventBus: shop-events, pattern: {source: [shop]}}
resources:
  Resources:
    Jobs: {Type: 'AWS::SQS::Queue'}
`;

const peer: Given = {
  resources: {
    ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
    IamRoleLambdaExecution: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
    WebLogGroup: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/shop-dev-web' } },
    WorkDasherLogGroup: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: '/aws/lambda/shop-dev-work-er', RetentionInDays: 7 },
    },
    WebLambdaFunction: lambda('shop-dev-web', { Role: arn('IamRoleLambdaExecution') }),
    WorkDasherLambdaFunction: lambda('shop-dev-work-er', { Role: arn('IamRoleLambdaExecution') }),
    WebLambdaVersionX1: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'WebLambdaFunction' } } },
    WebLambdaFunctionUrl: {
      Type: 'AWS::Lambda::Url',
      Properties: { AuthType: 'NONE', TargetFunctionArn: arn('WebLambdaFunction') },
    },
    WebLambdaPermissionFnUrl: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: arn('WebLambdaFunction'),
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      },
    },
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'dev-shop', ProtocolType: 'HTTP' } },
    HttpApiStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'HttpApi' }, StageName: '$default', AutoDeploy: true },
    },
    HttpApiIntegrationWeb: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ApiId: { Ref: 'HttpApi' }, IntegrationType: 'AWS_PROXY', IntegrationUri: arn('WebLambdaFunction') },
    },
    HttpApiRouteGetOrders: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { ApiId: { Ref: 'HttpApi' }, RouteKey: 'GET /orders' },
    },
    WebLambdaPermissionHttpApi: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: arn('WebLambdaFunction'),
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
      },
    },
    ApiGatewayRestApi: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'dev-shop' } },
    ApiGatewayResourceOld: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        RestApiId: { Ref: 'ApiGatewayRestApi' },
        ParentId: { 'Fn::GetAtt': ['ApiGatewayRestApi', 'RootResourceId'] },
        PathPart: 'old',
      },
    },
    ApiGatewayMethodOldGet: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'ApiGatewayRestApi' },
        ResourceId: { Ref: 'ApiGatewayResourceOld' },
        HttpMethod: 'GET',
      },
    },
    ApiGatewayDeployment17: {
      Type: 'AWS::ApiGateway::Deployment',
      Properties: { RestApiId: { Ref: 'ApiGatewayRestApi' }, StageName: 'dev' },
    },
    WorkDasherEventSourceMappingSQSJobs: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: arn('Jobs'), FunctionName: arn('WorkDasherLambdaFunction') },
    },
    ShopeventsEventBridgeEventBus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'shop-events' } },
    Shopdevworkerrule1EventBridgeRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'shop-dev-work-er-rule-1',
        EventBusName: 'shop-events',
        EventPattern: { source: ['shop'] },
        Targets: [{ Id: 'x', Arn: arn('WorkDasherLambdaFunction') }],
      },
    },
    Jobs: { Type: 'AWS::SQS::Queue' },
  },
  outputs: {
    HttpApiUrl: { Value: 'x', Export: { Name: 'sls-shop-dev-HttpApiUrl' } },
    ServiceEndpoint: { Value: 'x' },
  },
};

describe('a stack of the Serverless Framework', () => {
  test('goes on: nothing is replaced, and what holds data or has an address stays', async () => {
    const { changes, same, kept, leaving } = await adopted({ 'serverless.yml': service }, peer);
    expect(idsOf(changes, 'replace')).toEqual([]);
    expect(idsOf(changes, 'remove').sort()).toEqual([
      'ApiGatewayDeployment17',
      'IamRoleLambdaExecution',
      'WebLambdaPermissionHttpApi',
      'WebLambdaVersionX1',
    ]);
    expect(leaving.map(({ logicalId }) => logicalId).sort()).toEqual(idsOf(changes, 'remove').sort());
    expect(kept).toEqual(['ServerlessDeploymentBucket', 'WebLambdaFunctionUrl', 'WebLambdaPermissionFnUrl']);
    expect(same).toBe(Object.keys(peer.resources).length - kept.length - leaving.length);
    // a second route or mapping of the same source would be refused, or read twice
    const unique = /::(Route|Method|Resource|EventSourceMapping|EventBus|Rule|RestApi|Api|Stage|Function|LogGroup)$/;
    expect(changes.filter(({ action, type }) => action === 'add' && unique.test(type))).toEqual([]);
  });

  test('has its names, and its logs for as long as before', async () => {
    const { own, findings } = await adopted({ 'serverless.yml': service }, peer);
    expect(own).toMatchObject({
      stack: {
        adopt: true,
        logicalIds: {
          WebFunction: 'WebLambdaFunction',
          WorkErFunction: 'WorkDasherLambdaFunction',
          WorkErLogGroup: 'WorkDasherLogGroup',
          HttpRouteGetOrders: 'HttpApiRouteGetOrders',
        },
      },
      tags: { STAGE: 'dev' },
      rest: { stageFrom: 'deployment' },
      functions: {
        web: { logging: { logGroupName: '/aws/lambda/shop-dev-web', retentionInDays: 'forever' } },
        'work-er': { logging: { logGroupName: '/aws/lambda/shop-dev-work-er', retentionInDays: 7 } },
      },
      extend: { WorkErRule: { Properties: { Name: 'shop-dev-work-er-rule-1', EventBusName: 'shop-events' } } },
    });
    expect(findings.map(({ message }) => message).join()).not.toContain('a new log group');
    expect(own['tags']).toEqual({ STAGE: 'dev' });
    expect(own).not.toHaveProperty('stackName');
  });

  test('loses exports and outputs with a word', async () => {
    const { findings } = await adopted({ 'serverless.yml': service }, peer);
    const said = findings.filter(({ kind }) => kind === 'changed').map(({ message }) => message);
    expect(said).toContain('the stack does not export HttpApiUrl any more');
    expect(said).toContain('the stack has no outputs ServiceEndpoint any more');
  });

  test('keeps the settings of a stage that is no resource', async () => {
    const text = service.replace('region: eu-west-1}', 'region: eu-west-1, tracing: {apiGateway: true}}');
    const { own, findings } = await adopted({ 'serverless.yml': text }, peer);
    expect(own['rest']).toEqual({ stageFrom: 'deployment', tracing: null });
    expect(findings.map(({ message }) => message)).toContain(
      'the stage of the REST API has its tracing as they are: the stack has no resource for it',
    );
  });

  test('an id that belongs to something else there gets another', async () => {
    const resources = { ...peer.resources, WebRole: { Type: 'AWS::Lambda::Version' } as Resource };
    const { own, changes, template } = await adopted({ 'serverless.yml': service }, { ...peer, resources });
    expect(own).toMatchObject({ stack: { logicalIds: { WebRole: 'WebRoleOfFx' } } });
    expect(template.Resources).not.toHaveProperty('WebRole');
    expect(template.Resources['WebLambdaFunction']?.Properties?.['Role']).toEqual(arn('WebRoleOfFx'));
    expect(idsOf(changes, 'replace')).toEqual([]);
  });
});

describe('what other tools and accounts have to do with a stack', () => {
  const text = (more = '') => `service: shop
provider: {name: aws, runtime: nodejs22.x, region: eu-west-1}
functions:
  web:
    handler: index.web
    reservedConcurrency: 1
    provisionedConcurrency: 1
${more}`;
  const withAlias = {
    WebLambdaFunction: lambda('shop-dev-web', { Role: arn('Shared') }),
    Shared: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
    WebProvisioned: {
      Type: 'AWS::Lambda::Alias',
      Properties: {
        FunctionName: { Ref: 'WebLambdaFunction' },
        FunctionVersion: '1',
        Name: 'provisioned',
        ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 },
      },
    },
  } as unknown as Given['resources'];
  const said = (findings: readonly { readonly message: string }[]) => findings.map(({ message }) => message);

  test('an alias and a role that leave are named, and two aliases do not exceed what is reserved', async () => {
    const names = { Shared: 'shop-dev-lambdaRole' };
    const { findings, template } = await adopted({ 'serverless.yml': text() }, { resources: withAlias, names });
    expect(said(findings)).toEqual(
      expect.arrayContaining([
        'the alias provisioned (WebProvisioned) leaves the stack',
        'the role shop-dev-lambdaRole leaves the stack: each function has one of its own',
        '"web" has no provisioned concurrency in the first deploy: its old alias has it until the end of that',
      ]),
    );
    expect(template.Resources['WebAlias']?.Properties).not.toHaveProperty('ProvisionedConcurrencyConfig');
  });

  test('an address that names its alias in a text keeps it', async () => {
    const resources = {
      ...withAlias,
      WebUrl: {
        Type: 'AWS::Lambda::Url',
        Properties: {
          AuthType: 'NONE',
          TargetFunctionArn: { 'Fn::Join': [':', [arn('WebLambdaFunction'), 'provisioned']] },
        },
      },
    } as unknown as Given['resources'];
    const { kept } = await adopted({ 'serverless.yml': text() }, { resources });
    expect(kept).toEqual(['WebProvisioned', 'WebUrl']);
  });

  test('another account and Alexa go on to call the function itself', async () => {
    const permission = (Principal: string, more: object = {}) => ({
      Type: 'AWS::Lambda::Permission',
      Properties: { FunctionName: arn('WebLambdaFunction'), Action: 'lambda:InvokeFunction', Principal, ...more },
    });
    const resources = {
      WebLambdaFunction: lambda('shop-dev-web'),
      Alexa: permission('alexa-appkit.amazon.com', { EventSourceToken: 'amzn1.ask.skill.x' }),
      Partner: permission('444455556666'),
      Topic: permission('sns.amazonaws.com', { SourceArn: { 'Fn::Sub': 'arn:aws:sns:${AWS::Region}:1:news' } }),
    } as unknown as Given['resources'];
    const { template, kept, changes } = await adopted(
      {
        'serverless.yml': text(`resources:
  Resources:
    Partner:
      Type: AWS::Lambda::Permission
      Properties: {FunctionName: !GetAtt WebLambdaFunction.Arn, Action: lambda:InvokeFunction, Principal: '444455556666'}
`),
      },
      { resources },
    );
    expect(kept).toEqual(['Alexa']);
    expect(idsOf(changes, 'remove')).toEqual(['Topic']);
    expect(template.Resources['Partner']?.Properties?.['FunctionName']).toEqual(arn('WebLambdaFunction'));
    expect(template.Resources['PartnerOfFx']?.Properties?.['FunctionName']).toEqual({ Ref: 'WebAlias' });
  });

  test('a trigger that the configuration does not have stays, with a word', async () => {
    const resources = {
      WebLambdaFunction: lambda('shop-dev-web'),
      Old: {
        Type: 'AWS::Events::Rule',
        Properties: { ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'x', Arn: arn('WebLambdaFunction') }] },
      },
    } as unknown as Given['resources'];
    const { findings, kept } = await adopted({ 'serverless.yml': text() }, { resources });
    expect(kept).toEqual(['Old']);
    expect(said(findings)).toContain('Old (AWS::Events::Rule) stays in the stack and calls its function');
  });

  test('custom resources and their functions stay, with the conditions and mappings that they need', async () => {
    const resources = {
      WebLambdaFunction: lambda('shop-dev-web'),
      CustomDashresource: lambda('shop-dev-custom', { Role: arn('CustomRole') }),
      CustomRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
      Existing: {
        Type: 'Custom::S3',
        Properties: {
          ServiceToken: arn('CustomDashresource'),
          Bucket: { 'Fn::If': ['IsLarge', { 'Fn::FindInMap': ['Buckets', 'a', 'b'] }, 'c'] },
        },
      },
    } as unknown as Given['resources'];
    const { kept, template } = await adopted(
      { 'serverless.yml': text() },
      {
        resources,
        conditions: { IsLarge: { 'Fn::Equals': ['a', 'b'] } },
        mappings: { Buckets: { a: { b: 'large' } } },
      },
    );
    expect(kept).toEqual(['CustomDashresource', 'CustomRole', 'Existing']);
    expect(template).toMatchObject({
      Conditions: { IsLarge: { 'Fn::Equals': ['a', 'b'] } },
      Mappings: { Buckets: { a: { b: 'large' } } },
    });
  });

  test('a role goes with the functions that have it, and one that nothing in the stack has stays', async () => {
    const role = (more: object = {}) => ({
      Type: 'AWS::IAM::Role',
      Properties: { AssumeRolePolicyDocument: {}, ...more },
    });
    const policy = (id: string) => ({
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'a', PolicyDocument: {}, Roles: [{ Ref: id }] },
    });
    const resources = {
      WebLambdaFunction: lambda('shop-dev-web', { Role: arn('Shared') }),
      Shared: role(),
      SharedPolicy: policy('Shared'),
      Auditor: role(),
      AuditorPolicy: policy('Auditor'),
    } as unknown as Given['resources'];
    const { kept, leaving } = await adopted({ 'serverless.yml': text() }, { resources });
    expect(kept).toEqual(['Auditor', 'AuditorPolicy']);
    expect(leaving.map(({ logicalId }) => logicalId)).toEqual(['Shared', 'SharedPolicy']);
  });

  test('functions in a nested stack are not made again', async () => {
    const resources = { Nested: { Type: 'AWS::CloudFormation::Stack' } } as unknown as Given['resources'];
    await expect(adopted({ 'serverless.yml': text() }, { resources })).rejects.toThrow(
      'the stack has WebLambdaFunction not itself, but in a nested one, such as Nested',
    );
  });
});

describe('the resources of the user', () => {
  const text = `service: shop
provider: {name: aws, runtime: nodejs22.x}
functions:
  web: {handler: index.web}
resources:
  Resources:
    Orders:
      Type: AWS::Kinesis::Stream
      Properties: {Name: orders-new, ShardCount: 1}
    Calls:
      Type: AWS::Lambda::Permission
      Properties: {FunctionName: !GetAtt WebLambdaFunction.Arn, Action: lambda:InvokeFunction, Principal: s3.amazonaws.com}
    Files: {Type: AWS::S3::Bucket, DependsOn: Calls}
`;
  const given: Given = {
    resources: {
      WebLambdaFunction: lambda('shop-dev-web'),
      Orders: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'orders', ShardCount: 1 } },
      Calls: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: arn('WebLambdaFunction'),
          Action: 'lambda:InvokeFunction',
          Principal: 's3.amazonaws.com',
        },
      },
      Files: { Type: 'AWS::S3::Bucket', DependsOn: 'Calls' },
    },
  };

  test('keep a property that would replace them, with a word', async () => {
    const { template, findings, changes } = await adopted({ 'serverless.yml': text }, given);
    expect(template.Resources['Orders']?.Properties?.['Name']).toBe('orders');
    expect(findings.map(({ message }) => message)).toContain('Orders keeps its Name: another one would replace it');
    expect(idsOf(changes, 'replace')).toEqual([]);
  });

  test('have the id of the stack, wherever they are named', async () => {
    const own = `service: shop
provider: {name: aws, runtime: nodejs22.x}
functions:
  web:
    handler: index.web
    environment: {BUCKET: !Ref Uploads}
    events: [{s3: {bucket: !Ref Uploads, existing: true}}]
resources:
  Resources:
    Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: shop-uploads}}
    Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Uploads, PolicyDocument: {}}, DependsOn: Uploads}
`;
    const { template, changes } = await adopted(
      { 'serverless.yml': own.replace('{bucket: !Ref Uploads, existing: true}', 'shop-uploads') },
      {
        resources: {
          WebLambdaFunction: lambda('shop-dev-web'),
          S3BucketShopuploads: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'shop-uploads' } },
        },
      },
    );
    expect(idsOf(changes, 'add')).not.toContain('Uploads');
    const bucket = template.Resources['S3BucketShopuploads'];
    expect(bucket?.Properties?.['NotificationConfiguration']).toBeDefined();
    expect(template.Resources['Policy']).toMatchObject({
      DependsOn: ['S3BucketShopuploads'],
      Properties: { Bucket: { Ref: 'S3BucketShopuploads' } },
    });
    // fx writes the name, since a bucket waits for the function that it calls
    expect(template.Resources['WebLambdaFunction']?.Properties?.['Environment']).toEqual({
      Variables: { BUCKET: 'shop-uploads' },
    });
  });

  test('that name a function for good are made anew for its alias', async () => {
    const { template, changes } = await adopted({ 'serverless.yml': text }, given);
    expect(template.Resources['CallsOfFx']?.Properties?.['FunctionName']).toEqual({ Ref: 'WebAlias' });
    expect(template.Resources['Files']?.DependsOn).toEqual(['CallsOfFx']);
    expect(idsOf(changes, 'remove')).toEqual(['Calls']);
  });
});

const sam = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Secret: {Type: String, NoEcho: true}
  Level: {Type: String, Default: info}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.hello
      CodeUri: .
      Events:
        Get: {Type: HttpApi, Properties: {Path: /hello, Method: get}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
  Jobs: {Type: 'AWS::SQS::Queue'}
Outputs:
  Url: {Value: !Sub 'https://\${ServerlessHttpApi}.execute-api'}
`;

const transformed: Given = {
  resources: {
    Hello: lambda(undefined, { Role: arn('HelloRole') }),
    HelloRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
    HelloQueue: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: arn('Jobs'), FunctionName: { Ref: 'Hello' } },
    },
    ServerlessHttpApi: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Body: {
          openapi: '3.0.1',
          paths: {
            '/hello': {
              get: {
                'x-amazon-apigateway-integration': {
                  uri: {
                    'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}:lambda:path/functions/${Hello.Arn}/invocations',
                  },
                },
              },
            },
          },
          level: { Ref: 'Level' },
        },
      },
    },
    ServerlessHttpApiApiGatewayDefaultStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'ServerlessHttpApi' }, StageName: '$default', AutoDeploy: true },
    },
    HelloGetPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: 'Hello' },
        Principal: 'apigateway.amazonaws.com',
        SourceArn: { 'Fn::Sub': ['arn:${Api}/*', { Api: { Ref: 'ServerlessHttpApi' } }] },
      },
    },
    Notes: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Secret' } } },
    Jobs: { Type: 'AWS::SQS::Queue' },
  },
  parameters: { Level: 'debug', Secret: '****' },
  names: { Hello: 'shop-Hello-1A2B' },
};

describe('a stack of SAM', () => {
  test('goes on with the names that CloudFormation chose', async () => {
    const { changes, own, template } = await adopted({ 'template.yaml': sam }, transformed);
    expect(idsOf(changes, 'replace')).toEqual([]);
    expect(own).toMatchObject({ functions: { Hello: { functionName: 'shop-Hello-1A2B' } } });
    expect(template.Resources['Hello']?.Properties).not.toHaveProperty('FunctionName');
    expect(template.Resources['HelloRole']?.Properties).not.toHaveProperty('RoleName');
    expect(template.Resources['HelloAlias']?.Properties?.['FunctionName']).toEqual({ Ref: 'Hello' });
  });

  test('keeps an API whose routes are in a document, which then calls the live alias', async () => {
    const { own, template, changes, kept } = await adopted({ 'template.yaml': sam }, transformed);
    const { Body } = template.Resources['ServerlessHttpApi']?.Properties ?? {};
    expect(JSON.stringify(Body)).toContain('functions/${HelloAlias}/invocations');
    expect(Body).toMatchObject({ level: 'debug' });
    expect(template.Resources['HelloGetPermissionOfAlias']?.Properties?.['FunctionName']).toEqual({
      Ref: 'HelloAlias',
    });
    expect(kept).toContain('HelloGetPermission');
    expect(own).toMatchObject({ functions: { Hello: { events: [{ sqs: 'Jobs' }] } } });
    expect(template.Outputs?.['Url']?.Value).toEqual({ 'Fn::Sub': 'https://${ServerlessHttpApi}.execute-api' });
    expect(changes.filter(({ action, type }) => action === 'add' && type.startsWith('AWS::ApiGateway'))).toEqual([]);
  });

  test('calls the live alias of fx where it called another one', async () => {
    const resources = {
      ...transformed.resources,
      HelloVersion1: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Hello' } } },
      HelloAliasProd: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'Hello' },
          FunctionVersion: { 'Fn::GetAtt': ['HelloVersion1', 'Version'] },
          Name: 'Prod',
        },
      },
      HelloQueue: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: arn('Jobs'), FunctionName: { Ref: 'HelloAliasProd' } },
      },
      HelloGetPermission: {
        ...transformed.resources['HelloGetPermission'],
        Properties: {
          ...transformed.resources['HelloGetPermission']?.Properties,
          FunctionName: { Ref: 'HelloAliasProd' },
        },
      },
      ServerlessHttpApi: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          Body: { paths: { '/hello': { get: { uri: { 'Fn::Sub': 'x/${HelloAliasProd}/invocations' } } } } },
        },
      },
    } as unknown as Given['resources'];
    const { template, changes } = await adopted({ 'template.yaml': sam }, { ...transformed, resources });
    expect(JSON.stringify(template.Resources['ServerlessHttpApi'])).toContain('x/${HelloAlias}/invocations');
    expect(template.Resources['HelloQueue']?.Properties?.['FunctionName']).toEqual({ Ref: 'HelloAlias' });
    expect(template.Resources['HelloGetPermissionOfAlias']?.Properties?.['FunctionName']).toEqual({
      Ref: 'HelloAlias',
    });
    expect(idsOf(changes, 'remove').sort()).toEqual(['HelloAliasProd', 'HelloGetPermission', 'HelloVersion1']);
    expect(idsOf(changes, 'replace')).toEqual([]);
  });

  test('keeps the group that Lambda made, and the address of a function with an alias of its own', async () => {
    const resources = {
      ...transformed.resources,
      HelloAliasProd: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionName: { Ref: 'Hello' }, FunctionVersion: '1', Name: 'prod' },
      },
      HelloUrl: {
        Type: 'AWS::Lambda::Url',
        Properties: { AuthType: 'NONE', TargetFunctionArn: { Ref: 'Hello' }, Qualifier: 'prod' },
      },
    } as unknown as Given['resources'];
    const given = { ...transformed, resources, logGroups: ['/aws/lambda/shop-Hello-1A2B'] };
    const { kept, own, template, changes } = await adopted({ 'template.yaml': sam }, given);
    expect(kept).toEqual(expect.arrayContaining(['HelloAliasProd', 'HelloUrl']));
    expect(idsOf(changes, 'replace')).toEqual([]);
    expect(own).toMatchObject({ functions: { Hello: { logging: { logGroup: '/aws/lambda/shop-Hello-1A2B' } } } });
    expect(template.Resources).not.toHaveProperty('HelloLogGroup');
  });

  test('goes on with the URL and the retries of the alias live, which there is once', async () => {
    const text = sam.replace(
      '      Events:',
      '      AutoPublishAlias: live\n      EventInvokeConfig: {MaximumRetryAttempts: 0}\n      FunctionUrlConfig: {AuthType: NONE}\n      Events:',
    );
    const resources = {
      ...transformed.resources,
      HelloAliaslive: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionName: { Ref: 'Hello' }, FunctionVersion: '1', Name: 'live' },
      },
      HelloUrl: {
        Type: 'AWS::Lambda::Url',
        Properties: { AuthType: 'NONE', TargetFunctionArn: { Ref: 'Hello' }, Qualifier: 'live' },
      },
      HelloEventInvokeConfig: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'Hello' }, Qualifier: 'live', MaximumRetryAttempts: 0 },
      },
    } as unknown as Given['resources'];
    const { own, changes } = await adopted({ 'template.yaml': text }, { ...transformed, resources });
    expect(own).toMatchObject({ stack: { logicalIds: { HelloAlias: 'HelloAliaslive' } } });
    const added = changes.filter(({ action }) => action === 'add').map(({ type }) => type);
    expect(added).not.toContain('AWS::Lambda::Url');
    expect(added).not.toContain('AWS::Lambda::EventInvokeConfig');
    expect(idsOf(changes, 'replace')).toEqual([]);
  });

  test('takes a secret parameter from the shell, and one of the Parameter Store from there', async () => {
    const resources = {
      ...transformed.resources,
      Notes: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          DisplayName: { Ref: 'Secret' },
          TopicName: { 'Fn::Sub': 'of-${Secret}' },
          Tags: [{ Key: 'Image', Value: { Ref: 'Image' } }],
          DataProtectionPolicy: { zones: { Ref: 'Zones' } },
        },
      },
    } as unknown as Given['resources'];
    const { findings, text } = await adopted(
      { 'template.yaml': sam },
      {
        ...transformed,
        resources,
        declared: { Image: { Type: 'AWS::SSM::Parameter::Value<String>' }, Zones: { Type: 'CommaDelimitedList' } },
        parameters: { Secret: '****', Image: '/shop/image', Zones: 'a, b', Level: 'debug' },
      },
    );
    expect(text).toContain('DisplayName: ${var.Secret}\n');
    expect(text).toContain('TopicName: !Sub\n            - of-${Secret}\n            - {Secret: "${var.Secret}"}\n');
    expect(text).toContain('params: {Secret: "${var.Secret}", Level: debug}');
    expect(text).toContain('{Key: Image, Value: "{{resolve:ssm:/shop/image}}"}');
    expect(text).toContain('zones: [a, b]');
    expect(findings).toContainEqual(
      expect.objectContaining({
        message: 'the value of the parameter Secret is secret in the stack',
        remedy: 'deploy with a variable of that name in the shell, or refer to a secret in place of ${var.…}',
      }),
    );
  });
});

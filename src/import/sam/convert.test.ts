// Kinds of templates that public projects have: what each becomes, and what is said of what is lost.
import { describe, expect, test } from 'vitest';
import { importedFrom } from '../../../test/support/imported.ts';
import type { Finding } from '../finding.ts';

const imported = (text: string, files: Record<string, string> = {}) =>
  importedFrom({ 'template.yaml': text, ...files });

const withFunction = (properties: string, resources = '', globals = '') =>
  `Transform: AWS::Serverless-2016-10-31\n${globals}Resources:\n  Work:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs24.x\n      Handler: work.handler\n${properties}${resources}`;

const told = (findings: readonly Finding[], kind: Finding['kind'] = 'dropped') =>
  findings.filter((finding) => finding.kind === kind).map(({ message, at }) => `${at.line} ${message}`);

describe('policy templates', () => {
  test('several statements, and a condition', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '      Policies:\n        - AWSSecretsManagerRotationPolicy: {FunctionName: rotate}\n        - SSMParameterWithSlashPrefixReadPolicy:\n          ParameterName: /shop/key\n',
      ),
    );
    expect(draft.get(['functions', 'Work', 'permissions'])).toEqual([
      {
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: expect.anything(),
        Condition: expect.anything(),
      },
      'secretsmanager:GetRandomPassword on *',
      'ssm:DescribeParameters on *',
      expect.anything(),
    ]);
    expect(told(findings)).toEqual([]);
  });

  test('more than IAM takes: the function stays, without its permissions', async () => {
    const names = Array.from(
      { length: 60 },
      (_, index) => `{DynamoDBCrudPolicy: {TableName: a-table-with-a-long-name-${index}}}`,
    );
    const { draft, findings } = await imported(withFunction(`      Policies: [${names.join(', ')}]\n`));
    expect(draft.has(['functions', 'Work'])).toBe(true);
    expect(told(findings)).toEqual([expect.stringMatching(/^8 functions.Work.permissions: the policy of "Work" is/)]);
  });

  test('one without its parameter allows nothing', async () => {
    const { draft, findings } = await imported(withFunction('      Policies: [{S3ReadPolicy: {}}]\n'));
    expect(draft.has(['functions', 'Work', 'permissions'])).toBe(false);
    expect(told(findings)).toEqual(['8 the policy S3ReadPolicy does not say what it is for']);
  });
});

test('a flow list that ends at the column of its key, as in templates of AWS', async () => {
  const { draft } = await imported(
    withFunction(
      '',
      '',
      "Globals:\n  Api:\n    Auth:\n      ResourcePolicy:\n        CustomStatements: [{\n          Effect: Allow,\n          Action: 'execute-api:Invoke'\n        }]\n",
    ),
  );
  expect(draft.get(['rest', 'policy'])).toEqual([{ Effect: 'Allow', Action: 'execute-api:Invoke' }]);
});

describe('what SAM makes besides', () => {
  test('a connector is a permission of its source; one from elsewhere is told', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '',
        `    Connectors: {Out: {Properties: {Destination: [{Id: Jobs}, {Id: Flow}], Permissions: [Write]}}}
  Jobs: {Type: 'AWS::SQS::Queue', Connectors: {Next: {Properties: {Destination: {Id: Jobs}, Permissions: [Write]}}}}
  Flow: {Type: 'AWS::Serverless::StateMachine', Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}}
  Orders: {Type: 'AWS::Serverless::SimpleTable'}
  ToOrders: {Type: 'AWS::Serverless::Connector', Properties: {Source: {Id: Flow}, Destination: {Id: Orders}, Permissions: [Read]}}
`,
      ),
    );
    expect(draft.get(['functions', 'Work', 'permissions'])).toEqual([
      'sqs:DeleteMessage,SendMessage,ChangeMessageVisibility,PurgeQueue on Jobs',
      expect.objectContaining({ Action: expect.arrayContaining(['states:StartExecution']) }),
    ]);
    expect(draft.get(['stateMachines', 'Flow', 'permissions'])).toEqual([expect.stringMatching(/ on Orders$/)]);
    expect(draft.get(['resources', 'Jobs'])).toEqual({ Type: 'AWS::SQS::Queue' });
    expect(told(findings)).toEqual(['9 fx makes no connector from Jobs to Jobs']);
  });

  test('the queue of a destination without one, and what refers to it', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '      EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}, OnSuccess: {Type: SNS}}}\n',
        "Outputs:\n  Failed: {Value: !Ref Work.DestinationQueue}\n  Arn: {Value: !GetAtt Work.DestinationQueue.Arn}\n  Text: {Value: !Sub 'x-${Work.DestinationTopic}'}\n",
      ),
    );
    expect(draft.get(['functions', 'Work', 'destinations'])).toEqual({
      onSuccess: 'WorkOnSuccessTopic',
      onFailure: 'WorkOnFailureQueue',
    });
    expect(draft.get(['outputs'])).toEqual({
      Failed: { Value: { Ref: 'WorkOnFailureQueue' } },
      Arn: { Value: { 'Fn::GetAtt': ['WorkOnFailureQueue', 'Arn'] } },
      Text: { Value: { 'Fn::Sub': 'x-${WorkOnSuccessTopic}' } },
    });
    expect(told(findings)).toEqual([]);
  });

  test('references to a URL, an alias and a stage; DependsOn of resources', async () => {
    const { draft } = await imported(
      withFunction(
        '      AutoPublishAlias: live\n      FunctionUrlConfig: {AuthType: NONE}\n      Events: {Get: {Type: Api, Properties: {Path: /, Method: get, RestApiId: !Ref Shop}}}\n',
        `  Shop: {Type: 'AWS::Serverless::Api', Properties: {StageName: v1}}
  Plan: {Type: 'AWS::ApiGateway::UsagePlan', DependsOn: [Shopv1Stage, Work], Properties: {ApiStages: [{ApiId: !Ref Shop, Stage: !Ref Shop.Stage}]}}
Outputs:
  Url: {Value: !GetAtt WorkUrl.FunctionUrl}
  Alias: {Value: !Ref WorkAliaslive}
`,
      ),
    );
    expect(draft.get(['resources', 'Plan'])).toEqual({
      Type: 'AWS::ApiGateway::UsagePlan',
      DependsOn: ['RestApiStage', 'WorkFunction'],
      Properties: { ApiStages: [{ ApiId: { Ref: 'RestApi' }, Stage: { Ref: 'RestApiStage' } }] },
    });
    expect(draft.get(['outputs'])).toEqual({
      Url: { Value: { 'Fn::GetAtt': ['WorkUrl', 'FunctionUrl'] } },
      Alias: { Value: { Ref: 'WorkAlias' } },
    });
  });
});

describe('APIs', () => {
  const route = (properties: string) =>
    `      Events: {Get: {Type: Api, Properties: {Path: /a, Method: get${properties}}}}\n`;

  test('routes have the scopes of their authorizer, the key of the API, and a time', async () => {
    const { draft, findings } = await imported(
      withFunction(
        route(', TimeoutInMillis: 5500'),
        '  Users: {Type: "AWS::Cognito::UserPool"}\n',
        'Globals:\n  Api:\n    Auth: {ApiKeyRequired: true, DefaultAuthorizer: users, Authorizers: {users: {UserPoolArn: !GetAtt Users.Arn, AuthorizationScopes: [read]}}}\n',
      ),
    );
    expect(draft.get(['functions', 'Work', 'events'])).toEqual([
      { rest: { route: 'GET /a', scopes: ['read'], apiKey: true, timeout: 5 } },
    ]);
    expect(told(findings)).toEqual([]);
  });

  test('a domain with several paths makes the API regional; the settings of all methods', async () => {
    const { draft, findings } = await imported(
      withFunction(
        route(', RestApiId: !Ref Shop'),
        `  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Domain: {DomainName: api.example.com, CertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1', BasePath: [/a, /b], Route53: {HostedZoneName: example.com.}}
      MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', LoggingLevel: INFO, DataTraceEnabled: true, MetricsEnabled: true, ThrottlingRateLimit: 5, ThrottlingBurstLimit: 9}]
`,
      ),
    );
    expect(draft.get(['rest'])).toMatchObject({
      endpoint: 'regional',
      domain: [
        { name: 'api.example.com', basePath: 'a', zone: expect.stringContaining('zone:example.com') },
        { name: 'api.example.com', basePath: 'b' },
      ],
      executionLogs: 'data',
      metrics: true,
      throttle: { rate: 5, burst: 9 },
    });
    expect(told(findings)).toEqual([]);
    expect(told(findings, 'changed')).toContain('9 the REST API is regional, as its domain needs it');
  });
});

test('Kafka of others, and where reading DocumentDB begins', async () => {
  const { draft, findings } = await imported(
    withFunction(
      `      Events:
        Kafka:
          Type: SelfManagedKafka
          Properties:
            KafkaBootstrapServers: [b1.example.com:9096]
            Topics: [orders]
            SourceAccessConfigurations:
              - {Type: SASL_SCRAM_512_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-Ab12Cd'}
              - {Type: VPC_SUBNET, URI: 'subnet:subnet-0a1b2c3d4e5f67890'}
              - {Type: VPC_SECURITY_GROUP, URI: !Sub 'security_group:\${Group}'}
        Changes:
          Type: DocumentDB
          Properties: {Cluster: 'arn:aws:rds:eu-west-1:111122223333:cluster:shop', DatabaseName: shop, StartingPosition: TRIM_HORIZON, SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:docs-Ab12Cd'}]}
`,
      "  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: a}}\n",
    ),
  );
  expect(draft.get(['functions', 'Work', 'events'])).toEqual([
    {
      kafka: {
        bootstrapServers: ['b1.example.com:9096'],
        topic: 'orders',
        auth: { saslScram512: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-Ab12Cd' },
        vpc: { subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: [{ 'Fn::Sub': '${Group}' }] },
      },
    },
    {
      documentdb: {
        cluster: 'arn:aws:rds:eu-west-1:111122223333:cluster:shop',
        database: 'shop',
        secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:docs-Ab12Cd',
        startingPosition: 'TRIM_HORIZON',
      },
    },
  ]);
  expect(told(findings)).toEqual([]);
});

test('maps of Globals merge, their lists are added to, and what fx sets by extend', async () => {
  const { draft, findings } = await imported(
    withFunction(
      `      VpcConfig: {SecurityGroupIds: [sg-0a1b2c3d4e5f67890]}
      Layers: ['arn:aws:lambda:us-east-1:111122223333:layer:two:1']
      RecursiveLoop: ALLOW
      DurableConfig: {ExecutionTimeout: 900}
      DeploymentPreference: {Enabled: false}
`,
      '',
      "Globals:\n  Function:\n    VpcConfig: {SubnetIds: [subnet-0a1b2c3d4e5f67890]}\n    Layers: ['arn:aws:lambda:us-east-1:111122223333:layer:one:1']\n",
    ),
  );
  expect(draft.get(['functions', 'Work'])).toMatchObject({
    vpc: { subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: ['sg-0a1b2c3d4e5f67890'] },
    layers: [expect.stringMatching(/one:1$/), expect.stringMatching(/two:1$/)],
    recursiveLoop: 'Allow',
  });
  expect(draft.get(['extend'])).toMatchObject({
    WorkFunction: { Properties: { DurableConfig: { ExecutionTimeout: 900 } } },
    WorkRole: { Properties: { ManagedPolicyArns: [expect.anything()] } },
  });
  expect(told(findings)).toEqual([]);
});

test('a permission to call a function is one to call its alias; a layer of old runtimes stays', async () => {
  const { draft, findings } = await imported(
    withFunction(
      '      Layers: [!Ref Tools]\n',
      `  Tools: {Type: 'AWS::Serverless::LayerVersion', Properties: {ContentUri: tools, CompatibleRuntimes: [python3.8, nodejs24.x]}}
  May: {Type: 'AWS::Lambda::Permission', Properties: {Action: 'lambda:InvokeFunction', FunctionName: !Ref Work, Principal: apigateway.amazonaws.com}}
`,
    ),
  );
  expect(draft.get(['resources', 'May', 'Properties', 'FunctionName'])).toEqual({ Ref: 'WorkAlias' });
  expect(draft.get(['layers', 'Tools', 'compatibleRuntimes'])).toEqual(['nodejs24.x']);
  expect(draft.get(['functions', 'Work', 'layers'])).toEqual(['Tools']);
  expect(told(findings)).toEqual([]);
});

test('operations of an OpenAPI document are events of the functions that they call', async () => {
  const { draft, findings } = await imported(
    withFunction(
      '',
      `  Users: {Type: 'AWS::Cognito::UserPool'}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody:
        openapi: 3.0.1
        info: {title: shop, version: '1'}
        components:
          securitySchemes:
            users: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: [!GetAtt Users.Arn]}}
            api_key: {type: apiKey, name: x-api-key, in: header}
        paths:
          '/orders/{id}':
            get:
              security: [{users: []}]
              x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Work.Arn}/invocations'}
            post:
              security: [{api_key: []}]
              x-amazon-apigateway-integration: {type: AWS_PROXY, httpMethod: POST, uri: {'Fn::Sub': 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Work.Arn}/invocations'}}
          /status:
            get:
              x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: https://example.com}
`,
    ),
  );
  expect(draft.get(['functions', 'Work', 'events'])).toEqual([
    { rest: { route: 'GET /orders/{id}', authorizer: 'users' } },
    { rest: { route: 'POST /orders/{id}', apiKey: true } },
  ]);
  expect(draft.get(['rest', 'authorizers'])).toEqual({ users: { cognito: 'Users' } });
  expect(told(findings)).toEqual(['29 fx has no function to call for GET /status']);
});

test('a document in a file, with its places; what refers to the role of a state machine, and its policies', async () => {
  const { draft, findings } = await imported(
    withFunction(
      '',
      `  Shop: {Type: 'AWS::Serverless::HttpApi', Properties: {DefinitionBody: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: ./api.yaml}}}}}
  Flow: {Type: 'AWS::Serverless::StateMachine', Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}, Policies: [{SQSSendMessagePolicy: {QueueName: jobs}}]}}
Outputs: {Role: {Value: !GetAtt FlowRole.Arn}}
`,
    ),
    {
      'api.yaml':
        "openapi: 3.0.1\npaths:\n  /a:\n    get:\n      x-amazon-apigateway-integration: {type: aws_proxy, uri: {'Fn::Sub': '${Work.Arn}'}}\n  /b:\n    get:\n      x-amazon-apigateway-integration: {type: http_proxy, uri: 'https://example.com'}\n",
    },
  );
  expect(draft.get(['functions', 'Work', 'events'])).toEqual([{ http: 'GET /a' }]);
  expect(draft.get(['stateMachines', 'Flow', 'permissions'])).toHaveLength(1);
  expect(draft.get(['outputs', 'Role'])).toEqual({ Value: { 'Fn::GetAtt': ['FlowStateMachineRole', 'Arn'] } });
  expect(
    findings.filter(({ kind }) => kind === 'dropped').map(({ at, path }) => `${at.file}:${at.line} ${path}`),
  ).toEqual(['api.yaml:7 api.yaml.paths./b.get']);
});

test('values of another kind than is written are told, not fatal', async () => {
  const { findings } = await imported(
    withFunction(
      '      Environment: {Variables: [{A: b}]}\n',
      `  Flow: {Type: 'AWS::Serverless::StateMachine', Properties: {DefinitionUri: ''}}
  Shop: {Type: 'AWS::Serverless::Api', Properties: {StageName: v1, DefinitionUri: '', Auth: {Authorizers: {users: {UserPoolArn: {'Fn::GetAtt': null}}}}}}
`,
    ),
  );
  expect(told(findings)).toContain('8 the environment variables are not known here');
});

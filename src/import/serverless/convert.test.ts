// Kinds of services that public projects have: what each becomes, and what is said of what is lost.
import { describe, expect, test } from 'vitest';
import { importedFrom } from '../../../test/support/imported.ts';
import type { Finding } from '../finding.ts';

const imported = (text: string, files: Record<string, string> = {}) =>
  importedFrom({ 'serverless.yml': text, ...files });

const withFunction = (settings: string, more = '') =>
  `service: a\nprovider: {name: aws, runtime: nodejs24.x}\nfunctions:\n  f:\n    handler: f.handler\n${settings}${more}`;

const dropped = (findings: readonly Finding[]) =>
  findings.filter(({ kind }) => kind === 'dropped').map(({ message, at }) => `${at.line} ${message}`);

describe('files that are not here', () => {
  test('a text that refers to an unknown value has its known parts, and one param serves all', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '    environment: {TABLE: "${self:custom.table}", INDEX: "${self:custom.table}"}\n    description: ${self:custom.table}\n',
        'custom:\n  table: birds-${file(config.yml):suffix}\n',
      ),
    );
    expect(draft.get(['params'])).toEqual({ suffix: 'set-me' });
    const table = draft.get(['functions', 'f', 'description']);
    expect(draft.get(['functions', 'f', 'variables'])).toEqual({ TABLE: table, INDEX: table });
    expect(dropped(findings)).toEqual(['9 ${file(config.yml):suffix} has no value: config.yml is not here']);
  });

  test('a fallback comes before an unknown text', async () => {
    const { draft } = await imported(
      withFunction('    description: ${self:custom.a, "b"}\n', 'custom:\n  a: x-${file(config.yml):y}\n'),
    );
    expect(draft.get(['functions', 'f', 'description'])).toBe('b');
  });

  test('a resource, a role, variables and permissions say which file is missing', async () => {
    const { findings, draft } = await imported(
      withFunction(
        '    role: Worker\n    environment: ${file(env.yml)}\n    iamRoleStatements: ${file(role.yml)}\n',
        'resources:\n  Resources:\n    Worker: ${file(worker.yml)}\n    Topic: {Type: "AWS::SNS::Topic"}\n',
      ),
    );
    expect(dropped(findings)).toEqual([
      '6 the role Worker is not known: it is none of the resources here',
      '7 the environment variables are not known: env.yml is not here',
      '8 the permissions are not known: role.yml is not here',
      '11 the resource Worker is not known: worker.yml is not here',
    ]);
    expect(Object.keys(draft.get(['resources']) ?? {})).toEqual(['Topic']);
  });

  test('the stage and the region: what stands in their place is told', async () => {
    const { draft, findings } = await imported(
      'service: a\nprovider: {name: aws, runtime: nodejs24.x, stage: "${file(env.yml):stage}", region: "${env:REGION}"}\nfunctions: {f: {handler: f.handler}}\n',
    );
    expect(draft.get(['region'])).toBe('us-east-1');
    expect(findings.map(({ message }) => message).filter((message) => message.includes('not known here'))).toEqual([
      'the stage is not known here, and is dev now: env.yml is not here',
      'the region is not known here, and is us-east-1 now: it is ${env:REGION}',
    ]);
  });

  test('functions: their defaults stay', async () => {
    const { draft } = await imported(
      'service: a\nprovider: {name: aws, runtime: python3.14, memorySize: 256, environment: {COLOUR: red}}\nfunctions: ${file(functions.yml)}\n',
    );
    expect(draft.get(['defaults'])).toMatchObject({ runtime: 'python3.14', memory: 256, variables: { COLOUR: 'red' } });
  });
});

test('responses that stream, for 15 minutes', async () => {
  const { draft, findings } = await imported(
    withFunction(
      '    timeout: 120\n    environment: {AWS_LWA_INVOKE_MODE: response_stream, AWS_REGION: eu-west-1}\n    events:\n      - http: {method: POST, path: /a, timeoutInMillis: 120000, response: {transferMode: stream}}\n',
    ),
  );
  expect(draft.get(['functions', 'f', 'events'])).toEqual([{ rest: { route: 'POST /a', stream: true, timeout: 120 } }]);
  expect(draft.get(['functions', 'f', 'variables'])).toEqual({ AWS_LWA_INVOKE_MODE: 'response_stream' });
  expect(dropped(findings)).toEqual(['7 Lambda reserves the name AWS_REGION']);
});

test('esbuild of version 4 has the settings of its plugin', async () => {
  const { draft, findings } = await imported(
    withFunction('', 'build:\n  esbuild: {external: [sharp], minify: true, format: esm, loader: {".sql": text}}\n'),
  );
  expect(draft.get(['defaults'])).toMatchObject({ external: ['sharp'], minify: true });
  expect(findings.map(({ message }) => message)).toContain('options of esbuild: loader');
});

test('who names the role of all functions names that of one, with a word, and in a list those of each', async () => {
  const { compiled, findings } = await imported(`service: shop
provider: {name: aws, runtime: nodejs22.x}
functions:
  one: {handler: a.handler}
  two: {handler: a.handler}
resources:
  Resources:
    Key:
      Type: AWS::SecretsManager::ResourcePolicy
      Properties: {SecretId: a, ResourcePolicy: {Principal: {AWS: !GetAtt IamRoleLambdaExecution.Arn}}}
    Other:
      Type: AWS::SecretsManager::ResourcePolicy
      Properties: {SecretId: b, ResourcePolicy: {Principal: {AWS: [!GetAtt IamRoleLambdaExecution.Arn]}}}
`);
  const { template } = compiled?.stacks.root ?? {};
  const principal = (id: string) => template?.Resources[id]?.Properties?.['ResourcePolicy'];
  const arn = (role: string) => ({ 'Fn::GetAtt': [role, 'Arn'] });
  expect(principal('Key')).toEqual({ Principal: { AWS: arn('OneRole') } });
  expect(principal('Other')).toEqual({ Principal: { AWS: [arn('OneRole'), arn('TwoRole')] } });
  expect(findings.map(({ message }) => message)).toContain(
    'IamRoleLambdaExecution is the role of all functions there, and each has one of its own here: what names it names OneRole only',
  );
});

test('changes to the role of all functions are those of each', async () => {
  const { compiled, findings } = await imported(
    withFunction(
      '',
      `resources:
  Resources:
    IamRoleLambdaExecution:
      Type: AWS::IAM::Role
      Properties:
        RoleName: mine
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']
        Policies:
          - PolicyName: {Fn::Join: ['-', [a, lambda]]}
          - PolicyName: more
            PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*'}]}
  Outputs:
    FLambdaFunctionQualifiedArn: {Export: {Name: other}}
`,
    ),
  );
  const { template } = compiled?.stacks.root ?? {};
  expect(template?.Resources['FRole']?.Properties).toMatchObject({
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  });
  expect(JSON.stringify(template?.Resources['FRole'])).toContain('arn:aws:s3:::a/*');
  expect(template?.Outputs ?? {}).not.toHaveProperty('FLambdaFunctionQualifiedArn');
  expect(dropped(findings)).toEqual([
    '18 the output FLambdaFunctionQualifiedArn has no Value: it changes one that the Serverless Framework makes',
  ]);
});

test.each([
  ['{enabled: true, events: [{schedule: rate(10 minutes)}]}', '10m', []],
  ['{office: {enabled: [dev], events: [{schedule: rate(3 minutes)}]}}', '3m', []],
  ['{enabled: false}', undefined, []],
  [
    '{office: {enabled: true, events: [{schedule: cron(0/45 7-18 ? * MON-FRI *)}]}}',
    '5m',
    ['9 fx warms around the clock, at least every 15 minutes, not by cron(0/45 7-18 ? * MON-FRI *)'],
  ],
])('warmers %s', async (settings, expected, lost) => {
  const { draft, findings } = await imported(
    withFunction('', `plugins: [serverless-plugin-warmup]\ncustom:\n\n  warmup: ${settings}\n`),
  );
  expect(draft.get(['functions', 'f', 'warm'])).toBe(expected);
  expect(dropped(findings)).toEqual(lost);
});

test('a container image may start from a snapshot', async () => {
  const { draft, findings } = await imported(
    'service: a\nprovider: {name: aws, ecr: {images: {app: {path: ./}}}}\nfunctions:\n  f: {image: app, snapStart: true}\n',
  );
  expect(draft.get(['functions', 'f', 'snapStart'])).toBe(true);
  expect(dropped(findings)).toEqual([]);
});

test('sandboxes are named, and what refers to them says what to write', async () => {
  const { findings } = await imported(
    withFunction('    environment: {IMAGE: !Ref BoxImage, COLOUR: red}\n', 'sandboxes:\n  box: {artifact: ./app}\n'),
  );
  expect(findings.filter(({ kind }) => kind === 'dropped')).toMatchObject([
    { remedy: 'write BoxImage under resources, then this as the comment in project.yml has it' },
    { message: 'fx makes no sandboxes, such as "box"' },
  ]);
});

test('a fallback for a file that is not here is told', async () => {
  const { draft, findings } = await imported(
    withFunction('    environment: {TOKEN: "${file(secret.yml):TOKEN, \'\'}"}\n'),
  );
  expect(draft.get(['functions', 'f', 'variables', 'TOKEN'])).toBe('');
  expect(findings.filter(({ kind }) => kind === 'changed')).toContainEqual(
    expect.objectContaining({
      path: 'functions.f.environment.TOKEN',
      message: "secret.yml is not here, so the other value of ${file(secret.yml):TOKEN, ''} stands",
    }),
  );
});

describe('what version 4 has built in', () => {
  test('domains of the provider are those of the APIs', async () => {
    const { draft, findings } = await imported(
      'service: a\nprovider:\n  name: aws\n  runtime: nodejs24.x\n  domains: [{name: api.example.com, basePath: v1}, ws.example.org]\n  domain: {name: live.example.com, apiType: websocket, hostedZoneId: Z1}\nfunctions:\n  f:\n    handler: f.handler\n    events: [{http: GET /a}, {websocket: $connect}]\n',
    );
    expect(draft.get(['rest', 'domain'])).toMatchObject([
      { name: 'api.example.com', basePath: 'v1' },
      { name: 'ws.example.org' },
    ]);
    expect(draft.get(['websocket', 'domain'])).toEqual({ name: 'live.example.com', zone: 'Z1' });
    expect(dropped(findings)).toEqual([]);
  });

  test('settings of plugins that need not be listed', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '',
        'custom:\n  prune: {automatic: true, number: 3}\n  pythonRequirements: {}\n  alerts: {alarms: []}\n',
      ),
    );
    expect(draft.get(['keep'])).toBe(3);
    expect(dropped(findings)).toEqual(['9 the settings of serverless-plugin-aws-alerts are not carried over']);
  });

  test('statements of the provider, in a role of a function that adds its own', async () => {
    const shared =
      "iam: {role: {mode: perFunction, statements: [{Effect: Allow, Action: 's3:ListBucket', Resource: '*'}]}}";
    const { draft } = await imported(
      `service: a\nprovider: {name: aws, runtime: nodejs24.x, ${shared}}\nfunctions:\n  f:\n    handler: f.handler\n    iam: {role: {statements: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]}}\n  g:\n    handler: g.handler\n    iam: {inheritStatements: false, role: {statements: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]}}\n`,
    );
    expect(draft.get(['functions', 'f', 'permissions'])).toEqual(['s3:ListBucket on *', 's3:GetObject on *']);
    expect(draft.get(['functions', 'g', 'permissions'])).toEqual(['s3:GetObject on *']);
  });

  test('durable functions, tenants, and provisioned executions of an alias', async () => {
    const { draft, compiled } = await imported(
      withFunction(
        '    durableConfig: {executionTimeout: 3600}\n    tenancy: {mode: per_tenant}\n    provisionedConcurrency: {executions: 3, alias: live}\n    iam: {role: {managedPolicies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}\n',
      ),
    );
    const resources = compiled?.stacks.root.template.Resources ?? {};
    expect(resources['FFunction']?.Properties).toMatchObject({
      DurableConfig: { ExecutionTimeout: 3600 },
      TenancyConfig: { TenantIsolationMode: 'PER_TENANT' },
    });
    expect(resources['FRole']?.Properties?.['ManagedPolicyArns']).toHaveLength(2);
    expect(draft.get(['functions', 'f', 'provisionedConcurrency'])).toBe(3);
  });

  test('a right to the deployment bucket goes', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '    iamRoleStatements:\n      - {Effect: Allow, Action: "s3:ListBucket", Resource: {Ref: ServerlessDeploymentBucket}}\n      - {Effect: Allow, Action: "s3:GetObject", Resource: "*"}\n',
      ),
    );
    expect(draft.get(['functions', 'f', 'permissions'])).toEqual(['s3:GetObject on *']);
    expect(dropped(findings)).toEqual(['7 the stack of fx has no deployment bucket']);
  });
});

test('a permission to call a function is one to call its alias', async () => {
  const { draft } = await imported(
    withFunction(
      '',
      'resources: {Resources: {May: {Type: "AWS::Lambda::Permission", Properties: {Action: "lambda:InvokeFunction", FunctionName: {Ref: FLambdaFunction}, Principal: sns.amazonaws.com}}}}\n',
    ),
  );
  expect(draft.get(['resources', 'May', 'Properties', 'FunctionName'])).toEqual({ Ref: 'FAlias' });
});

test('resources depend on functions by the logical ids of fx', async () => {
  const { draft, findings } = await imported(
    withFunction('', 'resources: {Resources: {Topic: {Type: "AWS::SNS::Topic", DependsOn: FLambdaFunction}}}\n'),
  );
  expect(draft.get(['resources', 'Topic'])).toEqual({ Type: 'AWS::SNS::Topic', DependsOn: 'FFunction' });
  expect(dropped(findings)).toEqual([]);
});

test('managed policies of what fx grants anyway are left out', async () => {
  const { draft } = await imported(
    withFunction(
      '    iam: {role: {managedPolicies: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}]}}\n  g:\n    handler: g.handler\n    iam: {role: {managedPolicies: ["arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"]}}\n',
    ),
  );
  expect(draft.get(['extend'])).toEqual({
    GRole: { Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] } },
  });
});

test('a statement of all functions that is about no resource is taken out once, and the functions stay', async () => {
  const { draft, findings } = await imported(
    'service: a\nprovider: {name: aws, runtime: nodejs24.x, iam: {role: {statements: [{Effect: Allow, Action: "sns:Publish", Resource: {Ref: Topic}}]}}}\nfunctions: {f: {handler: f.handler}, g: {handler: g.handler, events: [{sns: {arn: {Ref: Topic}}}]}}\n',
  );
  expect(Object.keys(draft.get(['functions']) ?? {})).toEqual(['f', 'g']);
  expect(dropped(findings)).toEqual([
    '2 defaults.permissions: there is no resource "Topic"',
    '3 functions.g.events: there is no resource "Topic"',
  ]);
});

test('layers of what plugins pack, and the zone of a domain in a country', async () => {
  const { draft, findings } = await imported(
    withFunction(
      '    layers: [{Ref: PythonRequirementsLambdaLayer}]\n    events: [{httpApi: GET /a}]\n',
      'plugins: [serverless-python-requirements, serverless-domain-manager]\ncustom: {customDomain: {domainName: api.shop.example.co.jp, apiType: http, stage: dev, securityPolicy: tls_1_2}}\n',
    ),
  );
  expect(draft.has(['functions', 'f', 'layers'])).toBe(false);
  expect(draft.get(['http', 'domain', 'zone'])).toContain('zone:example.co.jp');
  expect(dropped(findings)).toEqual([]);
});

test('a reference to nothing is no crash', async () => {
  const { draft } = await imported(
    withFunction('    events: [{stream: {arn: {"Fn::GetAtt": null}}}, {sns: {arn: {"Fn::GetAtt": 5}}}]\n'),
  );
  expect(draft.has(['functions', 'f'])).toBe(true);
});

// The rules of section 3 of the design, one test each.
import { describe, expect, test } from 'vitest';
import { compiled, handler, projectOf, recipeFor, schemas } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import type { Template } from '../cfn/resource.ts';
import { referencesIn } from '../cfn/resource.ts';
import { compile, resourceCounts } from './compile.ts';

const shop = `
name: shop
region: eu-west-1
functions:
  a:
    handler: a.handler
    variables: {TABLE: !Ref Orders}
    permissions:
      - dynamodb:GetItem,PutItem on Orders
      - {Action: "ses:SendEmail", Resource: "*"}
    events:
      - http: GET /orders/{id}
      - http: POST /orders
      - schedule: rate(5 minutes)
      - sqs: {queue: Jobs, batchSize: 5}
  b:
    handler: b.handler
    events: [{http: $default}]
resources:
  Jobs: {Type: AWS::SQS::Queue}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
outputs: {QueueUrl: !Ref Jobs}
`;

interface RoleProperties {
  readonly Policies: readonly [{ readonly PolicyDocument: { readonly Statement: readonly unknown[] } }];
}

const versionIdOf = (template: Template, prefix = 'AVersion') =>
  Object.keys(template.Resources).find((id) => id.startsWith(prefix)) ?? '';

async function problemsOf(text: string): Promise<string[]> {
  const error = await compiled(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ at, message, hint }) => `${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`);
}

describe('a template', () => {
  test('1: is byte-equal for the same input, in any folder and at any time', async () => {
    const [first, second] = [await compiled(shop), await compiled(shop)];
    expect(second.text).toBe(first.text);
    expect(first.text).not.toMatch(/\/tmp|20\d\d-\d\d-\d\dT/);
  });

  test('2: names the bare function only in versions and aliases', async () => {
    const { template } = await compiled(shop);
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      const bare = referencesIn(Properties).filter(({ logicalId }) => /^[AB]Function$/.test(logicalId));
      if (Type !== 'AWS::Lambda::Version' && Type !== 'AWS::Lambda::Alias')
        expect({ id, bare }).toEqual({ id, bare: [] });
    }
    const { AHttpIntegration, AHttpPermission, AScheduled, SchedulesInvokeRole, ASqsJobs } = template.Resources;
    const wired = [AHttpIntegration, AHttpPermission, AScheduled, SchedulesInvokeRole, ASqsJobs];
    for (const resource of wired) expect(JSON.stringify(resource)).toContain('{"Ref":"AAlias"}');
  });

  test('3: retains versions, except one from a failed deploy', async () => {
    const { template } = await compiled(shop);
    expect(template.Resources[versionIdOf(template)]).toEqual({
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { FunctionName: { Ref: 'AFunction' } },
    });
  });

  test('4: gives each function a separate role with its log, its events and its permissions', async () => {
    const { template } = await compiled(shop);
    const statements = (id: string) => {
      const properties = template.Resources[id]?.Properties as unknown as RoleProperties;
      return properties.Policies[0].PolicyDocument.Statement;
    };
    const log = (id: string) => ({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: [{ 'Fn::GetAtt': [id, 'Arn'] }],
    });
    expect(statements('ARole')).toEqual([
      log('ALogGroup'),
      {
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: [{ 'Fn::GetAtt': ['Jobs', 'Arn'] }],
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Resource: [{ 'Fn::GetAtt': ['Orders', 'Arn'] }, { 'Fn::Sub': '${Orders.Arn}/index/*' }],
      },
      { Effect: 'Allow', Action: 'ses:SendEmail', Resource: '*' },
    ]);
    expect(statements('BRole')).toEqual([log('BLogGroup')]);
  });

  test('4: keeps names within 64 characters, readable and distinct', async () => {
    const long = 'f'.repeat(60);
    const text = `name: shop\nfunctions:\n  ${long}a: {handler: a.handler}\n  ${long}b: {handler: b.handler}\n`;
    const { template } = await compiled(text);
    const names = Object.values(template.Resources).flatMap(({ Properties = {} }) =>
      [Properties['FunctionName'], Properties['RoleName']].filter((name) => typeof name === 'string'),
    );
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^shop-local-f{40,}.{0,13}$/);
    expect(Math.max(...names.map((name) => String(name).length))).toBeLessThanOrEqual(64);
  });

  test('4: rejects a policy too long for IAM', async () => {
    const grants = Array.from(
      { length: 90 },
      (_, index) => `      - s3:GetObject on arn:aws:s3:::${'b'.repeat(50)}-${index}/${'k'.repeat(40)}*`,
    );
    const text = `name: s\nfunctions:\n  a:\n    handler: a.handler\n    permissions:\n${grants.join('\n')}\n`;
    expect(await problemsOf(text)).toEqual([
      expect.stringMatching(/^3:3 the policy of "a" is \d+ characters; IAM takes at most 10240/),
    ]);
  });

  test('5: reports properties that CloudFormation would reject, at their line', async () => {
    const text = `name: s\nresources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimeot: 30\n      DelaySeconds: soon\n  Other:\n    Type: AWS::SQS::Queu\n`;
    expect(await problemsOf(text)).toEqual([
      expect.stringMatching(
        /^6:7 Jobs, AWS::SQS::Queue: the property VisibilityTimeot does not exist.*did you mean "VisibilityTimeout"/,
      ),
      expect.stringMatching(/^7:7 Jobs, AWS::SQS::Queue: expected a whole number, found text/),
      expect.stringMatching(/^9:5 there is no resource type AWS::SQS::Queu/),
    ]);
  });

  test('5: reports references to nothing, and missing attributes', async () => {
    const text = `name: s\nfunctions:\n  a:\n    handler: a.handler\n    variables:\n      QUEUE: !Ref Jbos\n      ARN: !GetAtt Jobs.Arm\nresources:\n  Jobs: {Type: AWS::SQS::Queue}\n`;
    expect(await problemsOf(text)).toEqual([
      '6:7 there is no resource "Jbos" | did you mean "Jobs"?',
      expect.stringMatching(/^7:7 "Jobs" has no attribute "Arm" \| did you mean "Arn"\?/),
    ]);
  });

  test('6: exports nothing', async () => {
    expect((await compiled(shop)).text).not.toContain('"Export"');
  });

  test('6: shows a cycle as one path', async () => {
    const text = `name: s\nresources:\n  One:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt Two.QueueName}\n  Two:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt One.QueueName}\n`;
    expect(await problemsOf(text)).toEqual([
      '3:3 resources depend on each other in a cycle: One → Two → One | One is at project.yml:3:3, Two is at project.yml:6:3',
    ]);
  });

  test('7: counts the resources of each function', async () => {
    const { project, ownedResources, template } = await compiled(shop);
    expect(Object.fromEntries(resourceCounts(project, ownedResources))).toEqual({ a: 11, b: 8 });
    expect(Object.keys(template.Resources)).toHaveLength(11 + 8 + 3 + 2);
  });

  test('8: lets the user change every generated resource', async () => {
    const text = `${shop}extend:\n  AFunction: {Properties: {TracingConfig: {Mode: Active}, EphemeralStorage: null}}\n  HttpApi: {Properties: {Description: mine}}\n`;
    const { template } = await compiled(text);
    expect(template.Resources['AFunction']?.Properties).toMatchObject({ TracingConfig: { Mode: 'Active' } });
    expect(template.Resources['AFunction']?.Properties).not.toHaveProperty('EphemeralStorage');
    expect(template.Resources['HttpApi']?.Properties).toMatchObject({ Name: 'shop-local', Description: 'mine' });
    const alias = `${shop}extend: {AAlias: {Properties: {Description: x}, DeletionPolicy: Retain}}\n`;
    expect((await compiled(alias)).template.Resources['AAlias']).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { Name: 'live', Description: 'x' },
    });
    expect(await problemsOf('name: s\nextend: {Nope: {}}\nresources: {Q: {Type: AWS::SQS::Queue}}\n')).toEqual([
      expect.stringContaining('there is no resource "Nope" to extend'),
    ]);
  });
});

describe("a version's logical id", () => {
  const base = 'name: s\nfunctions:\n  a:\n    handler: a.handler\n';
  const idOf = async (text: string, files = {}) => versionIdOf((await compiled(text, { files })).template);

  // What Lambda snapshots: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
  test.each([
    ['memory', `${base}    memory: 1024\n`],
    ['timeout', `${base}    timeout: 20s\n`],
    ['runtime', `${base}    runtime: nodejs22.x\n`],
    ['architecture', `${base}    architecture: x86_64\n`],
    ['description', `${base}    description: other\n`],
    ['storage', `${base}    ephemeralStorage: 1024\n`],
    ['variables', `${base}    variables: {AA: b}\n`],
    ['an extension', `${base}extend: {AFunction: {Properties: {TracingConfig: {Mode: Active}}}}\n`],
  ])('changes with %s', async (_what, text) => {
    expect(await idOf(text)).not.toBe(await idOf(base));
  });

  test('changes with code', async () => {
    const { project, versionIds } = await compiled(base);
    const code = { key: 'other', handler: 'a.handler', variables: {} };
    const other = compile({ project, recipe: { functions: new Map([['a', code]]), layers: new Map() }, schemas });
    expect(other.versionIds.get('a')).not.toBe(versionIds.get('a'));
  });

  test.each([
    ['reserved concurrency', `${base}    reservedConcurrency: 5\n`],
    ['triggers', `${base}    events: [{http: GET /}, {schedule: rate(1 hour)}]\n`],
    ['permissions', `${base}    permissions: ["s3:GetObject on arn:aws:s3:::x/*"]\n`],
    ['log retention', `${base}    logging: {retentionInDays: 7}\n`],
    ['tags', `tags: {team: a}\n${base}`],
    ['a tag of the function itself', `${base}extend: {AFunction: {Properties: {Tags: [{Key: a, Value: b}]}}}\n`],
  ])('stays with %s', async (_what, text) => {
    expect(await idOf(text)).toBe(await idOf(base));
  });

  test('changes when a resource whose value it reads is replaced, and not when it is only updated', async () => {
    const reading = (properties: string) =>
      `name: s\nfunctions:\n  a: {handler: a.handler, variables: {QUEUE: !Ref Jobs}}\nresources:\n  Jobs: {Type: AWS::SQS::Queue, Properties: {${properties}}}\n`;
    const before = await idOf(reading('QueueName: one'));
    expect(await idOf(reading('QueueName: two'))).not.toBe(before);
    expect(await idOf(reading('QueueName: one, DelaySeconds: 5'))).toBe(before);
  });

  test('returns with the function: A, B, A', async () => {
    const [first, other, again] = [await idOf(base), await idOf(`${base}    memory: 1024\n`), await idOf(base)];
    expect([again === first, other === first]).toEqual([true, false]);
  });
});

test('a project without functions and resources is reported as empty', async () => {
  expect(await problemsOf('name: s\n')).toEqual([expect.stringContaining('1:1 there is nothing to deploy')]);
});

describe('events across functions', () => {
  test('two functions with one route are reported, whatever the names of its parameters', async () => {
    const text =
      'name: s\nfunctions:\n  a: {handler: a.handler, events: [{http: "GET /x/{id}"}]}\n  b:\n    handler: b.handler\n    events:\n      - http: GET /x/{name}\n';
    expect(await problemsOf(text)).toEqual(['7:9 the route "GET /x/{name}" is defined twice: "a" already has it']);
  });

  test('a missing queue, another resource, and a short visibility timeout are reported', async () => {
    const text =
      'name: s\nfunctions:\n  a:\n    handler: a.handler\n    timeout: 60s\n    events:\n      - sqs: Jbs\n      - sqs: Topic\n      - sqs: Jobs\nresources:\n  Jobs: {Type: AWS::SQS::Queue}\n  Topic: {Type: AWS::SNS::Topic}\n';
    expect(await problemsOf(text)).toEqual([
      '7:9 there is no queue "Jbs" under resources | did you mean "Jobs"?',
      '8:9 "Topic" is AWS::SNS::Topic, not AWS::SQS::Queue',
      expect.stringContaining(
        '9:9 messages of the queue "Jobs" become visible again after 30 seconds, but "a" may run for 60',
      ),
    ]);
  });
});

test('every example of the event sources compiles', async () => {
  const { eventSources } = await import('../events/index.ts');
  const listener =
    '{Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: arn, DefaultActions: [{Type: fixed-response}]}}';
  const table =
    '{Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}';
  for (const { docs } of Object.values(eventSources)) {
    const project = await projectOf(
      // what `edge` needs: its region, a site, and an architecture
      `name: s\nregion: us-east-1\nsite: {folder: public}\nfunctions:\n  a:\n    handler: a.handler\n    architecture: x86_64\n    events:\n      - ${docs.example}\nresources: {Jobs: {Type: AWS::SQS::Queue}, Http: ${listener}, Orders: ${table}, Clicks: {Type: AWS::Kinesis::Stream}, Uploads: {Type: AWS::S3::Bucket}, Users: {Type: AWS::Cognito::UserPool}}\n`,
      { files: { 'a.ts': handler } },
    );
    expect(compile({ project, recipe: recipeFor(project), schemas }).stacks.root.text).toContain('AAlias');
  }
});

test('an extension that is not a map is a problem, and is not merged', async () => {
  const text = 'name: s\nfunctions: {a: {handler: a.handler}}\nextend: {AFunction: null}\n';
  expect(await problemsOf(text)).toEqual([expect.stringContaining('expected a map of changes to "AFunction"')]);
});

describe('what settings grant', () => {
  const statementsOf = async (settings: string, resources = '') => {
    const { template } = await compiled(`name: s\nfunctions: {a: {handler: a.handler, ${settings}}}\n${resources}`);
    const { Policies } = (template.Resources['ARole'] as { Properties: unknown }).Properties as RoleProperties;
    return JSON.stringify(Policies[0].PolicyDocument.Statement);
  };
  const inVpc = 'vpc: {subnetIds: [subnet-1], securityGroupIds: [sg-1]}, fileSystem: {localMountPath: /mnt/a, arn: ';

  test('a bucket for failures grants ListBucket besides PutObject', async () => {
    const text = await statementsOf('destinations: {onFailure: Bad}', 'resources: {Bad: {Type: AWS::S3::Bucket}}\n');
    expect(text).toContain('{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":[{"Fn::GetAtt":["Bad","Arn"]}]}');
    expect(text).toContain('"Action":["s3:PutObject"]');
  });

  test("two functions may be each other's destination, and one its own", async () => {
    const text =
      'name: s\nfunctions:\n  a: {handler: a.handler, destinations: {onSuccess: b, onFailure: a}}\n  b: {handler: a.handler, destinations: {onFailure: a}}\n';
    const { template } = await compiled(text);
    expect(JSON.stringify(template.Resources['BRole'])).toContain(':function:s-local-a:live"');
    expect(template.Resources['BEventInvokeConfig']?.Properties?.['DestinationConfig']).toEqual({
      OnFailure: { Destination: { Ref: 'AAlias' } },
    });
  });

  test('a file system of S3 Files is mounted with its permissions, one of EFS with those of EFS', async () => {
    const files =
      'arn:aws:s3files:eu-west-1:111122223333:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0';
    const text = await statementsOf(`${inVpc}"${files}"}`);
    expect(text).toContain('["s3files:ClientMount","s3files:ClientWrite"]');
    expect(text).toContain(`{"s3files:AccessPointArn":"${files}"}`);
    expect(text).not.toContain('elasticfilesystem');
    const efs = 'arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0';
    expect(await statementsOf(`${inVpc}${efs}}`)).toContain('["elasticfilesystem:ClientMount"');
  });

  test('a problem in the template is reported at the setting that causes it', async () => {
    const text = [
      'name: s',
      'functions:',
      '  a:',
      '    handler: a.handler',
      '    vpc:',
      '      subnetIds: !Ref Nets',
      '      securityGroupIds: [sg-1, !Ref Group]',
      '    dependsOn: [Nope]',
    ].join('\n');
    expect(await problemsOf(text)).toEqual([
      expect.stringMatching(/^6:\d+ there is no resource "Nets"/),
      expect.stringMatching(/^7:\d+ there is no resource "Group"/),
      expect.stringMatching(/^8:\d+ there is no resource "Nope"/),
    ]);
  });
});

test('a project with resources only has no parameter for artifacts', async () => {
  const { template } = await compiled('name: s\nresources: {Jobs: {Type: AWS::SQS::Queue}}\n');
  expect(template.Parameters).toBeUndefined();
  expect((await compiled('name: s\nfunctions: {a: {handler: a.handler}}\n')).template.Parameters).toBeDefined();
});

test('a custom resource needs its token, and an environment on AWS', async () => {
  const text = (properties: string) =>
    `name: s\nfunctions: {a: {handler: a.handler}}\nresources: {C: {Type: 'Custom::Seed', Properties: {${properties}}}}\noutputs: {Id: !GetAtt C.Id}\nenvironments: {prod: {}}\n`;
  const token = 'ServiceToken: !GetAtt AFunction.Arn';
  const { template } = await compiled(text(token), { environment: 'prod' });
  expect(template.Resources['C']).toMatchObject({ Type: 'Custom::Seed' });
  const refused = async (properties: string, environment: string) => {
    const error = await compiled(text(properties), { environment }).catch((thrown: unknown) => thrown);
    return (error as FxError).problems.map(({ message }) => message);
  };
  expect(await refused(token, 'local')).toEqual(['Custom::Seed: the local AWS has no custom resources']);
  expect(await refused('a: 1', 'prod')).toEqual(['Custom::Seed has no ServiceToken']);
  expect(await refused('ServiceToken: !GetAtt BFunction.Arn', 'prod')).toEqual(['there is no resource "BFunction"']);
});

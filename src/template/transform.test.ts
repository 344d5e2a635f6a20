// What plugins may do to a template, and that breaking one of its rules is an error at the plugin's line.
import { expect, test } from 'vitest';
import { compiled, handler } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const project = (rest = '') =>
  `name: s\nplugins: [./p.mjs]\nfunctions: {a: {handler: a.handler}, b: {handler: b.handler}}\nresources: {News: {Type: AWS::SNS::Topic}}\n${rest}`;

const transforming = (statements: string) => ({
  files: {
    'p.mjs': `export const plugin = ({ cfn, schema }) => ({ transform(t, context) { ${statements}; return t; } });`,
  },
});

async function problemsOf(statements: string, rest = ''): Promise<readonly string[]> {
  const error = await compiled(project(rest), transforming(statements)).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) return ['no error'];
  return error.problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
}

test('what a plugin adds is its own, and what it changes has its line', async () => {
  const statements =
    't.Resources.Logs = { Type: "AWS::S3::Bucket" }; t.Resources.AFunction.Properties.MemorySize = 1; t.Outputs.Bucket = { Value: cfn.ref("Logs") }; t.Resources.News.Properties = { DisplayName: context.environment }';
  expect(await problemsOf(statements)).toEqual([
    expect.stringMatching(/^2:11 AFunction, AWS::Lambda::Function: .*\(MemorySize\)$/),
  ]);
  const { ownedResources, template } = await compiled(project(), transforming(statements.replace('= 1;', '= 256;')));
  expect(ownedResources.get('Logs')).toMatchObject({
    owner: { kind: 'plugin', name: './p.mjs' },
    from: ['plugins', 0],
  });
  expect(ownedResources.get('AFunction')?.propertiesFrom?.['MemorySize']).toEqual(['plugins', 0]);
  expect(template.Resources['News']?.Properties).toEqual({ DisplayName: 'local' });
  expect(template.Outputs?.['Bucket']).toEqual({ Value: { Ref: 'Logs' } });
});

test('a changed function gets a new version', async () => {
  const usual = await compiled(project(), transforming(''));
  const changed = await compiled(project(), transforming('t.Resources.AFunction.Properties.Description = "x"'));
  expect(changed.versionIds.get('a')).not.toBe(usual.versionIds.get('a'));
  expect(changed.versionIds.get('b')).toBe(usual.versionIds.get('b'));
});

test("the user's `extend` has the last word", async () => {
  const statements = 't.Resources.Logs = { Type: "AWS::S3::Bucket", Properties: { BucketName: "plugin" } }';
  const { template } = await compiled(
    project('extend: {Logs: {Properties: {BucketName: user}}}\n'),
    transforming(statements),
  );
  expect(template.Resources['Logs']?.Properties).toEqual({ BucketName: 'user' });
});

test.each([
  ['delete t.Resources.News', 'removed the resource News'],
  ['delete t.Resources.ARole', 'removed the resource ARole'],
  ['t.Resources.News.Type = "AWS::SQS::Queue"', 'changed the type of News from AWS::SNS::Topic to AWS::SQS::Queue'],
  ['t.Resources.AFunction.Properties.Code = { ZipFile: "x" }', 'changed Code of the function "a"'],
  ['t.Resources.AFunction.Properties.FunctionName = "x"', 'changed FunctionName of the function "a"'],
  ['t.Resources.AFunction.Properties.Role = cfn.attribute("BRole", "Arn")', 'changed Role of the function "a"'],
  [
    't.Resources.V = { Type: "AWS::Lambda::Version", Properties: { FunctionName: cfn.ref("AFunction") } }',
    'a plugin cannot add AWS::Lambda::Version',
  ],
  [
    't.Resources.P = { Type: "AWS::Lambda::Permission", Properties: { Action: "lambda:InvokeFunction", Principal: "s3.amazonaws.com", FunctionName: cfn.attribute("AFunction", "Arn") } }',
    'FunctionName is "a" itself, so a rollback would not reach it',
  ],
  [
    't.Resources.U = { Type: "AWS::Lambda::Url", Properties: { AuthType: "NONE", TargetFunctionArn: { "Fn::Sub": "${AFunction.Arn}" } } }',
    'TargetFunctionArn is "a" itself',
  ],
  ['t.Resources.X = { Type: "AWS::SQS::Queu" }', 'there is no resource type AWS::SQS::Queu'],
  ['t.Resources.X = { Type: "AWS::SQS::Queue", Properties: { Delay: 1 } }', 'X, AWS::SQS::Queue: '],
  [
    't.Resources.X = { Type: "AWS::SNS::Topic", Properties: { TopicName: cfn.ref("Nobody") } }',
    'there is no resource "Nobody"',
  ],
  ['t.Resources["X-1"] = { Type: "AWS::SNS::Topic" }', 'the plugin is listed here'],
  ['t.Transform = "AWS::Serverless-2016-10-31"', 'the plugin is listed here'],
  ['t = undefined', 'the plugin is listed here'],
])('a transform cannot break a rule of the template unseen: %s', async (statements, expected) => {
  const problems = await problemsOf(statements);
  expect(problems.every((problem) => problem.startsWith('2:11 '))).toBe(true);
  expect(problems.join('\n')).toContain(expected);
});

test('an output of the user cannot be taken', async () => {
  const problems = await problemsOf('t.Outputs.Url = { Value: "x" }', 'outputs: {Url: y}\n');
  expect(problems).toEqual(['2:11 "./p.mjs" added the output Url, which is also under outputs']);
});

test('a plugin that gives another template each time is refused', async () => {
  const text = project();
  const impure = transforming('t.Resources["X" + Math.random().toString().slice(2)] = { Type: "AWS::SNS::Topic" }');
  await expect(compiled(text, impure)).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  const counting = {
    files: {
      'p.mjs':
        'let n = 0; export const plugin = () => ({ transform: (t) => ({ ...t, Resources: { ...t.Resources, [`X${n++}`]: { Type: "AWS::SNS::Topic" } } }) });',
    },
  };
  await expect(compiled(text, counting)).rejects.toThrow('give another template each time');
});

test.each([
  ['properties: { Code: {} }', 'this setting of a plugin would replace Code, which fx sets itself'],
  ['properties: { MemorySize: 128 }', 'this setting of a plugin would replace MemorySize, which "memory" sets'],
  ['alias: { FunctionVersion: "1" }', 'this setting of a plugin would replace FunctionVersion, which fx sets itself'],
  ['alias: { RoutingConfig: {} }', 'this setting of a plugin would replace RoutingConfig, which fx sets itself'],
])('a setting cannot take what fx or another setting sets: %s', async (contribution, message) => {
  const plugin = `export const plugin = ({ schema }) => ({ settings: { team: { schema: schema.text(), compile: () => ({ ${contribution} }) } } });`;
  const text = 'name: s\nplugins: [./p.mjs]\nfunctions:\n  a:\n    handler: a.handler\n    memory: 256\n    team: x\n';
  const error: unknown = await compiled(text, { files: { 'p.mjs': plugin } }).catch((thrown: unknown) => thrown);
  expect((error as FxError).problems).toEqual([
    expect.objectContaining({ message, at: expect.objectContaining({ line: 7 }) }),
  ]);
});

test('a setting and an event source add to the function, its role and its alias', async () => {
  const plugin = `export const plugin = ({ schema, cfn, events }) => ({
    settings: { team: { schema: schema.text(), compile: (team) => ({ variables: { TEAM: team, TOPIC: cfn.ref('News') }, statements: [cfn.allow('sns:Publish', cfn.ref('News'))] }) } },
    eventSources: { topic: { about: 'A topic.', schema: schema.text(), compile: ({ function: target, config }) => ({
      resources: { [target.id('Topic' + config)]: events.allowInvoke(target, 'sns.amazonaws.com', cfn.ref(config)) } }) } },
  });`;
  const text =
    'name: s\nplugins: [./p.mjs]\ndefaults: {team: x}\nfunctions: {a: {handler: a.handler, events: [{topic: News}]}}\nresources: {News: {Type: AWS::SNS::Topic}}\n';
  const { template, ownedResources } = await compiled(text, { files: { 'a.ts': handler, 'p.mjs': plugin } });
  expect(template.Resources['AFunction']?.Properties?.['Environment']).toEqual({
    Variables: { TEAM: 'x', TOPIC: { Ref: 'News' } },
  });
  expect(JSON.stringify(template.Resources['ARole'])).toContain('"Action":["sns:Publish"],"Resource":[{"Ref":"News"}]');
  expect(ownedResources.get('ATopicNews')).toMatchObject({
    owner: { kind: 'function', name: 'a' },
    from: ['functions', 'a', 'events', 0],
  });
});

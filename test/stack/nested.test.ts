// Nested stacks of a project, seen from the command line: one progress, and the cause of a failure inside of them.
import { afterAll, expect, test } from 'vitest';
import { folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');
await cloud.call('s3', 'CreateBucket', { Bucket: 'nested-templates' });

const parameter = (value: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: value } });
const badQueue = { Type: 'AWS::SQS::Queue', DependsOn: 'Setting', Properties: { QueueName: 'jobs', FifoQueue: true } };

async function stored(name: string, resources: object): Promise<string> {
  const template = {
    Parameters: { Level: { Type: 'String' } },
    Resources: resources,
    Outputs: { Name: { Value: { Ref: 'Setting' } } },
  };
  const Body = Buffer.from(JSON.stringify(template));
  await cloud.call('s3', 'PutObject', { Bucket: 'nested-templates', Key: name, Body });
  return `https://nested-templates.s3.us-east-1.amazonaws.com/${name}`;
}

const project = (url: string, level = 'low') => `name: nest
environments: {staging: {}}
functions: {a: {handler: a.handler}}
resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "${url}", Parameters: {Level: ${level}}}
outputs: {Setting: !GetAtt Child.Outputs.Name}
`;

test('a deploy shows the resources of nested stacks, and the cause of their failures at the line of the stack', async () => {
  const good = await stored('good.json', { Setting: parameter({ Ref: 'Level' }) });
  const folder = await folderOf({
    'project.yml': project(good),
    'a.js': 'export const handler = async () => process.env.X;\n',
  });
  const deploy = () => aws.fx(folder, ['deploy', '--env', 'staging']);
  const first = await deploy();
  expect([first.exitCode, first.stderr]).toEqual([0, expect.stringMatching(/Child\/Setting CREATE_COMPLETE/)]);
  expect(first.stdout).toMatch(/^ {2}Setting +nest-staging-Child-\S+$|^ {2}Setting +\S*Setting\S*$/m);

  await writeFiles(folder, { 'project.yml': project(good, 'high') });
  const second = await deploy();
  expect([second.exitCode, second.stderr]).toEqual([0, expect.stringMatching(/Child\/Setting UPDATE_COMPLETE/)]);

  const bad = await stored('bad.json', { Setting: parameter({ Ref: 'Level' }), Jobs: badQueue });
  await writeFiles(folder, { 'project.yml': project(bad, 'high') });
  const failed = await deploy();
  expect(failed.exitCode).toBe(3);
  // the cause before its consequence
  expect(failed.stderr).toMatch(/Child\/Jobs CREATE_FAILED[\s\S]*Child UPDATE_FAILED/);
  expect(failed.stderr).toMatch(
    /error the deploy failed: Child\/Jobs \(AWS::SQS::Queue\)[^\n]*\n\nproject\.yml:5:3 The name of a FIFO queue/,
  );

  await writeFiles(folder, { 'project.yml': project(good, 'high') });
  expect((await deploy()).stdout).toContain('Nothing to change');
  const removed = await aws.fx(folder, ['remove', '--env', 'staging', '--yes']);
  expect([removed.exitCode, removed.stderr]).toEqual([0, expect.any(String)]);
});

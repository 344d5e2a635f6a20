// When a function is republished because of a value from another resource.
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';

const withValue = (value: string) => `
name: s
functions: {a: {handler: a.handler, variables: {LEVEL: !GetAtt Level.Value, NAME: !Ref Level}}}
resources: {Level: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /level, Value: ${value}}}}
`;

test('a property behind an attribute makes a new version when it changes in place', async () => {
  const ids = await Promise.all(
    ['one', 'two', 'one'].map(async (value) =>
      Object.keys((await compiled(withValue(value))).template.Resources).find((id) => id.startsWith('AVersion')),
    ),
  );
  expect(ids[1]).not.toBe(ids[0]);
  expect(ids[2]).toBe(ids[0]);
});

const versionOf = async (settings: string, rest = '') => {
  const { template } = await compiled(`name: s\nfunctions: {a: {handler: a.handler${settings}}}\n${rest}`);
  return Object.keys(template.Resources).find((id) => id.startsWith('AVersion'));
};

test('writing out a default of Lambda makes no new version, since Lambda would publish none', async () => {
  const without = await versionOf('');
  for (const written of [
    'tracing: PassThrough',
    'snapStart: false',
    'logging: {logFormat: Text}',
    'memory: 512',
    'layers: []',
    'description: ""',
    'variables: {}',
    // not part of a version
    'reservedConcurrency: 5',
    'provisionedConcurrency: 2',
    'recursiveLoop: Allow',
    'tags: {team: a}',
    'maximumRetryAttempts: 0',
    'url: AWS_IAM',
    'permissions: ["s3:GetObject on *"]',
  ])
    expect([written, await versionOf(`, ${written}`)]).toEqual([written, without]);
  const signed =
    'extend: {AFunction: {Properties: {CodeSigningConfigArn: "arn:aws:lambda:us-east-1:111122223333:code-signing-config:csc-0123456789abcdef0"}}}\n';
  expect(await versionOf('', signed)).toBe(without);
  const json = await versionOf(', logging: {logFormat: JSON}');
  expect(await versionOf(', logging: {logFormat: JSON, applicationLogLevel: INFO, systemLogLevel: INFO}')).toBe(json);
});

test('everything else in a version makes a new one', async () => {
  const changed = [
    'tracing: Active',
    'logging: {logFormat: JSON}',
    'logging: {logFormat: JSON, applicationLogLevel: DEBUG}',
    'logging: {logGroup: /x}',
    'logging: false',
    'memory: 513',
    'timeout: 11',
    'ephemeralStorage: 1024',
    'description: x',
    'architecture: x86_64',
    'runtime: nodejs22.x',
    'variables: {AA: "1"}',
    'secrets: {AA: "ssm:/x"}',
    'kmsKeyArn: "arn:aws:kms:us-east-1:111122223333:key/1"',
    'layers: ["arn:aws:lambda:us-east-1:111122223333:layer:fonts:3"]',
    'deadLetterQueue: "arn:aws:sqs:us-east-1:111122223333:q"',
    'vpc: {subnetIds: [subnet-1], securityGroupIds: [sg-1]}',
    'vpc: {subnetIds: [subnet-1], securityGroupIds: [sg-1], ipv6AllowedForDualStack: true}',
  ];
  const ids = await Promise.all([undefined, ...changed].map((one) => versionOf(one === undefined ? '' : `, ${one}`)));
  expect(new Set(ids).size).toBe(ids.length);
});

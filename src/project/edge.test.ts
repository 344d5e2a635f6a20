// What is refused of functions at the edge before anything is built.
import { describe, expect, test } from 'vitest';
import { projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const small = 'handler: a.handler, architecture: x86_64, memory: 128, timeout: 5';

async function problems(yaml: string): Promise<readonly string[]> {
  try {
    await projectOf(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return (error.problems ?? []).map(({ message }) => message);
  }
}

const project = (event: string, { settings = small, site = 'folder: public, rewrite: false', more = '' } = {}) =>
  `name: s\nregion: us-east-1\n${site === '' ? '' : `site: {${site}}\n`}functions: {a: {${settings}, events: [{edge: ${event}}]}}\n${more}`;

test('a small function of us-east-1 is fine, on each of the four events', async () => {
  for (const event of ['viewer-request', 'origin-request', 'origin-response', 'viewer-response']) {
    expect(await problems(project(event))).toEqual([]);
  }
  expect(
    await problems(
      project('{on: origin-request, body: true}', {
        settings: 'handler: a.handler, architecture: x86_64, timeout: 30',
      }),
    ),
  ).toEqual([]);
});

test('source maps are off, since the variable that turns them on is not possible', async () => {
  const { functions } = await projectOf(project('origin-request'));
  expect(functions[0]?.packaging.sourceMap).toBe(false);
  expect(await problems(project('origin-request', { settings: `${small}, sourceMap: true` }))).toEqual([
    'Lambda@Edge does not support the variable that turns on source maps',
  ]);
});

describe('settings that Lambda@Edge does not support', () => {
  test.each([
    ['handler: a.handler, memory: 128, timeout: 5', 'Lambda@Edge runs on x86_64 only'],
    [
      'handler: a.handler, architecture: x86_64, memory: 256, timeout: 5',
      'Lambda@Edge gives a function on viewer-request 128 MB, and "a" has 256',
    ],
    [
      'handler: a.handler, architecture: x86_64, memory: 128, timeout: 6',
      'Lambda@Edge waits 5 seconds on viewer-request, and "a" may take 6',
    ],
    [`${small}, variables: {AB: "1", CD: "2"}`, 'Lambda@Edge has no environment variables, and "a" has AB, CD'],
    [`${small}, tracing: Active`, 'Lambda@Edge does not support X-Ray'],
    [`${small}, ephemeralStorage: 1024`, 'Lambda@Edge does not support more than 512 MB of /tmp'],
    [`${small}, layers: ["arn:aws:lambda:us-east-1:111122223333:layer:l:1"]`, 'Lambda@Edge does not support layers'],
    [
      `${small}, vpc: {subnetIds: [subnet-0a1b2c3d], securityGroupIds: [sg-0a1b2c3d]}`,
      'Lambda@Edge does not support networks',
    ],
    [`${small}, provisionedConcurrency: 1`, 'Lambda@Edge does not support provisioned concurrency'],
    [`${small}, secrets: {KEY: "ssm:/a"}`, 'Lambda@Edge does not support environment variables, so no secrets'],
    [
      'artifact: a.zip, handler: a, runtime: provided.al2023, architecture: x86_64, memory: 128, timeout: 5',
      'Lambda@Edge runs Node.js and Python, not provided.al2023',
    ],
  ])('%s', async (settings, message) => {
    expect(await problems(project('viewer-request', { settings }))).toEqual([message]);
  });
});

describe('events that CloudFront refuses', () => {
  const cdn = (behaviors: string) =>
    `resources: {Cdn: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Enabled: true, ${behaviors}}}}, Queue: {Type: AWS::SQS::Queue}}\n`;
  const plain = 'DefaultCacheBehavior: {TargetOriginId: a, ViewerProtocolPolicy: allow-all}';
  test.each([
    [
      'viewer-request',
      { site: 'folder: public' },
      'CloudFront runs either the function of the site that finds the index of a folder, or viewer-request of Lambda@Edge',
    ],
    [
      'viewer-response',
      { site: 'folder: public' },
      'CloudFront runs either the function of the site that finds the index of a folder, or viewer-response of Lambda@Edge',
    ],
    ['origin-request', { site: '' }, 'the project has no site whose requests the function could handle'],
    ['{on: origin-request, of: api}', {}, 'the site has no API'],
    ['{on: origin-response, body: true}', {}, 'the event of origin-response contains no body: remove `body`'],
    [
      '{on: origin-request, of: api, distribution: Cdn}',
      {},
      '`of` is about the site, and `distribution` about another distribution: remove one of them',
    ],
    [
      '{on: origin-request, path: a/*}',
      {},
      '`path` names a behavior of `distribution`; for the site, write `of: files` or `of: api`',
    ],
    ['{on: origin-request, distribution: Cdm}', { more: cdn(plain) }, 'there is no distribution "Cdm" under resources'],
    [
      '{on: origin-request, distribution: Queue}',
      { more: cdn(plain) },
      '"Queue" is AWS::SQS::Queue, not AWS::CloudFront::Distribution',
    ],
    [
      '{on: origin-request, distribution: Cdn, path: a/*}',
      { more: cdn(plain) },
      'Cdn has no behavior with the path pattern a/*',
    ],
    [
      '{on: viewer-request, distribution: Cdn}',
      {
        more: cdn(
          'DefaultCacheBehavior: {TargetOriginId: a, ViewerProtocolPolicy: allow-all, FunctionAssociations: [{EventType: viewer-request, FunctionARN: a}]}',
        ),
      },
      'the default behavior of Cdn has a CloudFront function, with which CloudFront runs no viewer-request of Lambda@Edge',
    ],
  ])('%s', async (event, options, message) => {
    expect(await problems(project(event, options))).toEqual([message]);
  });

  test('in another region', async () => {
    const yaml = project('origin-request').replace('us-east-1', 'eu-west-1');
    expect(await problems(yaml)).toEqual([
      'CloudFront takes functions of us-east-1 only, and this environment is in eu-west-1',
    ]);
  });

  test('on one event of one behavior twice', async () => {
    const yaml = `name: s\nregion: us-east-1\nsite: {folder: public}\nfunctions:\n  a: {${small}, events: [{edge: origin-request}]}\n  b: {${small}, events: [{edge: origin-request}]}\n`;
    expect(await problems(yaml)).toEqual([
      '"a" is called on origin-request for the files of the site already, and CloudFront calls one function',
    ]);
  });
});

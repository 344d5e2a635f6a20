// `s3`: buckets that are there, made or elsewhere; filters, overlaps, rules of EventBridge, and references that would be cycles.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { decodedFilter, encodedFilter } from '../cfn/bucket-events.ts';
import { compileEventPattern } from '../cfn/event-pattern.ts';
import { busDialect } from '../cfn/event-pattern-language.ts';
import { bucketPattern } from './_bucket-rule.ts';

const project = (events: string, more = '', ofFunction = '') =>
  `name: s\nregion: us-east-1\nfunctions:\n  a: {handler: a.handler, events: [${events}]${ofFunction}}\n${more}`;
const Uploads = 'resources: {Uploads: {Type: AWS::S3::Bucket}}\n';
const Named = 'resources: {Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: the-uploads}}}\n';

async function problems(text: string) {
  const error = await compiled(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}

test('a bucket notifies the live alias, which only this bucket of this account may call', async () => {
  const { template } = await compiled(project('{s3: Uploads}', Named));
  expect(template.Resources['Uploads']).toEqual({
    Type: 'AWS::S3::Bucket',
    DependsOn: ['AS3UploadsPermission'],
    Properties: {
      BucketName: 'the-uploads',
      NotificationConfiguration: {
        LambdaConfigurations: [{ Event: 's3:ObjectCreated:*', Function: { Ref: 'AAlias' } }],
      },
    },
  });
  expect(template.Resources['AS3UploadsPermission']?.Properties).toMatchObject({
    Principal: 's3.amazonaws.com',
    SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::the-uploads' },
    SourceAccount: { Ref: 'AWS::AccountId' },
  });
});

test('the permission of a bucket without a name is for the names that CloudFormation can make', async () => {
  const { template } = await compiled(project('{s3: Uploads}', Uploads));
  expect(JSON.stringify(template.Resources['AS3UploadsPermission'])).toContain(':s3:::s-local-uploads-*"');
  const named = await compiled(`stackName: The-Shop\n${project('{s3: Uploads}', Uploads)}`);
  expect(JSON.stringify(named.template.Resources['AS3UploadsPermission'])).toContain(':s3:::the-shop-uploads-*"');
  const long = project('{s3: Uploads}', Uploads).replace('name: s\n', `name: ${'s'.repeat(40)}\n`);
  expect(JSON.stringify((await compiled(long)).template.Resources['AS3UploadsPermission'])).toContain(':s3:::*"');
});

test('references to the bucket from what it calls become its name, so that there is no cycle', async () => {
  const own =
    ', variables: {BUCKET: !Ref Uploads, ALL: !Sub "s3://${Uploads}/x"}, permissions: ["s3:GetObject on Uploads"]';
  const { template } = await compiled(project('{s3: Uploads}', Named, own));
  const text = JSON.stringify([template.Resources['AFunction'], template.Resources['ARole']]);
  expect(text).toContain('"BUCKET":"the-uploads"');
  expect(text).toContain('"ALL":"s3://the-uploads/x"');
  expect(text).toContain(':s3:::the-uploads/*"');
  expect(text).not.toContain('"Uploads');
  expect(await problems(project('{s3: Uploads}', Uploads, own))).toEqual([
    '"Uploads" needs "a", which refers to "Uploads": CloudFormation can create neither first | give "Uploads" a BucketName, or let EventBridge call the function: s3: {bucket: Uploads, rule: true}',
  ]);
  const byRule = await compiled(project('{s3: {bucket: Uploads, rule: true}}', Uploads, own));
  expect(JSON.stringify(byRule.template.Resources['AFunction'])).toContain('"BUCKET":{"Ref":"Uploads"}');
});

test('so do references from a function that it calls through another one', async () => {
  const more = '  b: {handler: b.handler, variables: {BUCKET: !Ref Uploads}}\n';
  const { template } = await compiled(
    project('{s3: {bucket: {make: Uploads}}}', more, ', variables: {NEXT: !Ref BAlias}'),
  );
  expect(template.Resources['BFunction']?.Properties?.['Environment']).toMatchObject({
    Variables: { BUCKET: { 'Fn::Sub': 's-local-uploads-${AWS::AccountId}-us-east-1' } },
  });
});

test('several functions share a bucket that one of them makes', async () => {
  const more = '  b: {handler: b.handler, events: [{s3: {bucket: Up, suffix: .b c~}}]}\n';
  const { template } = await compiled(project('{s3: {bucket: {make: Up}, suffix: .a}}', more));
  expect(template.Resources['Up']?.Properties?.['NotificationConfiguration']).toEqual({
    LambdaConfigurations: [
      {
        Event: 's3:ObjectCreated:*',
        Function: { Ref: 'AAlias' },
        Filter: { S3Key: { Rules: [{ Name: 'suffix', Value: '.a' }] } },
      },
      {
        Event: 's3:ObjectCreated:*',
        Function: { Ref: 'BAlias' },
        Filter: { S3Key: { Rules: [{ Name: 'suffix', Value: '.b+c%7E' }] } },
      },
    ],
  });
  expect(template.Resources['Up']?.DependsOn).toEqual(['AS3UpPermission', 'BS3UpPermission']);
  expect(template.Outputs?.['UpName']?.Value).toEqual({ Ref: 'Up' });
});

test('a bucket elsewhere is reached by a rule, and none of its settings change', async () => {
  const { template, project: loaded } = await compiled(
    project('{s3: {bucket: shared-files, prefix: in/, suffix: .x}}'),
  );
  expect(template.Resources['AS3SharedFilesRule']?.Properties).toMatchObject({
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['shared-files'] }, object: { key: [{ wildcard: 'in/*.x' }] } },
    },
    Targets: [{ Id: 'live', Arn: { Ref: 'AAlias' } }],
  });
  expect(Object.values(template.Resources).map(({ Type }) => Type)).not.toContain('AWS::S3::Bucket');
  const source = loaded.plugins.sources['s3'];
  expect(source?.describe(loaded.functions[0]?.events[0]?.config)).toBe(
    's3 shared-files in/*.x ObjectCreated:* by a rule (the bucket must send its events to EventBridge)',
  );
});

test.each<[string, string, string]>([
  ['{s3: Uplaods}', Uploads, 'there is no bucket "Uplaods" under resources | did you mean "Uploads"?'],
  ['{s3: Files}', '', 'there is no bucket "Files" under resources | let fx make it: s3: {bucket: {make: Files}}'],
  ['{s3: my_files}', '', '"my_files" is not the logical id, name or ARN of a bucket'],
  [
    '{s3: Uploads}',
    'resources: {Uploads: {Type: AWS::SQS::Queue}}\n',
    '"Uploads" is AWS::SQS::Queue, not AWS::S3::Bucket',
  ],
  [
    '{s3: Uploads}, {s3: {bucket: Uploads, prefix: in/}}',
    Uploads,
    '"a" gets ObjectCreated:Put of the same keys of "Uploads", and S3 notifies only one destination of an event | choose prefixes or suffixes that exclude each other, or write rule: true at one of them',
  ],
  [
    '{s3: {bucket: Uploads, events: [ObjectRemoved:Delete]}}',
    'resources: {Uploads: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {TopicConfigurations: [{Event: "s3:ObjectRemoved:*", Topic: "arn:aws:sns:us-east-1:111122223333:t"}]}}}}\n',
    'a topic in its NotificationConfiguration gets ObjectRemoved:Delete of the same keys of "Uploads", and S3 notifies only one destination of an event | choose prefixes or suffixes that exclude each other, or write rule: true at one of them',
  ],
  [
    '{s3: Uploads}',
    'resources: {Uploads: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: !If [C, {}, {}]}}}\nconditions: {C: !Equals [a, a]}\n',
    'fx cannot add to the NotificationConfiguration of "Uploads", which is not a map | write a map there, with intrinsics inside',
  ],
  [
    '{s3: {bucket: Uploads, prefix: "in/*"}}',
    Uploads,
    '"in/*": S3 takes no wildcards | write how keys begin or end, as it is',
  ],
  [
    '{s3: Uploads}',
    'resources: {Uploads: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {LambdaConfigurations: !If [C, [], []]}}}}\nconditions: {C: !Equals [a, a]}\n',
    '"Uploads" has its own NotificationConfiguration.LambdaConfigurations, which the event cannot add to | give "Uploads" a BucketName, or let EventBridge call the function: s3: {bucket: Uploads, rule: true}',
  ],
  [
    '{s3: {bucket: Uploads, rule: true}}',
    'resources: {Uploads: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: false}}}}}\n',
    '"Uploads" has its own NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled, which the event cannot add to',
  ],
  ['{s3: {bucket: shared-files, events: ["Replication:*"]}}', '', 'S3 does not send Replication:* to EventBridge'],
  [
    '{s3: {bucket: Uploads, events: [ObjectCreate:*]}}',
    Uploads,
    'S3 has no event "ObjectCreate:*" | did you mean "ObjectCreated:*"?',
  ],
  [
    '{s3: {bucket: Uploads, events: ["ObjectCreated:*", ObjectCreated:Put]}}',
    Uploads,
    'ObjectCreated:* includes the other event: remove that one',
  ],
  [
    '{s3: {bucket: {make: Up}}}, {s3: {bucket: {make: Up}, suffix: a}}',
    '',
    'two buckets would have the logical id "Up" | for events of the same bucket: s3: Up',
  ],
])('%s', async (events, more, problem) => {
  expect(await problems(project(events, more))).toContain(problem);
});

describe('the pattern of a rule', () => {
  const event = (type: string, detail: object) => ({ source: 'aws.s3', 'detail-type': type, detail });
  const selects = (events: string[], one: object, filter: { prefix?: string; suffix?: string } = {}) => {
    const pattern = bucketPattern({ bucket: 'b', events, prefix: filter.prefix, suffix: filter.suffix });
    return compileEventPattern(pattern, busDialect)(one);
  };
  const object = (key: string) => ({ bucket: { name: 'b' }, object: { key } });

  test('selects the events of its names', () => {
    const put = event('Object Created', { ...object('k'), reason: 'PutObject' });
    const copy = event('Object Created', { ...object('k'), reason: 'CopyObject' });
    const tags = event('Object Tags Added', object('k'));
    const several = ['s3:ObjectCreated:Put', 's3:ObjectTagging:*'];
    expect([put, copy, tags].map((one) => selects(several, one))).toEqual([true, false, true]);
    expect([put, copy, tags].map((one) => selects(['s3:ObjectCreated:*'], one))).toEqual([true, true, false]);
    expect([put, copy, tags].map((one) => selects(['s3:ObjectCreated:Copy'], one))).toEqual([false, true, false]);
    const elsewhere = event('Object Created', { bucket: { name: 'c' }, object: { key: 'k' } });
    expect(selects(['s3:ObjectCreated:*'], elsewhere)).toBe(false);
  });

  test('selects keys as they begin and end', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '*', '\\', '/'), maxLength: 4 });
    fc.assert(
      fc.property(text, text, text, (prefix, middle, suffix) => {
        const keys = [`${prefix}${middle}${suffix}`, `${middle}${suffix}`, `${prefix}${middle}`];
        for (const key of keys) {
          const expected =
            key.startsWith(prefix) && key.endsWith(suffix) && key.length >= prefix.length + suffix.length;
          const one = event('Object Created', object(key));
          expect(selects(['s3:ObjectCreated:*'], one, { prefix, suffix })).toBe(expected);
        }
      }),
    );
  });
});

test('a filter is encoded so that it decodes to itself', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decodedFilter(encodedFilter(text)) === text));
});

test('an entry is short or long', async () => {
  await expect(projectOf(project('{s3: {bucket: Uploads, filterPrefix: a}}', Uploads))).rejects.toThrow();
});

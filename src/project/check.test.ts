// AWS's rules that depend on more than one value, and on the date.
import { describe, expect, test } from 'vitest';
import { folderOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { loadProject } from './load.ts';

const today = new Date('2026-11-25T00:00:00Z');

async function loaded(text: string, options: { today?: Date; version?: string } = {}) {
  const folder = await folderOf({ 'project.yml': text });
  return loadProject({ folder, environment: 'local', variables: {}, shownFrom: folder, today, ...options });
}

async function problemOf(settings: string, rest = ''): Promise<string> {
  const error = await loaded(`name: s\nfunctions:\n  a: {handler: a.h, ${settings}}\n${rest}`).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${JSON.stringify(error)}`);
  return error.problems
    .map(({ at, message, hint }) => `${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`)
    .join('\n');
}

describe('settings of a function', () => {
  test.each([
    [
      'provisionedConcurrency: 5, reservedConcurrency: 2',
      /^3:21 provisionedConcurrency is 5, more than the reservedConcurrency of 2/,
    ],
    [
      'fileSystem: {arn: "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0", localMountPath: /mnt/a}',
      /fileSystem needs a vpc/,
    ],
    [
      'fileSystem: {arn: "arn:aws:s3:::x", localMountPath: /data}',
      /expected the ARN of an access point[\s\S]*expected a folder such as \/mnt\/data/,
    ],
    ['snapStart: true', /nodejs24\.x does not support SnapStart \| use Java 11, Python 3\.12, \.NET 8 or later/],
    ['deadLetterQueue: Q, destinations: {onFailure: Q}', /deadLetterQueue and destinations\.onFailure/],
    ['logging: {applicationLogLevel: DEBUG}', /applicationLogLevel needs logFormat: JSON/],
    [
      'logging: {logGroup: /x, retentionInDays: 7}',
      /retentionInDays cannot be set here: fx does not manage the log group "\/x"/,
    ],
    [
      'logging: {logGroup: /x, logGroupName: /y}',
      /logGroupName cannot be set here: fx does not manage the log group "\/x"/,
    ],
    ['logging: true', /expected false or a map/],
    ['url: true', /write url: NONE for a public URL/],
    ['runtimeManagement: Manual', /Manual needs a runtimeVersionArn/],
    [
      'runtimeManagement: {updateRuntimeOn: Auto, runtimeVersionArn: "arn:aws:lambda:eu-west-1::runtime:x"}',
      /runtimeVersionArn needs updateRuntimeOn: Manual/,
    ],
    ['maximumRetryAttempts: 3', /expected a whole number from 0 to 2/],
    ['maximumEventAge: 30', /expected a time from 1m to 6h/],
    ['maximumEventAge: 7h', /expected a time from 1m to 6h/],
    ['layers: [a, b, c, d, e, f]', /expected at most 5 here, found 6/],
    ['vpc: {subnets: [subnet-1], securityGroupIds: [sg-1]}', /"subnets" is called `subnetIds` here/],
    ['memorySize: 128', /"memorySize" is called `memory` here/],
    ['environment: {A: b}', /"environment" is called `variables` here/],
    ['onError: x', /"onError" is called `deadLetterQueue` here/],
    ['iamRoleStatements: []', /"iamRoleStatements" is called `permissions` here/],
    ['reserved_concurrency: 1', /"reserved_concurrency" is called `reservedConcurrency` here/],
    ['secrets: {KEY: /shop/key}', /expected ssm:\/path\/of\/a\/parameter, or secretsmanager:/],
    ['secrets: {KEY: ssm:/a}, variables: {KEY: b}', /KEY is both a variable and a secret/],
    ['secrets: {KEY: ssm:/a}, variables: {FX_HANDLER: b}', /FX_HANDLER is reserved: fx uses it to load secrets/],
    [
      `secrets: {${Array.from({ length: 60 }, (_, index) => `KEY_${index}: ssm:/${'a'.repeat(60)}/${index}`).join(', ')}}`,
      /variables and the names of secrets have \d+ bytes; Lambda allows 4096 in all/,
    ],
    ['kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:alias/a"', /of the key, not of an alias/],
    [
      'fileSystem: {arn: "arn:aws:elasticfilesystem:eu-west-1:1:access-point/fsap-1", localMountPath: /mnt/a}',
      /the ARN of an access point/,
    ],
    [
      'logging: {logGroupClass: INFREQUENT_ACCESS, dataProtectionPolicy: {Name: a}}',
      /logGroupClass INFREQUENT_ACCESS does not support dataProtectionPolicy/,
    ],
    ['image: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1"', /a function has a handler or an image, not both/],
    ['artifact: a.zip, runtime: nodejs24.x, include: [b.txt]', /include has no effect on a prebuilt archive/],
    ['condition: Nope', /there is no condition "Nope"/],
    ['tags: {"aws:x": y}', /is not a tag key/],
    [
      'runtime: nodejs18.x',
      /fx does not build for nodejs18\.x, which AWS supported until 2025-09-01 \| move to nodejs24\.x/,
    ],
    ['architecture: arm', /did you mean arm64\?/],
  ])('%s', async (settings, message) => {
    expect(await problemOf(settings)).toMatch(message);
  });

  test('variables of more than 4 KB', async () => {
    expect(await problemOf(`variables: {BIG: ${'x'.repeat(4090)}}`)).toMatch(
      /the variables have 41\d\d bytes; Lambda allows 4096 in all/,
    );
    await loaded(`name: s\nfunctions: {a: {handler: a.h, variables: {BIG: ${'x'.repeat(4000)}}}}\n`);
  });

  test('two functions with one name in AWS', async () => {
    const text =
      'name: s\ndefaults: {functionName: "${name}-${env}"}\nfunctions: {a: {handler: a.h}, b: {handler: b.h}}\n';
    await expect(loaded(text)).rejects.toMatchObject({
      problems: [{ message: 'the functions "a" and "b" have the same name in AWS, s-local', at: { line: 2 } }],
    });
  });

  test('numbers that parsing would change stay as written', async () => {
    const project = await loaded(
      'name: s\nfunctions: {a: {handler: a.h, variables: {ID: 012345678901, VERSION: 1.10, BIG: 12345678901234567890, NN: 5, HALF: 0.5, COMMIT: 12e10, HEX: 0x1F, INF: .inf}}}\n',
    );
    expect(Object.fromEntries(project.functions[0]?.variables ?? [])).toEqual({
      ID: '012345678901',
      COMMIT: '12e10',
      HEX: '0x1F',
      INF: '.inf',
      VERSION: '1.10',
      BIG: '12345678901234567890',
      NN: '5',
      HALF: '0.5',
    });
  });
});

describe('runtimes by date', () => {
  const of = (runtime: string, day: string) =>
    loaded(`name: s\nfunctions: {a: {handler: a.h, runtime: ${runtime}}}\n`, { today: new Date(day) });

  test('that is supported: nothing', async () => {
    expect((await of('nodejs20.x', '2026-04-29')).warnings).toEqual([]);
    expect((await of('nodejs24.x', '2026-11-25')).warnings).toEqual([]);
  });

  test('that is deprecated: a warning with its dates and the replacement', async () => {
    expect((await of('nodejs20.x', '2026-04-30')).warnings).toEqual([
      {
        at: expect.objectContaining({ line: 2 }),
        message:
          'nodejs20.x is deprecated since 2026-04-30; from 2027-02-01 AWS will create no functions with it, and from 2027-03-03 update none',
        hint: 'move to nodejs24.x',
      },
    ]);
    expect((await of('nodejs20.x', '2027-02-01')).warnings[0]?.message).toContain(
      'since 2027-02-01 AWS creates no functions with it',
    );
  });

  test('that is retired: an error', async () => {
    await expect(of('nodejs20.x', '2027-03-03')).rejects.toMatchObject({
      problems: [
        {
          message: 'nodejs20.x is retired: since 2027-03-03, AWS does not update its functions',
          hint: 'move to nodejs24.x',
        },
      ],
    });
  });

  test('that is a preview: a warning, at any date', async () => {
    expect((await of('nodejs26.x', '2026-11-26')).warnings).toEqual([
      {
        at: expect.objectContaining({ line: 2 }),
        message: 'nodejs26.x is a public preview: AWS does not recommend it for production',
      },
    ]);
  });

  test('of Java on Amazon Linux 2: a warning that names the same Java on Amazon Linux 2023', async () => {
    expect((await of('java17', '2027-06-30')).warnings[0]?.hint).toBe('move to java17.al2023, or to java25');
    expect((await of('java8.al2', '2027-06-30')).warnings[0]?.hint).toBe('move to java8.al2023, or to java25');
    expect((await of('java17.al2023', '2029-06-30')).warnings[0]?.message).toBe(
      'java17.al2023 is deprecated since 2029-06-30',
    );
  });

  test('as a default, reported once', async () => {
    const project = await loaded(
      'name: s\ndefaults: {runtime: nodejs20.x}\nfunctions: {a: {handler: a.h}, b: {handler: b.h}}\n',
    );
    expect(project.warnings).toHaveLength(1);
  });
});

describe('regions', () => {
  test.each([
    ['eu-west-1', 'taken'],
    ['us-gov-east-1', 'taken'],
    ['eusc-de-east-1', 'taken'],
    ['eu-west-9', 'warned'],
    ['eu-wset-1', 'refused'],
    ['europe-west-1', 'refused'],
  ])('%s is %s', async (region, outcome) => {
    const result = await loaded(`name: s\nregion: ${region}\n`).then(
      ({ warnings }) => (warnings.length > 0 ? 'warned' : 'taken'),
      () => 'refused',
    );
    expect(result).toBe(outcome);
  });
});

describe('the version of fx', () => {
  const of = (range: string) => loaded(`name: s\nfxVersion: "${range}"\n`, { version: '0.3.1' });
  test('is accepted if it is in the range; another is a problem, and so is an invalid range', async () => {
    await of('^0.3.0');
    await of('>=0.1 <1');
    await expect(of('^1.0.0')).rejects.toMatchObject({
      problems: [{ message: 'this is fx 0.3.1, but the project needs ^1.0.0' }],
    });
    await expect(of('newest')).rejects.toMatchObject({
      problems: [{ message: '"newest" is not a valid version range' }],
    });
  });
});

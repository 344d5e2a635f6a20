import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packagedFile, packagedText, packageFolder } from '../base/packaged.ts';
import {
  attributesOf,
  coerceProperties,
  propertiesMessage,
  type ResourceSchema,
  type ResourceSchemas,
  replacementOf,
  resourceSchemas,
  validateProperties,
} from './resource-schema.ts';

let schemas: ResourceSchemas;
const read: string[] = [];

beforeAll(() => {
  if (!existsSync(packagedFile('resource-schemas/AWS-Lambda.json.br'))) {
    execFileSync(process.execPath, [join(packageFolder(), 'scripts/extract-resource-schemas.mjs')]);
  }
  schemas = resourceSchemas((file) => {
    read.push(file);
    return packagedText(`resource-schemas/${file}`);
  });
});

function schemaOf(type: string): ResourceSchema {
  const schema = schemas(type);
  if (schema === undefined) throw new Error(`no schema of ${type}`);
  return schema;
}
const problems = (type: string, properties: unknown) =>
  validateProperties(type, properties, schemaOf(type)).map(({ path, aws }) => `${path.join('/')}: ${aws}`);

const lambda = { Role: 'arn:aws:iam::000000000000:role/r', Code: { ZipFile: 'x' } };

describe('the resource schemas', () => {
  it('read a service once, when one of its types is first needed', () => {
    read.length = 0;
    const lazily = resourceSchemas((file) => {
      read.push(file);
      return packagedText(`resource-schemas/${file}`);
    });
    expect(read).toEqual([]);
    lazily('AWS::SQS::Queue');
    lazily('AWS::SQS::QueuePolicy');
    expect(read).toEqual(['AWS-SQS.json']);
  });

  it('answer a type that does not exist with undefined', () => {
    expect(schemas('AWS::Lambda::Nope')).toBeUndefined();
    expect(schemas('AWS::Nope::Nope')).toBeUndefined();
    expect(schemas('AWS::../../x::Nope')).toBeUndefined();
    expect(schemas('nonsense')).toBeUndefined();
  });

  it('know attributes and which changes replace a resource', () => {
    expect(attributesOf(schemaOf('AWS::SQS::Queue'))).toContain('Arn');
    expect(replacementOf(schemaOf('AWS::Lambda::Function'), ['FunctionName'])).toBe('yes');
    expect(replacementOf(schemaOf('AWS::Lambda::Function'), ['MemorySize'])).toBe('no');
    expect(replacementOf(schemaOf('AWS::Lambda::Version'), ['Description'])).toBe('yes');
    expect(replacementOf(schemaOf('AWS::EFS::AccessPoint'), ['PosixUser', 'Uid'])).toBe('yes');
  });
});

describe('validateProperties', () => {
  it('accepts properties that CloudFormation accepts', () => {
    expect(
      problems('AWS::Lambda::Function', {
        ...lambda,
        Runtime: 'nodejs22.x',
        MemorySize: '512',
        Timeout: { Ref: 'Seconds' },
        Environment: { Variables: { A: 1, B: true, C: { 'Fn::Sub': '${D}' } } },
        Tags: [{ Key: 'a', Value: 'b' }],
        Architectures: { 'Fn::If': ['Arm', ['arm64'], { Ref: 'AWS::NoValue' }] },
      }),
    ).toEqual([]);
    expect(problems('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: { Statement: [] }, Roles: ['r'] })).toEqual(
      [],
    );
    expect(problems('AWS::SQS::Queue', { FifoQueue: 'true', VisibilityTimeout: 30 })).toEqual([]);
  });

  it('finds unknown and missing properties, including nested ones', () => {
    expect(problems('AWS::Lambda::Function', { Code: { S3Buket: 'b' }, Memory: 1 })).toEqual([
      'Role: required key [Role] not found',
      'Code/S3Buket: extraneous key [S3Buket] is not permitted',
      'Memory: extraneous key [Memory] is not permitted',
    ]);
    expect(problems('AWS::SQS::Queue', { Tags: [{ Key: 'a' }] })).toEqual([
      'Tags/0/Value: required key [Value] not found',
    ]);
    expect(problems('AWS::CloudFormation::WaitConditionHandle', { A: 1 })).toEqual([
      'A: extraneous key [A] is not permitted',
    ]);
  });

  it('finds values of a wrong type', () => {
    expect(
      problems('AWS::Lambda::Function', {
        ...lambda,
        MemorySize: 'big',
        Timeout: 1.5,
        Environment: { Variables: ['A'] },
        Layers: 'arn',
        Handler: { a: 1 },
      }),
    ).toEqual([
      'MemorySize: expected type: Integer, found: String',
      'Timeout: expected type: Integer, found: BigDecimal',
      'Environment/Variables: expected type: JSONObject, found: JSONArray',
      'Layers: expected type: JSONArray, found: String',
      'Handler: expected type: String, found: JSONObject',
    ]);
  });

  it('finds values outside their limits', () => {
    expect(
      problems('AWS::Lambda::Function', {
        ...lambda,
        PackageType: 'Tar',
        MemorySize: 64,
        Architectures: ['arm32'],
        FunctionName: 'a b',
        Description: 'x'.repeat(257),
      }),
    ).toEqual([
      'PackageType: failed validation constraint for keyword [enum]',
      'MemorySize: failed validation constraint for keyword [minimum]',
      'Architectures/0: failed validation constraint for keyword [enum]',
      'FunctionName: failed validation constraint for keyword [pattern]',
      'Description: expected maxLength: 256, actual: 257',
    ]);
    expect(problems('AWS::Logs::LogGroup', { RetentionInDays: 4 })).toHaveLength(1);
  });

  it('checks both branches of Fn::If', () => {
    expect(problems('AWS::SQS::Queue', { DelaySeconds: { 'Fn::If': ['C', 'a', 901] } })).toEqual([
      'DelaySeconds/Fn::If/1: expected type: Integer, found: String',
      'DelaySeconds/Fn::If/2: failed validation constraint for keyword [maximum]',
    ]);
  });

  it('prints problems as CloudFormation does', () => {
    const print = (properties: unknown) =>
      propertiesMessage(
        'F',
        validateProperties('AWS::Lambda::Function', properties, schemaOf('AWS::Lambda::Function')),
      );
    // https://github.com/NomadBlacky/cdk-datadog-resources/issues/86
    expect(print({ ...lambda, Nope: 1 })).toBe(
      'Properties validation failed for resource F with message:\n#: extraneous key [Nope] is not permitted',
    );
    expect(print({ ...lambda, Code: { Nope: 1 }, PackageType: 'Tar' })).toBe(
      'Properties validation failed for resource F with message:\n#: 2 schema violations found\n' +
        '#/Code: extraneous key [Nope] is not permitted\n' +
        '#/PackageType: #: only 1 subschema matches out of 2\n' +
        '#/PackageType: failed validation constraint for keyword [enum]',
    );
  });
});

describe('coerceProperties', () => {
  it('converts scalars to the type of the schema, at every depth', () => {
    const given = {
      MemorySize: '512',
      Description: 5,
      Environment: { Variables: { A: 1, B: true } },
      Tags: [{ Key: 1, Value: 2 }],
      Unknown: '1',
    };
    expect(coerceProperties(given, schemaOf('AWS::Lambda::Function'))).toEqual({
      MemorySize: 512,
      Description: '5',
      Environment: { Variables: { A: '1', B: 'true' } },
      Tags: [{ Key: '1', Value: '2' }],
      Unknown: '1',
    });
    expect(coerceProperties({ FifoQueue: 'True' }, schemaOf('AWS::SQS::Queue'))).toEqual({ FifoQueue: true });
  });
});

// Templates between which CloudFormation has nothing to update.
import { expect, test } from 'vitest';
import type { Template, Value } from '../cfn/resource.ts';
import { effectiveJson } from './effective.ts';

const template = (
  more: Partial<Template>,
  Properties: Readonly<Record<string, Value>> = {},
  Condition?: string,
): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'x',
  Resources: { Q: { Type: 'AWS::SQS::Queue', Properties, ...(Condition === undefined ? {} : { Condition }) } },
  ...more,
});
const isSame = (a: Template, b: Template) => effectiveJson(a) === effectiveJson(b);
const parameter = { Type: 'String' };
const mapping = { prod: { seconds: 1 } };
const isProd = { 'Fn::Equals': ['a', 'b'] };

test('declarations that nothing uses make no difference', () => {
  const plain = template({});
  expect(isSame(plain, template({ Parameters: { A: parameter } }))).toBe(true);
  expect(isSame(plain, template({ Mappings: { M: mapping } }))).toBe(true);
  expect(isSame(plain, template({ Conditions: { C: isProd, D: { 'Fn::Not': [{ Condition: 'C' }] } } }))).toBe(true);
  expect(isSame(plain, template({}, { QueueName: 'q' }))).toBe(false);
  expect(isSame(plain, template({ Outputs: { A: { Value: 'x' } } }))).toBe(false);
});

test('those in use do, wherever they are used', () => {
  const differ = (of: (value: string) => Template) => !isSame(of('one'), of('two'));
  expect(
    differ((Default) => template({ Parameters: { A: { ...parameter, Default } } }, { QueueName: { Ref: 'A' } })),
  ).toBe(true);
  expect(
    differ((Default) =>
      template({ Parameters: { A: { ...parameter, Default } } }, { QueueName: { 'Fn::Sub': '${A}' } }),
    ),
  ).toBe(true);
  expect(
    differ((seconds) =>
      template(
        { Mappings: { M: { prod: { seconds } } } },
        { DelaySeconds: { 'Fn::FindInMap': ['M', 'prod', 'seconds'] } },
      ),
    ),
  ).toBe(true);
  expect(differ((value) => template({ Conditions: { C: { 'Fn::Equals': ['one', value] } } }, {}, 'C'))).toBe(true);
  expect(
    differ((value) =>
      template({ Conditions: { C: { 'Fn::Equals': ['one', value] } } }, { QueueName: { 'Fn::If': ['C', 'a', 'b'] } }),
    ),
  ).toBe(true);
  // through another condition, and in an output
  const chain = (value: string) => ({ C: { 'Fn::Equals': ['one', value] }, D: { 'Fn::Not': [{ Condition: 'C' }] } });
  expect(
    differ((value) => template({ Conditions: chain(value), Outputs: { A: { Value: 'x', Condition: 'D' } } })),
  ).toBe(true);
  // a parameter of a condition in use
  const equals = { C: { 'Fn::Equals': [{ Ref: 'A' }, 'x'] } };
  expect(
    differ((Default) => template({ Parameters: { A: { ...parameter, Default } }, Conditions: equals }, {}, 'C')),
  ).toBe(true);
});

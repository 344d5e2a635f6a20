import { describe, expect, it } from 'vitest';
import { conditionEvaluator } from './conditions.ts';
import { resolve, type Scope, unknown } from './intrinsics.ts';

const values: Record<string, unknown> = { Name: 'n', List: ['a', 'b', 'c'], New: unknown, 'AWS::Region': 'eu-west-1' };
const scope: Scope = {
  mappings: { M: { 'eu-west-1': { ami: 'x', list: ['p', 'q'] } } },
  region: 'eu-west-1',
  ref: (name) => values[name],
  getAtt: (logicalId, attribute) => (logicalId === 'New' ? unknown : `${logicalId}/${attribute}`),
  condition: (name) => name === 'Yes',
  importValue: (name) => `imported ${name}`,
};
const value = (input: unknown) => resolve(input, scope);

describe('intrinsic functions', () => {
  it.each<[unknown, unknown]>([
    [{ Ref: 'Name' }, 'n'],
    [{ 'Fn::GetAtt': ['Q', 'Arn'] }, 'Q/Arn'],
    [{ 'Fn::GetAtt': 'Q.A.B' }, 'Q/A.B'],
    [{ 'Fn::Join': ['-', ['x', { Ref: 'Name' }, 1]] }, 'x-n-1'],
    [{ 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b,c'],
    [{ 'Fn::Split': [',', 'a,b'] }, ['a', 'b']],
    [{ 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
    [{ 'Fn::Sub': '${Name} ${Q.Arn} ${!Name} ${AWS::Region} $x' }, 'n Q/Arn ${Name} eu-west-1 $x'],
    [{ 'Fn::Sub': ['${own}-${Name}', { own: { Ref: 'Name' } }] }, 'n-n'],
    [{ 'Fn::If': ['Yes', 'y', 'n'] }, 'y'],
    [{ 'Fn::If': ['No', 'y', 'n'] }, 'n'],
    [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'ami'] }, 'x'],
    [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'list'] }, ['p', 'q']],
    [{ 'Fn::ImportValue': { 'Fn::Sub': '${Name}-id' } }, 'imported n-id'],
    [{ 'Fn::Base64': 'ab' }, 'YWI='],
    [{ 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    [{ 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
    [{ 'Fn::Cidr': ['10.1.2.3/24', '2', '5'] }, ['10.1.2.0/27', '10.1.2.32/27']],
    [{ 'Fn::Cidr': ['2001:db8::/56', 2, 64] }, ['2001:db8::/64', '2001:db8:0:1::/64']],
    [{ a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
    [{ Condition: { StringEquals: { a: { Ref: 'Name' } } } }, { Condition: { StringEquals: { a: 'n' } } }],
  ])('%j is %j', (input, expected) => {
    expect(value(input)).toEqual(expected);
  });

  it('are unknown if a part is', () => {
    expect(value({ 'Fn::Sub': 'x ${New}' })).toBe(unknown);
    expect(value({ 'Fn::Join': ['', ['a', { 'Fn::GetAtt': ['New', 'Arn'] }]] })).toBe(unknown);
    expect(value({ a: 1, b: { Ref: 'New' } })).toEqual({ a: 1, b: unknown });
  });

  it.each<[unknown, string]>([
    [
      { Ref: 'Nope' },
      'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
    ],
    [{ Ref: ['a'] }, 'Template format error: every Ref object must have a single String value.'],
    [
      { 'Fn::GetAtt': ['Q'] },
      'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
    ],
    [
      { 'Fn::Join': [',', 'a'] },
      'Template error: every Fn::Join object requires two parameters, (1) a string delimiter',
    ],
    [{ 'Fn::Select': [3, { Ref: 'List' }] }, 'Template error: Fn::Select cannot select nonexistent value at index 3'],
    [
      { 'Fn::Select': [3, ['a', 'b']] },
      'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
    ],
    [
      { 'Fn::FindInMap': ['N', 'a', 'b'] },
      "Template error: Mapping named 'N' is not present in the 'Mappings' section of template.",
    ],
    [{ 'Fn::FindInMap': ['M', 'a', 'b'] }, 'Template error: Unable to get mapping for M::a::b'],
    [{ 'Fn::Sub': ['x'] }, "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments."],
    [{ 'Fn::Nope': 1 }, 'Template format error: Encountered unsupported function: Fn::Nope Supported functions are: ['],
    [{ 'Fn::Cidr': ['10.0.0.0/24', 3, 7] }, 'has no room for 3 subnets'],
  ])('%j is refused', (input, expected) => {
    expect(() => value(input)).toThrow(expected);
  });
});

describe('conditions', () => {
  const evaluate = (conditions: Record<string, unknown>) => conditionEvaluator(conditions, scope)('C');

  it.each<[unknown, boolean]>([
    [{ 'Fn::Equals': [{ Ref: 'Name' }, 'n'] }, true],
    [{ 'Fn::Equals': [1, '1'] }, true],
    [{ 'Fn::Not': [{ Condition: 'T' }] }, false],
    [{ 'Fn::And': [{ Condition: 'T' }, { 'Fn::Not': [{ Condition: 'T' }] }] }, false],
    [{ 'Fn::Or': [{ Condition: 'T' }, { 'Fn::Not': [{ Condition: 'T' }] }] }, true],
  ])('%j is %j', (condition, expected) => {
    expect(evaluate({ C: condition, T: { 'Fn::Equals': ['a', 'a'] } })).toBe(expected);
  });

  it('must not be circular or name missing conditions', () => {
    expect(() => evaluate({ C: { 'Fn::Not': [{ Condition: 'C' }] } })).toThrow(
      'Circular dependency between conditions: [C]',
    );
    expect(() => evaluate({ C: { Condition: 'X' } })).toThrow('Unresolved condition dependency X');
  });
});

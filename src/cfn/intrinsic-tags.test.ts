import { describe, expect, it } from 'vitest';
import { isMap, isScalar, parseDocument } from 'yaml';
import { intrinsicTags, isIntrinsicScalar } from './intrinsic-tags.ts';

const document = (text: string) => parseDocument(text, { customTags: [...intrinsicTags] });
function read(text: string): unknown {
  const parsed = document(text);
  expect(parsed.errors).toEqual([]);
  expect(parsed.warnings).toEqual([]);
  return parsed.toJS();
}

describe('the short intrinsic tags', () => {
  it.each([
    ['!Ref Queue', { Ref: 'Queue' }],
    ['!GetAtt Queue.Arn', { 'Fn::GetAtt': ['Queue', 'Arn'] }],
    ['!GetAtt Nested.Outputs.Url', { 'Fn::GetAtt': ['Nested', 'Outputs.Url'] }],
    ['!GetAtt [Queue, Arn]', { 'Fn::GetAtt': ['Queue', 'Arn'] }],
    ['!Sub "a${B}"', { 'Fn::Sub': 'a${B}' }],
    ['!Sub ["${x}", {x: !Ref Y}]', { 'Fn::Sub': ['${x}', { x: { Ref: 'Y' } }] }],
    ['!Join [",", [a, !Ref B]]', { 'Fn::Join': [',', ['a', { Ref: 'B' }]] }],
    ['!Select [0, !GetAZs ""]', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }],
    ['!Split [",", !ImportValue list]', { 'Fn::Split': [',', { 'Fn::ImportValue': 'list' }] }],
    ['!If [Prod, !Ref A, !Ref "AWS::NoValue"]', { 'Fn::If': ['Prod', { Ref: 'A' }, { Ref: 'AWS::NoValue' }] }],
    ['!Equals [!Ref A, b]', { 'Fn::Equals': [{ Ref: 'A' }, 'b'] }],
    ['!Not [!Condition C]', { 'Fn::Not': [{ Condition: 'C' }] }],
    [
      '!And [!Condition C, !Or [!Condition D, !Condition E]]',
      { 'Fn::And': [{ Condition: 'C' }, { 'Fn::Or': [{ Condition: 'D' }, { Condition: 'E' }] }] },
    ],
    ['!FindInMap [M, !Ref "AWS::Region", k]', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }],
    ['!Base64 {"Fn::Sub": x}', { 'Fn::Base64': { 'Fn::Sub': 'x' } }],
    ['!Cidr [10.0.0.0/16, 4, 8]', { 'Fn::Cidr': ['10.0.0.0/16', 4, 8] }],
    ['!Transform {Name: M, Parameters: {a: 1}}', { 'Fn::Transform': { Name: 'M', Parameters: { a: 1 } } }],
    ['!GetAZs {Ref: "AWS::Region"}', { 'Fn::GetAZs': { Ref: 'AWS::Region' } }],
  ])('reads %s in its long form', (text, expected) => {
    expect(read(`value: ${text}`)).toEqual({ value: expected });
  });

  it('reads a block scalar under !Sub', () => {
    expect(read('value: !Sub |\n  one ${A}\n  two\n')).toEqual({ value: { 'Fn::Sub': 'one ${A}\ntwo\n' } });
  });

  it('rejects a !GetAtt without an attribute, at its position', () => {
    const [error] = document('value: !GetAtt Queue').errors;
    expect(error?.message).toContain('!GetAtt needs a logical id and an attribute');
    expect(error?.pos[0]).toBe(7);
  });

  it('warns of an unknown tag, like any other YAML', () => {
    expect(document('value: !Nope x').warnings).toHaveLength(1);
  });

  it('keeps the position of each value', () => {
    const text = 'a: !Ref Queue\nb: !Sub ["${x}", {x: !Ref Y}]\n';
    const { contents } = document(text);
    if (!isMap(contents)) throw new Error('not a map');
    const a = contents.get('a', true);
    const b = contents.get('b', true);
    expect(isIntrinsicScalar(a)).toBe(true);
    expect(isScalar(a) && a.range && text.slice(a.range[0], a.range[1])).toBe('Queue');
    if (!isMap(b)) throw new Error('not a map');
    expect(b.range && text.slice(b.range[0], b.range[1])).toBe('["${x}", {x: !Ref Y}]');
    const y = b.getIn(['Fn::Sub', 1, 'x'], true);
    expect(isScalar(y) && y.range && text.slice(y.range[0], y.range[1])).toBe('Y');
  });
});

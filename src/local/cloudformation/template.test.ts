import { describe, expect, it } from 'vitest';
import { readTemplate } from './template.ts';
import { parseTemplate } from './template-text.ts';

const message = (text: string) => {
  try {
    readTemplate(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};
const resources = 'Resources: {A: {Type: AWS::SQS::Queue}}\n';

describe('the text of a template', () => {
  it('is JSON or YAML, with the short tags', () => {
    expect(parseTemplate('{"Resources": {"A": {"Type": "X"}}}')).toEqual({ Resources: { A: { Type: 'X' } } });
    expect(parseTemplate('Resources:\n  A: {Type: X, Properties: {P: !GetAtt B.Arn}}')).toEqual({
      Resources: { A: { Type: 'X', Properties: { P: { 'Fn::GetAtt': ['B', 'Arn'] } } } },
    });
  });

  it('reads dates and large numbers as written', () => {
    expect(parseTemplate('Version: 2012-10-17\nAccount: 12345678901234567890\nPort: 80\nIsOpen: yes')).toEqual({
      Version: '2012-10-17',
      Account: '12345678901234567890',
      Port: 80,
      IsOpen: true,
    });
  });

  it.each([
    ['{"a": 1,}', 'Template format error: JSON not well-formed. (line 1, column 9)'],
    ['a: [1', 'Template format error: YAML not well-formed. (line 1, column 6)'],
    ['a: !Nope x', 'Template format error: YAML not well-formed. (line 1, column 4)'],
    ['just text', 'Template format error: unsupported structure.'],
    ['[1]', 'Template format error: unsupported structure.'],
    [
      'Resources: {A: {Type: X, Properties: {P: null}}}',
      "[/Resources/A/Properties/P] 'null' values are not allowed in templates",
    ],
    ['Foo: 1\nBar: 2', 'Invalid template property or properties [Foo, Bar]'],
    ['Description: x', 'Template format error: At least one Resources member must be defined.'],
    [
      `AWSTemplateFormatVersion: 2011-01-01\n${resources}`,
      'Template format error: unsupported value for AWSTemplateFormatVersion.',
    ],
    [
      'Resources: {A: {Properties: {}}}',
      'Template format error: [/Resources/A] Every Resources object must contain a Type member.',
    ],
    ['Resources: {A: {Type: !Ref X}}', 'Template format error: [/Resources/A] Every Type member must be a string.'],
    ['Resources: {a-b: {Type: X}}', 'Template format error: Resource name a-b is non alphanumeric.'],
    ['Resources: {A: {Type: X, Foo: 1}}', "Invalid template resource property 'Foo'"],
    [
      `${resources}Outputs: {O: {Export: {Name: x}}}`,
      'Template format error: Every Outputs member must contain a Value object',
    ],
    [
      `${resources}Transform: AWS::Serverless-2016-10-31`,
      'The fx local AWS does not support the template section Transform.',
    ],
    [
      'Resources: {A: {Type: X, DeletionPolicy: Snapshot}}',
      'The fx local AWS does not support the DeletionPolicy Snapshot (of A).',
    ],
    [
      'Resources: {A: {Type: X, CreationPolicy: {}}}',
      'The fx local AWS does not support the resource attribute CreationPolicy (of A).',
    ],
    [
      `${resources}Parameters: {P: {Type: "AWS::SSM::Parameter::Value<String>"}}`,
      'The fx local AWS does not support the parameter type AWS::SSM::Parameter::Value<String> (of P).',
    ],
    [`${resources}Parameters: {P: {Type: Text}}`, 'Template format error: Unrecognized parameter type: Text'],
    [
      `${resources}Mappings: {M: {a: {b: {c: 1}}}}`,
      'Template format error: Every Mappings attribute must be a String or a List.',
    ],
  ])('%s is refused', (text, expected) => {
    expect(message(text)).toBe(expected);
  });

  it('has at most 500 resources', () => {
    const many = Array.from({ length: 501 }, (_, index) => `  R${index}: {Type: X}\n`).join('');
    expect(message(`Resources:\n${many}`)).toBe(
      'Template format error: Number of resources, 501, is greater than maximum allowed, 500',
    );
  });
});

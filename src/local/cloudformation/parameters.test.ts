import { describe, expect, it } from 'vitest';
import { parameterValue, resolveParameters } from './parameters.ts';
import { readTemplate } from './template.ts';

const definitions = (parameters: object) =>
  readTemplate(JSON.stringify({ Parameters: parameters, Resources: { A: { Type: 'X' } } })).parameters;
const resolveOne = (definition: object, value?: string) =>
  resolveParameters(
    definitions({ P: definition }),
    value === undefined ? [] : [{ ParameterKey: 'P', ParameterValue: value }],
    {},
  );

describe('the parameters of a template', () => {
  it('have the requested value, the previous one on request, or the default', () => {
    const declared = definitions({
      A: { Type: 'String', Default: 'a' },
      B: { Type: 'Number', Default: 1 },
      C: { Type: 'String' },
    });
    const parameters = [
      { ParameterKey: 'A', ParameterValue: 'x' },
      { ParameterKey: 'C', UsePreviousValue: true },
    ];
    expect(resolveParameters(declared, parameters, { C: 'before' })).toEqual({ A: 'x', B: '1', C: 'before' });
  });

  it('must all be known, and have a value', () => {
    const declared = definitions({ A: { Type: 'String' }, B: { Type: 'String' } });
    expect(() => resolveParameters(declared, [], {})).toThrow('Parameters: [A, B] must have values');
    expect(() => resolveParameters(declared, [{ ParameterKey: 'X' }, { ParameterKey: 'Y' }], {})).toThrow(
      'Parameters: [X, Y] do not exist in the template',
    );
  });

  it.each([
    [{ Type: 'String', AllowedValues: ['a', 'b'] }, 'c', "Parameter 'P' must be one of AllowedValues"],
    [{ Type: 'String', AllowedPattern: '[a-z]+' }, 'a1', "Parameter 'P' must match pattern [a-z]+"],
    [{ Type: 'String', MinLength: 3 }, 'ab', "Parameter 'P' must contain at least 3 characters"],
    [{ Type: 'String', MaxLength: '3' }, 'abcd', "Parameter 'P' must contain at most 3 characters"],
    [{ Type: 'Number' }, 'x', "Parameter 'P' must be a number"],
    [{ Type: 'Number', MinValue: 2 }, '1', "Parameter 'P' must be a number not less than 2"],
    [{ Type: 'Number', MaxValue: 2 }, '3', "Parameter 'P' must be a number not greater than 2"],
    [{ Type: 'List<Number>' }, '1,x', "Parameter 'P' must be a number"],
    [
      { Type: 'String', AllowedPattern: '[a-z]+', ConstraintDescription: 'only letters' },
      '1',
      'Parameter P failed to satisfy constraint: only letters',
    ],
  ])('%j does not take %j', (definition, value, expected) => {
    expect(() => resolveOne(definition, value)).toThrow(expected);
  });

  it('of a list type become lists', () => {
    const { P } = definitions({ P: { Type: 'CommaDelimitedList' } });
    if (P === undefined) throw new Error('no P');
    expect(parameterValue(P, 'a, b,c')).toEqual(['a', 'b', 'c']);
    expect(parameterValue(P, '')).toEqual([]);
  });
});

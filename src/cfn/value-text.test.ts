// Values of a template as text.
import { expect, test } from 'vitest';
import { fullText, hidden, textWithoutSecrets, valueText, withoutSecrets } from './value-text.ts';

test.each([
  [{ Ref: 'Orders' }, '${Orders}'],
  [{ 'Fn::GetAtt': ['Orders', 'Arn'] }, '${Orders.Arn}'],
  [{ 'Fn::Sub': 'arn:${AWS::Partition}:x' }, 'arn:${AWS::Partition}:x'],
  [{ 'Fn::Join': ['/', ['a', { Ref: 'B' }]] }, 'a/${B}'],
  [{ 'Fn::If': ['IsProd', 1, { Ref: 'AWS::NoValue' }] }, 'if IsProd then 1 else ${AWS::NoValue}'],
  [{ a: [1, true, null], b: { Ref: 'C' } }, '{a: [1, true, null], b: ${C}}'],
  ['two\nlines\u001b[31m', 'two lines [31m'],
])('%j is %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});

test('long values and hashes are shortened', () => {
  expect(valueText(`shop/artifacts/${'ab'.repeat(32)}.zip`)).toBe('shop/artifacts/abababababab….zip');
  expect(valueText('x'.repeat(200))).toHaveLength(80);
  expect(fullText('x'.repeat(200))).toHaveLength(200);
});

test('values whose names say that they are secrets are hidden, references to secrets are not', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:1:secret:x';
  const variables = { API_KEY: 'k', DB_PASSWORD: '{{resolve:ssm-secure:/x}}', TOKEN_ARN: arn, LOG_LEVEL: 'info' };
  expect(withoutSecrets({ Variables: variables })).toEqual({ Variables: { ...variables, API_KEY: hidden } });
  expect(withoutSecrets('hunter2', 'MasterUserPassword')).toBe(hidden);
  expect(withoutSecrets({ Ref: 'Secret' }, 'Token')).toEqual({ Ref: 'Secret' });
  expect(withoutSecrets(undefined, 'Token')).toBeUndefined();
});

test('secrets in the text of CloudFormation are hidden too, also if it is cut off', () => {
  expect(textWithoutSecrets('{"Variables":{"API_KEY":"k","LEVEL":"info"}}', 'Environment')).toBe(
    '{"Variables":{"API_KEY":"(hidden)","LEVEL":"info"}}',
  );
  expect(textWithoutSecrets('{"Variables":{"API_KEY":"k","LEV', 'Environment')).toBe(hidden);
  expect(textWithoutSecrets('{"Variables":{"LEV', 'Environment')).toBe('{"Variables":{"LEV');
  expect(textWithoutSecrets('k', 'MasterUserPassword')).toBe(hidden);
  expect(textWithoutSecrets('640', 'MemorySize')).toBe('640');
});

// When a function is published anew because of what it reads from other resources.
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';

const withValue = (value: string) => `
name: s
functions: {a: {handler: a.handler, variables: {LEVEL: !GetAtt Level.Value, NAME: !Ref Level}}}
resources: {Level: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /level, Value: ${value}}}}
`;

test('a property that an attribute hands on makes a new version when it changes in place', async () => {
  const ids = await Promise.all(
    ['one', 'two', 'one'].map(async (value) =>
      Object.keys((await compiled(withValue(value))).template.Resources).find((id) => id.startsWith('AVersion')),
    ),
  );
  expect(ids[1]).not.toBe(ids[0]);
  expect(ids[2]).toBe(ids[0]);
});

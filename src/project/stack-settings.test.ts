import { expect, test } from 'vitest';
import { fromPlain } from '../base/located.ts';
import { readAll } from '../base/schema.ts';
import { stackSchema, toStackSettings } from './stack-settings.ts';

const at = { file: 'project.yml', line: 1, column: 1, length: 1 };
const read = (value: Parameters<typeof fromPlain>[0]) => readAll(stackSchema, fromPlain(value, at));

const written = {
  mode: 'express',
  role: 'arn:aws:iam::111122223333:role/cloudformation',
  notifications: ['arn:aws:sns:eu-west-1:111122223333:deploys'],
  policy: { Statement: [] },
  rollbackAlarms: { alarms: ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:shop errors'] },
};

test('a deploy to AWS has all settings, one to the local AWS none that belong to an account', () => {
  const { value: settings, problems } = read(written);
  expect(problems).toEqual([]);
  expect(toStackSettings(settings, 'prod')).toEqual({
    ...written,
    rollbackAlarms: { ...written.rollbackAlarms, minutes: 0 },
    terminationProtection: undefined,
    adopt: false,
    logicalIds: new Map(),
  });
  expect(toStackSettings(settings, 'local')).toEqual({
    mode: 'express',
    role: undefined,
    notifications: undefined,
    policy: { Statement: [] },
    rollbackAlarms: undefined,
    terminationProtection: undefined,
    adopt: false,
    logicalIds: new Map(),
  });
  expect(toStackSettings(undefined, 'prod')).toMatchObject({ mode: 'standard', notifications: undefined });
});

test.each([
  [{ role: 'deployer' }, 'an ARN such as arn:aws:iam::111122223333:role/cloudformation'],
  [{ notifications: ['deploys'] }, 'an ARN such as arn:aws:sns:'],
  [
    { rollbackAlarms: { alarms: ['arn:aws:sns:eu-west-1:111122223333:deploys'] } },
    'an ARN such as arn:aws:cloudwatch:',
  ],
  [{ rollbackAlarms: { alarms: [], minutes: 181 } }, '180'],
  [{ mode: 'fast' }, 'express'],
])('%j is wrong', (value, message) => {
  expect(
    read(value)
      .problems.map((problem) => problem.message)
      .join(),
  ).toContain(message);
});

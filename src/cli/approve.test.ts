// The questions before data is deleted, at a terminal and without one.
import { expect, test } from 'vitest';
import type { Environment } from '../project/environment.ts';
import type { Change } from '../stack/difference.ts';
import { approveLosses } from './approve.ts';
import type { Io } from './io.ts';

const loss = (logicalId: string, action: Change['action'] = 'remove') =>
  ({ logicalId, type: 'AWS::S3::Bucket', action }) as Change;
const losses = [loss('A'), loss('B', 'replace')];

function approval(
  isProtected: boolean,
  { typed, allowReplace = [], confirm }: { typed?: string[]; allowReplace?: string[]; confirm?: string } = {},
) {
  const asked: string[] = [];
  const environment = { name: 'prod', protected: isProtected } as Environment;
  const done = approveLosses(environment, losses, {
    io: { stdinIsTerminal: typed !== undefined } as Io,
    options: { allowReplace, confirm },
    ask: async (question) => {
      asked.push(question);
      return typed?.shift() ?? '';
    },
  });
  return done.then(
    () => ({ asked }),
    (error: Error) => ({ asked, error: error.message }),
  );
}

test('at a terminal, each resource is asked for by name, and says what becomes of it', async () => {
  expect(await approval(false, { typed: ['A', ' B '] })).toEqual({
    asked: [
      'A (AWS::S3::Bucket) would be deleted, with its data.\nType its name to continue: ',
      'B (AWS::S3::Bucket) would be replaced by an empty one.\nType its name to continue: ',
    ],
  });
  expect(await approval(false, { typed: ['A', 'y'] })).toMatchObject({
    error: 'this would delete the data in B (AWS::S3::Bucket)',
  });
});

test('a named resource is not asked for; a protected environment asks for its own name after that', async () => {
  expect(await approval(false, { allowReplace: ['A', 'B'] })).toEqual({ asked: [] });
  const { asked } = await approval(true, { typed: ['B', 'prod'], allowReplace: ['A'] });
  expect(asked).toHaveLength(2);
  expect(asked[1]).toContain('Type the name of the environment');
  expect(await approval(true, { typed: ['A', 'B', 'y'] })).toMatchObject({
    error: expect.stringContaining('"prod" is protected'),
  });
  expect(await approval(true, { allowReplace: ['A', 'B'], confirm: 'prod' })).toEqual({ asked: [] });
});

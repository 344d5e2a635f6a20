import { expect, test } from 'vitest';
import type { FunctionSource } from '../runtime.ts';
import { verdict } from './check.ts';

const source = { name: 'a', handlerAt: { file: 'project.yml', line: 3, column: 1, length: 1 }, layerFolders: [] };
const loaded = (seconds: number, timedOut = false) =>
  verdict(source as unknown as FunctionSource, 'handle', {
    timedOut,
    stdout: JSON.stringify({ kind: 'function', seconds }),
    stderr: '',
    exitCode: 0,
    signal: undefined,
  });

test('a Python function may take ten seconds of processor time to load, however busy the machine is', () => {
  expect(loaded(9.9)).toBeUndefined();
  expect(loaded(11.26)).toMatchObject({
    message: 'the function "a" needs 11.3 seconds to load; Lambda takes at most 10',
    hint: 'import what is heavy inside the handler, where it is first used',
  });
  expect(loaded(0, true)?.message).toBe('the function "a" did not finish loading in 60 seconds');
});

// `--inspect NAME[:PORT]`.
import { expect, test } from 'vitest';
import { projectOf } from '../../test/support/project.ts';
import { inspectedFunctions } from './inspect.ts';

const text =
  'name: p\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: b.handler}\n  py: {runtime: python3.13, handler: py.handler}\n  img: {image: 000000000000.dkr.ecr.us-east-1.amazonaws.com/x:1}\n';
const files = {
  'a.ts': '',
  'b.ts': '',
  'py.py': '',
};

async function reading() {
  const project = await projectOf(text, { files });
  return (inspect: readonly string[], inspectBrk: readonly string[] = []) =>
    inspectedFunctions(project, { inspect, inspectBrk }).map(({ name, port, breaks }) => [name, port, breaks]);
}

test('functions get the usual ports, each another one', async () => {
  const inspected = await reading();
  expect(inspected(['a', 'py'], ['b'])).toEqual([
    ['a', 9229, false],
    ['py', 5678, false],
    ['b', 9230, true],
  ]);
  expect(inspected(['a:9230', 'b:9229'], ['py:1'])).toEqual([
    ['a', 9230, false],
    ['b', 9229, false],
    ['py', 1, true],
  ]);
});

test('refuses unknown functions, invalid ports, and languages without a debugger', async () => {
  const inspected = await reading();
  expect(() => inspected(['c'])).toThrow('there is no function "c"');
  expect(() => inspected(['a:70000'])).toThrow('--inspect takes a function and perhaps a port');
  expect(() => inspected([], ['img'])).toThrow('--inspect-brk is for functions in Node.js and Python; "img" is not');
});

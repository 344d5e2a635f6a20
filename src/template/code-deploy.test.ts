// `deployment.codeDeploy`: what it refuses, and the aliases that move at once. The golden templates show what it compiles to.
import { expect, test } from 'vitest';
import { compiled, type projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { withoutCodeDeploy } from './code-deploy.ts';

const project = (codeDeploy: string) =>
  `name: s\nfunctions: {a: {handler: a.handler}, b: {handler: b.handler}}\ndeployment:\n  codeDeploy: ${codeDeploy}\n`;

async function problemsOf(codeDeploy: string, load: typeof compiled | typeof projectOf = compiled) {
  const error: unknown = await load(project(codeDeploy)).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) return ['no error'];
  return error.problems.map(({ at, message, hint }) => [`${at.line}:${at.column} ${message}`, hint].join(' | '));
}

test.each([
  ['{}', '4:15 codeDeploy needs one of canary, linear and config | '],
  ['{canary: 10%, linear: 10%}', '4:15 codeDeploy needs one of canary, linear and config | '],
  ['{canary: 10%, every: 1m}', '4:15 `every` is for linear; a canary has `bake` | '],
  ['{linear: 10%, bake: 1m}', '4:15 `bake` is for canary; linear has `every` | '],
  ['{canary: 100%}', '4:24 expected a share of the traffic such as 10% | '],
  [
    '{canary: 10%, bake: 90s}',
    '4:35 CodeDeploy counts in minutes | such as 5m; to watch for seconds, let fx move the traffic: canary, linear',
  ],
  ['{linear: 1%, every: 30m}', '4:15 these steps take over 48 hours, which is the most that CodeDeploy takes | '],
  ['{config: x, beforeTraffic: zz}', 'there is no function "zz" | functions are a, b'],
  ['{config: x, afterTraffic: {zz: a}}', 'there is no function "zz" | functions are a, b'],
  ['{config: x, functions: [aa]}', '4:39 there is no function "aa" | did you mean "a"?'],
  [
    '{config: x, functions: [a], beforeTraffic: a}',
    '4:39 "a" is a hook, so CodeDeploy cannot move its traffic | remove it from functions: its traffic moves at once',
  ],
])('%s is refused at its place', async (codeDeploy, expected) => {
  expect(await problemsOf(codeDeploy)).toContainEqual(expect.stringContaining(expected));
});

test('fx or CodeDeploy moves the traffic, not both', async () => {
  const text = 'name: s\nfunctions: {a: {handler: a.handler}}\ndeployment: {canary: 10%, codeDeploy: {config: x}}\n';
  const error: unknown = await compiled(text).catch((thrown: unknown) => thrown);
  expect((error as FxError).problems[0]?.message).toBe('CodeDeploy moves the traffic, so `canary` has no place here');
});

test.each(['{canary: 10%, beforeTraffic: b, functions: []}', '{canary: 10%, beforeTraffic: {b: a}, afterTraffic: b}'])(
  'with %s, CodeDeploy moves nothing, and nothing is left of it',
  async (codeDeploy) => {
    const { root } = (await compiled(project(codeDeploy))).stacks;
    expect(root.text).not.toMatch(/codedeploy/i);
  },
);

test('without the policy of an alias, its traffic moves at once, and nothing else changes', async () => {
  const { stacks, template } = await compiled(project('{canary: 10%}'));
  const some = withoutCodeDeploy(stacks, (id) => id === 'AAlias').root.template;
  expect(some.Resources['AAlias']).toEqual({ ...template.Resources['AAlias'], UpdatePolicy: undefined });
  expect({ ...some.Resources, AAlias: 0 }).toEqual({ ...template.Resources, AAlias: 0 });
  const none = withoutCodeDeploy(stacks);
  expect(none.root.text).not.toContain('UpdatePolicy');
  expect(withoutCodeDeploy(none)).toBe(none);
});

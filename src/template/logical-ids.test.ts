// `stack.logicalIds`: resources under the ids of a stack, everywhere that a template names them.
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';

const project = (logicalIds: string, more = '') => `name: shop
stack: {logicalIds: ${logicalIds}}
functions:
  a: {handler: a.handler, events: [{sqs: Jobs}], url: NONE}
resources:
  Jobs: {Type: AWS::SQS::Queue}
outputs: {Name: !Sub 'function \${AFunction}'}
${more}`;

async function problems(text: string): Promise<readonly string[]> {
  const error = await compiled(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error('no error');
  return error.problems.map(({ at, message, hint }) => `${at.line}:${at.column} ${message} | ${hint}`);
}

test('the id stands in every reference, and the template says which it is', async () => {
  const ids = '{AFunction: ALambdaFunction, AAlias: ALambdaAlias, ASqsJobs: OldMapping}';
  const { template, text, ownedResources } = await compiled(project(ids));
  expect(template.Resources).not.toHaveProperty('AFunction');
  expect(template.Resources['ALambdaFunction']?.Type).toBe('AWS::Lambda::Function');
  expect(template.Resources['OldMapping']?.Properties?.['FunctionName']).toEqual({ Ref: 'ALambdaAlias' });
  expect(template.Resources['ALambdaAlias']?.Properties?.['FunctionName']).toEqual({ Ref: 'ALambdaFunction' });
  expect(template.Resources['AUrl']?.DependsOn).toBe('ALambdaAlias');
  expect(template.Outputs?.['Name']?.Value).toEqual({ 'Fn::Sub': 'function ${ALambdaFunction}' });
  expect(template.Outputs?.['AFunctionArn']?.Value).toEqual({ Ref: 'ALambdaAlias' });
  expect(text).not.toMatch(/"(AFunction|AAlias|ASqsJobs)"(?!:"A|:"Old)/);
  expect(ownedResources.get('ALambdaFunction')?.owner).toEqual({ kind: 'function', name: 'a' });
  expect(functionIdsIn(template, 'a')).toMatchObject({
    function: 'ALambdaFunction',
    alias: 'ALambdaAlias',
    role: 'ARole',
  });
});

test('the version of a function does not depend on them', async () => {
  const [one, other] = await Promise.all([compiled(project('{}')), compiled(project('{AFunction: Another}'))]);
  expect(other.versionIds).toEqual(one.versionIds);
  expect(one.template).not.toHaveProperty('Metadata');
});

test('extensions are written with the ids of fx', async () => {
  const more = 'extend: {AFunction: {Properties: {Description: one}}}';
  const { template } = await compiled(project('{AFunction: Another}', more));
  expect(template.Resources['Another']?.Properties?.['Description']).toBe('one');
});

test.each([
  ['{AFuncton: B}', '2:22 there is no resource "AFuncton" to give another id | did you mean "AFunction"?'],
  ['{Jobs: B}', '2:22 "Jobs" is under resources, where it has its id | rename it there'],
  ['{AFunction: ARole}', '2:22 "ARole" is the logical id of ARole already | give it another id'],
])('%s is refused', async (ids, problem) => {
  expect(await problems(project(ids))).toContain(problem);
});

// Stack policies: setting and reading them, and what they allow an update to do.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const allowAll = { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' };
const denyAll = { ...allowAll, Effect: 'Deny' };
const policy = (...Statement: object[]) => JSON.stringify({ Statement });
const before = template({ A: thing({ Size: 1, Kind: 'a' }), B: thing({ Size: 1 }) });
const create = (more: object = {}) => rig.run('CreateStack', { StackName: 's', TemplateBody: before, ...more });
const update = (resources: object, more: object = {}) =>
  rig.run('UpdateStack', { StackName: 's', TemplateBody: template(resources), ...more });
const shown = async () => (await rig.call('GetStackPolicy', { StackName: 's' })).StackPolicyBody;
async function upload(text: string): Promise<string> {
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
  await rig.cloud.call('s3', 'CreateBucket', { Bucket: 'policies', CreateBucketConfiguration });
  await rig.cloud.call('s3', 'PutObject', { Bucket: 'policies', Key: 'policy.json', Body: Buffer.from(text) });
  return `${rig.cloud.endpoint}/policies/policy.json`;
}

describe('a policy', () => {
  it('is absent at first, then as set', async () => {
    await create();
    expect(await rig.call('GetStackPolicy', { StackName: 's' })).toEqual({});
    await rig.call('SetStackPolicy', { StackName: 's', StackPolicyBody: policy(denyAll) });
    expect(await shown()).toBe(policy(denyAll));
    await rig.call('SetStackPolicy', { StackName: 's', StackPolicyURL: await upload(policy(allowAll)) });
    expect(await shown()).toBe(policy(allowAll));
    await rig.call('SetStackPolicy', { StackName: 's', StackPolicyBody: '{}' });
    expect(await shown()).toBe('{}');
    await update({ A: thing({ Size: 2, Kind: 'a' }), B: thing({ Size: 1 }) });
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
  });

  it.each<[string, string]>([
    ['that is not JSON', 'Statement'],
    ['that is not an object', '[]'],
    ['for one principal', policy({ ...allowAll, Principal: { AWS: 'arn:aws:iam::000000000000:root' } })],
    ['for another action', policy({ ...allowAll, Action: 'Delete:*' })],
    ['without an action', policy({ Effect: 'Allow', Principal: '*', Resource: '*' })],
    ['for a physical id', policy({ ...allowAll, Resource: 'my-bucket' })],
    ['with another effect', policy({ ...allowAll, Effect: 'Maybe' })],
    ['with another condition', policy({ ...allowAll, Condition: { StringEquals: { 'aws:username': 'me' } } })],
    ['with an unknown member', policy({ ...allowAll, Actions: 'Update:*' })],
  ])('%s is refused', async (_, StackPolicyBody) => {
    await create();
    await expect(rig.call('SetStackPolicy', { StackName: 's', StackPolicyBody })).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'Error validating stack policy: Invalid stack policy',
    });
    await expect(create({ StackName: 't', StackPolicyBody })).rejects.toThrow('Invalid stack policy');
  });

  it('has at most 16 KB', async () => {
    await create();
    const StackPolicyBody = policy({ ...allowAll, Sid: 'x'.repeat(16_384) });
    await expect(rig.call('SetStackPolicy', { StackName: 's', StackPolicyBody })).rejects.toMatchObject({
      code: 'ValidationError',
      message: `1 validation error detected: Value '${StackPolicyBody}' at 'stackPolicyBody' failed to satisfy constraint: Member must have length less than or equal to 16384`,
    });
    await expect(rig.call('SetStackPolicy', { StackName: 's' })).rejects.toThrow(
      'The fx local AWS does not support SetStackPolicy without a policy.',
    );
  });

  it('has one source', async () => {
    await create();
    const both = { StackName: 's', StackPolicyBody: policy(allowAll), StackPolicyURL: 'https://b.s3.amazonaws.com/k' };
    await expect(rig.call('SetStackPolicy', both)).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'You cannot specify both StackPolicyURL and StackPolicyBody',
    });
  });
});

const modified = { A: thing({ Size: 2, Kind: 'a' }), B: thing({ Size: 1 }) };
const replaced = { A: thing({ Size: 1, Kind: 'b' }), B: thing({ Size: 1 }) };
const removed = { B: thing({ Size: 1 }) };
const protectA = { ...denyAll, Resource: 'LogicalResourceId/A' };
const denied = (actions: string, resources: string) =>
  `A UPDATE_FAILED Action denied by stack policy: Statement [#1] does not allow [${actions}] for resource [${resources}];`;
const notAllowed = 'A UPDATE_FAILED Action not allowed by stack policy';

describe('an update', () => {
  it.each<[string, object, object[], string]>([
    ['to modify', modified, [allowAll, protectA], denied('Update:*', 'LogicalResourceId/A')],
    ['to replace', replaced, [allowAll, protectA], denied('Update:*', 'LogicalResourceId/A')],
    ['to remove', removed, [allowAll, protectA], denied('Update:*', 'LogicalResourceId/A')],
    [
      'to replace, where modifying is allowed',
      replaced,
      [allowAll, { ...denyAll, Action: ['Update:Replace', 'Update:Delete'] }],
      denied('Update:Replace, Update:Delete', '*'),
    ],
    [
      'of a type',
      modified,
      [allowAll, { ...denyAll, Condition: { StringLike: { ResourceType: ['Test::Fx::*'] } } }],
      denied('Update:*', '*'),
    ],
    ['that nothing allows', modified, [{ ...allowAll, Resource: 'LogicalResourceId/B*' }], notAllowed],
    [
      'outside NotAction',
      modified,
      [{ Effect: 'Allow', NotAction: 'Update:Modify', Principal: '*', Resource: '*' }],
      notAllowed,
    ],
    [
      'inside NotResource',
      modified,
      [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', NotResource: 'LogicalResourceId/A' }],
      notAllowed,
    ],
  ])('%s fails and is rolled back', async (_, resources, statements, event) => {
    await create({ StackPolicyBody: policy(...statements) });
    const things = structuredClone([...rig.things]);
    await update(resources);
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    const events = await rig.events('s', 'last');
    expect(events).toContain(event);
    expect(events).not.toContainEqual(expect.stringMatching(/^A UPDATE_IN_PROGRESS/));
    expect([...rig.things]).toEqual(things);
  });

  it.each<[string, object, object[]]>([
    ['of another resource', { A: thing({ Size: 1, Kind: 'a' }), B: thing({ Size: 5 }) }, [allowAll, protectA]],
    ['that adds', { ...modified, A: thing({ Size: 1, Kind: 'a' }), C: thing() }, [denyAll]],
    ['to modify, where replacing is denied', modified, [allowAll, { ...denyAll, Action: 'Update:Replace' }]],
  ])('%s is allowed', async (_, resources, statements) => {
    await create({ StackPolicyBody: policy(...statements) });
    await update(resources);
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
  });

  it('can have an overriding policy, which the stack does not keep', async () => {
    await create({ StackPolicyBody: policy(denyAll) });
    await update(modified, { StackPolicyDuringUpdateBody: policy(allowAll) });
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
    expect(await shown()).toBe(policy(denyAll));
    await update(replaced);
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it('with a new policy is checked against the old one, and needs no other changes', async () => {
    await create({ StackPolicyBody: policy(denyAll) });
    await update(modified, { StackPolicyBody: policy(allowAll) });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await shown()).toBe(policy(denyAll));
    await rig.run('UpdateStack', { StackName: 's', UsePreviousTemplate: true, StackPolicyBody: policy(allowAll) });
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
    await update(modified);
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
  });
});

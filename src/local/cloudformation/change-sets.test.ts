import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const sections = { Parameters: { Size: { Type: 'Number', Default: 1 } } };
const before = {
  A: thing({ Size: { Ref: 'Size' } }),
  B: thing({ Kind: 'x' }),
  C: thing({ Text: { Ref: 'B' }, Kind: 'k' }),
  D: thing({ Text: { 'Fn::GetAtt': ['A', 'Size'] } }),
  Same: thing({ Text: { Ref: 'A' } }),
  Gone: thing({}, { DeletionPolicy: 'Retain' }),
};
const after = {
  A: thing({ Size: { Ref: 'Size' } }),
  B: thing({ Kind: 'y' }),
  C: thing({ Text: { Ref: 'B' }, Kind: 'k' }),
  D: thing({ Text: { 'Fn::GetAtt': ['A', 'Size'] } }),
  Same: thing({ Text: { Ref: 'A' } }),
  New: thing(),
};
const propose = (resources: object, options: object = {}) =>
  rig.run('CreateChangeSet', {
    StackName: 's',
    ChangeSetName: 'c',
    TemplateBody: template(resources, sections),
    ...options,
  });
const described = (options: object = {}) =>
  rig.call('DescribeChangeSet', { StackName: 's', ChangeSetName: 'c', ...options });

describe('a change set that creates', () => {
  it('creates a stack in review, which its execution provisions', async () => {
    const { Id = '', StackId = '' } = await propose(before, { ChangeSetType: 'CREATE', Description: 'first' });
    expect(Id).toMatch(/^arn:aws:cloudformation:eu-west-1:000000000000:changeSet\/c\/[0-9a-f-]{36}$/);
    expect(await rig.status('s')).toBe('REVIEW_IN_PROGRESS User Initiated');
    const changeSet = await described();
    expect(changeSet).toMatchObject({
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
      Description: 'first',
      StackId,
    });
    expect(changeSet.Changes).toHaveLength(6);
    expect(changeSet.Changes?.[0]).toEqual({
      Type: 'Resource',
      ResourceChange: {
        Action: 'Add',
        LogicalResourceId: 'A',
        ResourceType: 'Test::Fx::Thing',
        Scope: [],
        Details: [],
      },
    });
    await rig.run('ExecuteChangeSet', { ChangeSetName: Id });
    expect(await rig.status('s')).toBe('CREATE_COMPLETE');
    expect(await described()).toMatchObject({ ExecutionStatus: 'EXECUTE_COMPLETE' });
    await expect(rig.call('ExecuteChangeSet', { ChangeSetName: Id })).rejects.toMatchObject({
      code: 'InvalidChangeSetStatusException',
      message: `ChangeSet [${Id}] cannot be executed in its current execution status of [EXECUTE_COMPLETE]`,
    });
  });

  it('is refused for a stack that exists, and its stack can be deleted', async () => {
    await propose(before, { ChangeSetType: 'CREATE' });
    await rig.run('DeleteStack', { StackName: 's' });
    await expect(rig.status('s')).rejects.toThrow('does not exist');
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ A: thing() }) });
    await expect(propose(before, { ChangeSetType: 'CREATE' })).rejects.toThrow(
      'Stack [s] already exists and cannot be created again with the changeSet [c].',
    );
  });

  it('deletes the stack if its creation fails and OnStackFailure is DELETE', async () => {
    rig.failAt = ({ logicalId }) => (logicalId === 'B' ? 'broken' : undefined);
    const { StackId = '' } = await propose(before, { ChangeSetType: 'CREATE', OnStackFailure: 'DELETE' });
    await rig.run('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
    expect(await rig.status(StackId)).toBe('DELETE_COMPLETE');
  });
});

describe('a change set that updates', () => {
  beforeEach(async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template(before, sections) });
  });
  const changes = async () => {
    const { Changes = [] } = await described();
    return Object.fromEntries(
      Changes.map(({ ResourceChange: change }) => [
        change?.LogicalResourceId,
        [
          change?.Action,
          change?.Replacement,
          change?.PolicyAction,
          ...(change?.Details ?? []).map(({ Target, Evaluation, ChangeSource, CausingEntity }) =>
            [Target?.Attribute, Target?.Name, Target?.RequiresRecreation, Evaluation, ChangeSource, CausingEntity]
              .filter(Boolean)
              .join(' '),
          ),
        ].filter(Boolean),
      ]),
    );
  };

  it('shows what would be added, modified, replaced and removed, and why', async () => {
    await propose(after, { Parameters: [{ ParameterKey: 'Size', ParameterValue: '2' }] });
    expect(await changes()).toEqual({
      A: [
        'Modify',
        'False',
        'Properties Size Never Static ParameterReference Size',
        'Properties Size Never Dynamic DirectModification',
      ],
      B: ['Modify', 'True', 'ReplaceAndDelete', 'Properties Kind Always Static DirectModification'],
      C: ['Modify', 'False', 'Properties Text Never Dynamic ResourceReference B'],
      D: ['Modify', 'False', 'Properties Text Never Dynamic ResourceAttribute A.Size'],
      New: ['Add'],
      Gone: ['Remove', 'Retain'],
    });
    const { Changes = [] } = await described();
    expect(Changes[0]?.ResourceChange).toMatchObject({
      Scope: ['Properties'],
      PhysicalResourceId: expect.stringMatching(/^s-A-/),
    });
    const { Changes: withValues = [] } = await described({ IncludePropertyValues: true });
    expect(withValues[2]?.ResourceChange?.AfterContext).toBe(
      '{"Properties":{"Text":"{{changeSet:KNOWN_AFTER_APPLY}}","Kind":"k"}}',
    );
    expect(rig.log).not.toContain('create New');
    await rig.run('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
    expect(rig.log).toContain('create New');
  });

  it('reports a replacement that depends on another change as conditional', async () => {
    const named = (kind: string) => ({ B: thing({ Kind: kind }), C: thing({ Kind: { 'Fn::GetAtt': ['B', 'Arn'] } }) });
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template(named('x'), sections) });
    await propose(named('z'));
    expect((await changes())['C']).toEqual([
      'Modify',
      'Conditional',
      'Properties Kind Always Dynamic ResourceAttribute B.Arn',
    ]);
  });

  it('fails if there is nothing to change', async () => {
    const { Id = '' } = await propose(before);
    expect(await described()).toMatchObject({
      Status: 'FAILED',
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
      ExecutionStatus: 'UNAVAILABLE',
    });
    await expect(rig.call('ExecuteChangeSet', { ChangeSetName: Id })).rejects.toThrow(
      `ChangeSet [${Id}] cannot be executed in its current status of [FAILED]`,
    );
  });

  it('distinguishes changes of metadata, policies and tags from those of properties', async () => {
    await propose(
      { ...before, Gone: thing({}, { Metadata: { a: 1 }, DeletionPolicy: 'Delete' }) },
      { Tags: [{ Key: 'k', Value: 'v' }] },
    );
    const { Changes = [] } = await described();
    const gone = Changes.find(({ ResourceChange }) => ResourceChange?.LogicalResourceId === 'Gone')?.ResourceChange;
    expect(gone?.Scope).toEqual(['Tags', 'Metadata', 'DeletionPolicy']);
    expect(gone?.Replacement).toBe('False');
  });

  it('shows the values of changed properties with IncludePropertyValues', async () => {
    const old = { A: thing({ Size: 1, Text: 'x' }), B: thing({ Kind: 'k' }) };
    const TemplateBody = template({ A: thing({ Size: 2, Kind: 'new' }), C: thing({ Text: { Ref: 'A' } }) });
    await rig.run('CreateStack', { StackName: 'values', TemplateBody: template(old) });
    const { Id } = await rig.run('CreateChangeSet', { StackName: 'values', ChangeSetName: 'c', TemplateBody });
    const { Changes = [] } = await rig.call('DescribeChangeSet', { ChangeSetName: Id, IncludePropertyValues: true });
    const [modified, added] = Changes.map(({ ResourceChange }) => ResourceChange);
    expect(modified?.Details?.map(({ Target }) => Target)).toEqual(
      expect.arrayContaining([
        {
          Attribute: 'Properties',
          Name: 'Size',
          RequiresRecreation: 'Never',
          Path: '/Properties/Size',
          AttributeChangeType: 'Modify',
          BeforeValue: '1',
          AfterValue: '2',
        },
        expect.objectContaining({ Name: 'Kind', AttributeChangeType: 'Add', AfterValue: 'new' }),
        expect.objectContaining({ Name: 'Text', AttributeChangeType: 'Remove', BeforeValue: 'x' }),
      ]),
    );
    expect(added).toMatchObject({ Action: 'Add', Details: [] });
  });

  it('names the parameters behind changes of metadata and tags', async () => {
    const parameters = { Parameters: { Owner: { Type: 'String' } } };
    const owned = {
      A: thing({ Tags: [{ Key: 'owner', Value: { Ref: 'Owner' } }] }, { Metadata: { Owner: { Ref: 'Owner' } } }),
    };
    const request = (ParameterValue: string) => ({
      StackName: 'owned',
      TemplateBody: template(owned, parameters),
      Parameters: [{ ParameterKey: 'Owner', ParameterValue }],
    });
    await rig.run('CreateStack', request('a'));
    const { Id = '' } = await rig.run('CreateChangeSet', { ...request('b'), ChangeSetName: 'c' });
    const { Changes } = await rig.call('DescribeChangeSet', { ChangeSetName: Id });
    const tags = { Attribute: 'Properties', Name: 'Tags', RequiresRecreation: 'Never' };
    const metadata = { Attribute: 'Metadata', RequiresRecreation: 'Never' };
    const byParameter = { Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: 'Owner' };
    const direct = { Evaluation: 'Dynamic', ChangeSource: 'DirectModification' };
    expect(Changes?.[0]?.ResourceChange?.Scope).toEqual(['Properties', 'Metadata']);
    expect(Changes?.[0]?.ResourceChange?.Details).toEqual([
      { Target: tags, ...byParameter },
      { Target: tags, ...direct },
      { Target: metadata, ...byParameter },
      { Target: metadata, ...direct },
    ]);
  });

  it('validates properties against the type’s schema first, and reports problems as events', async () => {
    const { Id = '' } = await propose({ A: thing({ Nope: 1, Size: 'x' }) });
    expect(await described()).toMatchObject({
      Status: 'FAILED',
      StatusReason: expect.stringContaining('[AWS::EarlyValidation::PropertyValidation]'),
    });
    const { OperationEvents = [] } = await rig.call('DescribeEvents', {
      ChangeSetName: Id,
      Filters: { FailedEvents: true },
    });
    expect(
      OperationEvents.map(({ ValidationPath, ValidationStatusReason }) => [ValidationPath, ValidationStatusReason]),
    ).toEqual([
      ['/Resources/A/Properties/Nope', '#: extraneous key [Nope] is not permitted'],
      ['/Resources/A/Properties/Size', '#/Size: expected type: Integer, found: String'],
    ]);
    await rig.call('DeleteChangeSet', { ChangeSetName: Id });
    await propose({ A: thing({ Nope: 1 }) }, { DisableValidation: true });
    expect(await described()).toMatchObject({ Status: 'CREATE_COMPLETE' });
  });

  it('is deleted when it or another one is executed, and is found by name only with its stack', async () => {
    await propose(after);
    await rig.run('CreateChangeSet', {
      StackName: 's',
      ChangeSetName: 'other',
      TemplateBody: template(after, sections),
    });
    const { Summaries = [] } = await rig.call('ListChangeSets', { StackName: 's' });
    expect(Summaries.map(({ ChangeSetName }) => ChangeSetName)).toEqual(['c', 'other']);
    await rig.run('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'other' });
    await expect(described()).rejects.toMatchObject({
      code: 'ChangeSetNotFoundException',
      message: 'ChangeSet [c] does not exist',
      status: 404,
    });
    await expect(rig.call('DescribeChangeSet', { ChangeSetName: 'c' })).rejects.toThrow('StackName must be specified');
    await rig.call('DeleteChangeSet', { StackName: 's', ChangeSetName: 'c' });
    const { TemplateBody } = await rig.call('GetTemplate', { StackName: 's', ChangeSetName: 'other' });
    expect(TemplateBody).toBe(template(after, sections));
  });

  it('becomes obsolete when the stack is updated in another way', async () => {
    const { Id } = await propose(after);
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template({ A: thing({ Size: 9 }) }) });
    await expect(rig.call('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' })).rejects.toThrow(
      `ChangeSet [${Id}] cannot be executed in its current execution status of [OBSOLETE]`,
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const chain = template({
  A: thing({ Size: 1 }),
  B: thing({ Text: { 'Fn::GetAtt': ['A', 'Arn'] } }),
  C: thing({ Text: { 'Fn::Sub': '${B}-${AWS::Region}' } }, { DependsOn: 'A' }),
});

describe('creating a stack', () => {
  it('returns at once and creates resources in the order of dependencies', async () => {
    const { StackId } = await rig.call('CreateStack', { StackName: 'shop', TemplateBody: chain });
    expect(StackId).toMatch(/^arn:aws:cloudformation:eu-west-1:000000000000:stack\/shop\/[0-9a-f-]{36}$/);
    expect(await rig.status('shop')).toBe('CREATE_IN_PROGRESS User Initiated');
    expect(rig.log).toEqual([]);
    await rig.service.settled();
    expect(await rig.status('shop')).toBe('CREATE_COMPLETE');
    expect(await rig.events('shop')).toEqual([
      'shop CREATE_IN_PROGRESS User Initiated',
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS Resource creation Initiated',
      'A CREATE_COMPLETE',
      'B CREATE_IN_PROGRESS',
      'B CREATE_IN_PROGRESS Resource creation Initiated',
      'B CREATE_COMPLETE',
      'C CREATE_IN_PROGRESS',
      'C CREATE_IN_PROGRESS Resource creation Initiated',
      'C CREATE_COMPLETE',
      'shop CREATE_COMPLETE',
    ]);
  });

  it('passes generated names, references and attributes to what refers to them', async () => {
    await rig.run('CreateStack', { StackName: 'shop', TemplateBody: chain });
    const { StackResources = [] } = await rig.call('DescribeStackResources', { StackName: 'shop' });
    const [a = '', b = ''] = StackResources.map(({ PhysicalResourceId }) => PhysicalResourceId);
    expect(a).toMatch(/^shop-A-[A-Z0-9]{12}$/);
    expect(rig.things.get(b)).toEqual({ Text: `arn:test:${a}` });
    expect([...rig.things.values()]).toContainEqual({ Text: `${b}-eu-west-1` });
  });

  it('creates independent resources at the same time', async () => {
    const waiting: (() => void)[] = [];
    rig.failAt = () => {
      return new Promise((resolve) => {
        waiting.push(() => resolve(undefined));
        if (waiting.length === 3) for (const go of waiting) go();
      });
    };
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ A: thing(), B: thing(), C: thing() }) });
    expect(await rig.status('s')).toBe('CREATE_COMPLETE');
  });

  it('lists events newest first, each with its own time and id, a hundred per page', async () => {
    const resources = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`R${index}`, thing()]));
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template(resources), ClientRequestToken: 'token-1' });
    const first = await rig.call('DescribeStackEvents', { StackName: 's' });
    const second = await rig.call('DescribeStackEvents', { StackName: 's', NextToken: first.NextToken });
    const events = [...(first.StackEvents ?? []), ...(second.StackEvents ?? [])];
    expect(first.StackEvents).toHaveLength(100);
    expect(second.NextToken).toBeUndefined();
    expect(events).toHaveLength(2 + 40 * 3);
    expect(events[0]?.ResourceStatus).toBe('CREATE_COMPLETE');
    const times = events.map(({ Timestamp }) => Number(Timestamp));
    expect(times).toEqual([...new Set(times)].sort((one, other) => other - one));
    expect(new Set(events.map(({ EventId }) => EventId)).size).toBe(events.length);
    expect(events.every(({ ClientRequestToken }) => ClientRequestToken === 'token-1')).toBe(true);
    const complete = events.find(
      (event) => event.LogicalResourceId === 'R7' && event.ResourceStatus === 'CREATE_COMPLETE',
    );
    expect(complete?.EventId).toBe(`R7-CREATE_COMPLETE-${complete?.Timestamp?.toISOString()}`);
    expect(complete?.ResourceProperties).toBe('{}');
    await expect(rig.call('DescribeStackEvents', { StackName: 's', NextToken: 'x' })).rejects.toThrow('NextToken');
  });

  it('returns the outputs, including exports, and passes the stack’s tags to resources that support tags', async () => {
    const body = template(
      { A: thing({ Tags: [{ Key: 'own', Value: '1' }] }), H: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
      {
        Parameters: { Size: { Type: 'Number', Default: 5 } },
        Outputs: {
          Id: { Value: { Ref: 'A' }, Description: 'its id', Export: { Name: { 'Fn::Sub': '${AWS::StackName}-id' } } },
          Size: { Value: { Ref: 'Size' } },
        },
      },
    );
    await rig.run('CreateStack', {
      StackName: 's',
      TemplateBody: body,
      Tags: [
        { Key: 'team', Value: 'x' },
        { Key: 'own', Value: '2' },
      ],
    });
    const [id = ''] = rig.things.keys();
    const { Stacks = [] } = await rig.call('DescribeStacks', { StackName: 's' });
    expect(Stacks[0]?.Outputs).toEqual([
      { OutputKey: 'Id', OutputValue: id, Description: 'its id', ExportName: 's-id' },
      { OutputKey: 'Size', OutputValue: '5' },
    ]);
    expect(rig.things.get(id)).toEqual({
      Tags: [
        { Key: 'own', Value: '1' },
        { Key: 'team', Value: 'x' },
      ],
    });
    const { Exports = [] } = await rig.call('ListExports', {});
    expect(Exports).toEqual([{ ExportingStackId: Stacks[0]?.StackId, Name: 's-id', Value: id }]);
  });

  it('leaves out resources with a false condition, and orders by the taken branches only', async () => {
    const body = template(
      {
        A: thing({ Text: { 'Fn::If': ['Prod', { Ref: 'B' }, { Ref: 'AWS::NoValue' }] } }),
        B: thing({ Text: { Ref: 'A' } }),
        Gone: thing({}, { Condition: 'Prod' }),
      },
      {
        Parameters: { Env: { Type: 'String', Default: 'dev' } },
        Conditions: { Prod: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] } },
        Outputs: { Gone: { Value: { Ref: 'Gone' }, Condition: 'Prod' } },
      },
    );
    await rig.run('CreateStack', { StackName: 's', TemplateBody: body });
    expect(rig.log).toEqual(['create A', 'create B']);
    expect([...rig.things.values()][0]).toEqual({});
  });

  it('returns the same response for a repeated token and does nothing more', async () => {
    const input = { StackName: 's', TemplateBody: template({ A: thing() }), ClientRequestToken: 'once' };
    const first = await rig.run('CreateStack', input);
    const second = await rig.run('CreateStack', input);
    expect(second).toEqual(first);
    expect(rig.log).toEqual(['create A']);
    await expect(rig.call('CreateStack', { ...input, ClientRequestToken: 'twice' })).rejects.toMatchObject({
      code: 'AlreadyExistsException',
      message: 'Stack [s] already exists',
    });
  });
});

describe('a creation that fails', () => {
  const three = template({ A: thing(), B: thing({ Text: { Ref: 'A' } }), C: thing({ Text: { Ref: 'A' } }) });
  beforeEach(() => {
    rig.failAt = ({ logicalId, action }) => (logicalId === 'B' && action === 'create' ? 'B is broken' : undefined);
  });

  it('cancels other resources, deletes existing ones and names those that failed', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: three });
    const events = (await rig.events('s')).filter((event) => !event.endsWith('creation Initiated'));
    expect(events.slice(3)).toEqual([
      'B CREATE_IN_PROGRESS',
      'C CREATE_IN_PROGRESS',
      'B CREATE_FAILED B is broken',
      'C CREATE_FAILED Resource creation cancelled',
      's ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B, C]. Rollback requested by user.',
      'B DELETE_COMPLETE',
      'C DELETE_IN_PROGRESS',
      'C DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      's ROLLBACK_COMPLETE',
    ]);
    expect(rig.things.size).toBe(0);
  });

  it('leaves a stack that cannot be updated, only deleted', async () => {
    const { StackId } = await rig.run('CreateStack', { StackName: 's', TemplateBody: three });
    await expect(rig.call('UpdateStack', { StackName: 's', TemplateBody: three })).rejects.toMatchObject({
      code: 'ValidationError',
      message: `Stack:${StackId} is in ROLLBACK_COMPLETE state and can not be updated.`,
    });
    await rig.run('DeleteStack', { StackName: 's' });
    expect(await rig.status(StackId ?? '')).toBe('DELETE_COMPLETE');
    await expect(rig.status('s')).rejects.toThrow('Stack with id s does not exist');
  });

  it('is deleted with OnFailure DELETE, and left as it is with DO_NOTHING', async () => {
    const { StackId = '' } = await rig.run('CreateStack', { StackName: 'd', TemplateBody: three, OnFailure: 'DELETE' });
    expect(await rig.status(StackId)).toBe('DELETE_COMPLETE');
    expect(await rig.events(StackId)).toContain(
      'd DELETE_IN_PROGRESS The following resource(s) failed to create: [B, C]. Delete requested by user.',
    );
    expect(rig.things.size).toBe(0);
    await rig.run('CreateStack', { StackName: 'n', TemplateBody: three, OnFailure: 'DO_NOTHING' });
    expect(await rig.status('n')).toBe('CREATE_FAILED The following resource(s) failed to create: [B, C]. ');
    expect(rig.things.size).toBe(2);
  });

  it('keeps what has DeletionPolicy Retain, but not RetainExceptOnCreate', async () => {
    const body = (policy: string) =>
      template({ A: thing({}, { DeletionPolicy: policy }), B: thing({}, { DependsOn: 'A' }) });
    await rig.run('CreateStack', { StackName: 'r', TemplateBody: body('Retain') });
    expect(await rig.events('r')).toContain('A DELETE_SKIPPED');
    expect(rig.things.size).toBe(1);
    await rig.run('CreateStack', { StackName: 'x', TemplateBody: body('RetainExceptOnCreate') });
    await rig.run('CreateStack', { StackName: 'y', TemplateBody: body('Retain'), RetainExceptOnCreate: true });
    expect(rig.things.size).toBe(1);
  });

  it('ends in ROLLBACK_FAILED if something cannot be deleted', async () => {
    rig.failAt = ({ logicalId, action }) => {
      if (action === 'create') return logicalId === 'B' ? 'broken' : undefined;
      return logicalId === 'A' ? 'A stays' : undefined;
    };
    await rig.run('CreateStack', { StackName: 's', TemplateBody: three });
    expect(await rig.status('s')).toBe('ROLLBACK_FAILED The following resource(s) failed to delete: [A]. ');
  });

  it('fails for properties that the type does not have, and for what the handler answers', async () => {
    rig.failAt = undefined;
    await rig.run('CreateStack', { StackName: 'p', TemplateBody: template({ A: thing({ Nope: 1 }) }) });
    expect(await rig.events('p')).toContain(
      'A CREATE_FAILED Properties validation failed for resource A with message:\n#: extraneous key [Nope] is not permitted',
    );
    await rig.run('CreateStack', {
      StackName: 'q',
      TemplateBody: template({ A: thing({ Name: 'one' }), B: thing({ Name: 'one' }, { DependsOn: 'A' }) }),
    });
    const failed = (await rig.events('q')).find((event) => event.startsWith('B CREATE_FAILED'));
    expect(failed).toMatch(
      /^B CREATE_FAILED Resource handler returned message: "one already exists" \(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: AlreadyExists\)$/,
    );
  });

  it('fails for an export that is missing or belongs to another stack', async () => {
    rig.failAt = undefined;
    await rig.run('CreateStack', {
      StackName: 's',
      TemplateBody: template({ A: thing({ Text: { 'Fn::ImportValue': 'net' } }) }),
    });
    expect(await rig.events('s')).toContain(
      's ROLLBACK_IN_PROGRESS No export named net found. Rollback requested by user.',
    );
    const exporting = template({ A: thing() }, { Outputs: { O: { Value: 'v', Export: { Name: 'net' } } } });
    await rig.run('CreateStack', { StackName: 'one', TemplateBody: exporting });
    await rig.run('CreateStack', { StackName: 'two', TemplateBody: exporting });
    expect(await rig.events('two')).toContain(
      'two ROLLBACK_IN_PROGRESS Export with name net is already exported by stack one. Rollback requested by user.',
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const create = (resources: object, sections: object = {}, options: object = {}) =>
  rig.call('CreateStack', { StackName: 's', TemplateBody: template(resources, sections), ...options });
const role = (properties: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: {}, ...properties },
});

describe('what is checked before a stack is created', () => {
  it.each<[string, object, object, string]>([
    [
      'a missing resource',
      { A: thing({ Text: { Ref: 'X' } }), B: thing({}, { DependsOn: 'Y' }) },
      {},
      'Template format error: Unresolved resource dependencies [X, Y] in the Resources block of the template',
    ],
    [
      'one in a branch that is not taken',
      { A: thing({ Text: { 'Fn::If': ['C', 'x', { Ref: 'X' }] } }) },
      { Conditions: { C: { 'Fn::Equals': ['a', 'a'] } } },
      'Template format error: Unresolved resource dependencies [X] in the Resources block of the template',
    ],
    [
      'one in an output',
      { A: thing() },
      { Outputs: { O: { Value: { Ref: 'X' } } } },
      'Template format error: Unresolved resource dependencies [X] in the Outputs block of the template',
    ],
    [
      'an attribute of a missing resource',
      { A: thing({ Text: { 'Fn::GetAtt': ['X', 'Arn'] } }) },
      {},
      'Template error: instance of Fn::GetAtt references undefined resource X',
    ],
    [
      'an attribute that the type does not have',
      { A: thing({ Text: { 'Fn::GetAtt': ['B', 'Nope'] } }), B: thing() },
      {},
      'Template error: resource B does not support attribute type Nope in Fn::GetAtt',
    ],
    [
      'the same in a text',
      { A: thing({ Text: { 'Fn::Sub': '${B.Nope}' } }), B: thing() },
      {},
      'Template error: instance of Fn::Sub references invalid resource attribute B.Nope',
    ],
    [
      'a bad name in a text',
      { A: thing({ Text: { 'Fn::Sub': '${a b}' } }) },
      {},
      'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
    ],
    [
      'a circle',
      {
        A: thing({ Text: { Ref: 'B' } }),
        B: thing({}, { DependsOn: 'C' }),
        C: thing({ Text: { 'Fn::Sub': '${A.Arn}' } }),
        D: thing(),
      },
      {},
      'Circular dependency between resources: [A, B, C]',
    ],
    [
      'a resource that needs itself',
      { A: thing({ Text: { Ref: 'A' } }) },
      {},
      'Circular dependency between resources: [A]',
    ],
    [
      'types that are not provisioned',
      { A: { Type: 'AWS::Nope::X' }, B: { Type: 'AWS::EC2::VPC' } },
      {},
      'Template format error: Unrecognized resource types: [AWS::Nope::X, AWS::EC2::VPC]',
    ],
    ['a custom resource', { A: { Type: 'Custom::X' } }, {}, 'The fx local AWS does not support custom resources (A).'],
    [
      'a property that is not implemented',
      { A: thing({ Untold: 'x' }) },
      {},
      'The fx local AWS does not support the property Untold of Test::Fx::Thing (of A).',
    ],
    [
      'a dynamic reference',
      { A: thing({ Text: '{{resolve:ssm:x}}' }) },
      {},
      'The fx local AWS does not support dynamic references ({{resolve:…}}).',
    ],
    [
      'a condition that is not there',
      { A: thing({}, { Condition: 'X' }) },
      {},
      'Template format error: Unresolved condition dependency X in the Resources block of the template',
    ],
    [
      'a condition over resources',
      { A: thing() },
      { Conditions: { C: { 'Fn::Equals': [{ Ref: 'A' }, 'x'] } } },
      'Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template',
    ],
    [
      'a resource that a condition leaves out',
      { A: thing({ Text: { Ref: 'B' } }), B: thing({}, { Condition: 'C' }) },
      { Conditions: { C: { 'Fn::Equals': ['a', 'b'] } } },
      'Template format error: Unresolved resource dependencies [B] in the Resources block of the template',
    ],
    [
      'test_dependent_get_att: an attribute of a resource that a condition leaves out',
      { A: thing({ Text: { 'Fn::GetAtt': ['B', 'Arn'] } }), B: thing({}, { Condition: 'C' }) },
      { Conditions: { C: { 'Fn::Equals': ['a', 'b'] } } },
      'Template format error: Unresolved resource dependencies [B] in the Resources block of the template',
    ],
    [
      'test_output_reference_to_skipped_resource',
      { A: thing(), B: thing({}, { Condition: 'C' }) },
      { Conditions: { C: { 'Fn::Equals': ['a', 'b'] } }, Outputs: { O: { Value: { Ref: 'B' } } } },
      'Unresolved resource dependencies [B] in the Outputs block of the template',
    ],
    [
      'test_validate_equals_args_len: of a condition that nothing uses',
      { A: thing() },
      { Conditions: { C: { 'Fn::Equals': ['a'] } } },
      'Template error: every Fn::Equals object requires a list of 2 string parameters.',
    ],
    [
      'test_missing_condition: of Fn::If',
      { A: thing({ Text: { 'Fn::If': ['X', 'a', 'b'] } }) },
      {},
      'Template error: unresolved condition dependency X in Fn::If',
    ],
  ])('%s', async (_what, resources, sections, message) => {
    await expect(create(resources, sections)).rejects.toMatchObject({ code: 'ValidationError', message });
    await expect(rig.call('DescribeStacks', { StackName: 's' })).rejects.toThrow('Stack with id s does not exist');
  });

  it('leaves out a property without a value before it checks what is implemented', async () => {
    await rig.run('CreateStack', {
      StackName: 'nothing',
      TemplateBody: template({ A: thing({ Untold: { Ref: 'AWS::NoValue' } }) }),
    });
    expect(await rig.status('nothing')).toBe('CREATE_COMPLETE');
  });

  it('requires the capabilities for IAM resources, and for named ones', async () => {
    const insufficient = (capability: string) => ({
      code: 'InsufficientCapabilitiesException',
      message: `Requires capabilities : [${capability}]`,
    });
    await expect(create({ R: role() })).rejects.toMatchObject(insufficient('CAPABILITY_IAM'));
    const Capabilities = ['CAPABILITY_IAM'];
    const named = { R: role({ RoleName: 'x' }) };
    await expect(create(named, {}, { Capabilities })).rejects.toMatchObject(insufficient('CAPABILITY_NAMED_IAM'));
    const TemplateBody = template(named);
    expect(await rig.call('ValidateTemplate', { TemplateBody })).toMatchObject({
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      CapabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
    });
  });

  it('checks the limits of the stack’s name, the template’s size and the settings', async () => {
    const body = template({ A: thing() });
    await expect(rig.call('CreateStack', { StackName: '1a', TemplateBody: body })).rejects.toThrow(
      "1 validation error detected: Value '1a' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
    );
    await expect(rig.call('CreateStack', { StackName: 'a'.repeat(129), TemplateBody: body })).rejects.toThrow(
      'Member must have length less than or equal to 128',
    );
    const large = template({ A: thing({ Text: 'x'.repeat(51_200) }) });
    await expect(rig.call('CreateStack', { StackName: 's', TemplateBody: large })).rejects.toThrow(
      "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
    );
    await expect(rig.call('CreateStack', { StackName: 's' })).rejects.toThrow(
      'Either Template URL or Template Body must be specified.',
    );
    await expect(create({ A: thing() }, {}, { TimeoutInMinutes: 5 })).rejects.toThrow(
      'cloudformation:CreateStack with TimeoutInMinutes is not implemented by the fx local AWS',
    );
    await expect(create({ A: thing() }, {}, { NotificationARNs: ['arn'] })).rejects.toThrow(
      'NotificationARNs with topics',
    );
    const alarms = {
      RollbackTriggers: [{ Arn: 'arn:aws:cloudwatch:eu-west-1:000000000000:alarm:a', Type: 'AWS::CloudWatch::Alarm' }],
    };
    await expect(create({ A: thing() }, {}, { RollbackConfiguration: alarms })).rejects.toThrow(
      'RollbackConfiguration with alarms',
    );
  });

  it('reads a larger template from S3, by any form of its URL', async () => {
    const Bucket = 'templates-here';
    const constraint = { LocationConstraint: 'eu-west-1' as const };
    await rig.cloud.call('s3', 'CreateBucket', { Bucket, CreateBucketConfiguration: constraint });
    const Body = Buffer.from(template({ A: thing({ Text: 'x'.repeat(60_000) }) }));
    await rig.cloud.call('s3', 'PutObject', { Bucket, Key: 'a/t.json', Body });
    for (const TemplateURL of [
      `https://${Bucket}.s3.eu-west-1.amazonaws.com/a/t.json`,
      `https://s3.eu-west-1.amazonaws.com/${Bucket}/a/t.json`,
      `${rig.cloud.endpoint}/${Bucket}/a/t.json`,
      `http://localhost:4566/${Bucket}/a/t.json`,
    ]) {
      expect(await rig.call('ValidateTemplate', { TemplateURL })).toEqual({ Parameters: [] });
    }
    const missing = `https://${Bucket}.s3.eu-west-1.amazonaws.com/nope.json`;
    await expect(rig.call('ValidateTemplate', { TemplateURL: missing })).rejects.toThrow(
      'S3 error: The specified key does not exist.',
    );
    await expect(rig.call('ValidateTemplate', { TemplateURL: 'https://example.com/x' })).rejects.toThrow(
      'TemplateURL must be a supported URL.',
    );
    // test_create_stack_from_s3_template_url[s3_url]
    await expect(rig.call('ValidateTemplate', { TemplateURL: `s3://${Bucket}/a/t.json` })).rejects.toThrow(
      `S3 error: Domain name specified in ${Bucket} is not a valid S3 domain`,
    );
  });

  it('test_linting_error_during_creation: resources that are not a map', async () => {
    await expect(rig.call('ValidateTemplate', { TemplateBody: '{"Resources": "", "Outputs": {}}' })).rejects.toThrow(
      'Template format error: Any Resources member must be an object.',
    );
  });

  it('test_get_template_no_arguments, test_get_template_missing_resources_change_set', async () => {
    await expect(rig.call('GetTemplate', {})).rejects.toThrow(
      'StackName is required if ChangeSetName is not specified.',
    );
    await expect(rig.call('GetTemplate', { ChangeSetName: 'c' })).rejects.toThrow('StackName is a required parameter.');
  });

  it('test_get_template_summary_non_executed_change_set', async () => {
    const TemplateBody = template({ A: thing() });
    await rig.call('CreateChangeSet', { StackName: 'r', ChangeSetName: 'c', ChangeSetType: 'CREATE', TemplateBody });
    await expect(rig.call('GetTemplateSummary', { StackName: 'r' })).rejects.toThrow(
      'GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.',
    );
  });

  it('summarizes a template', async () => {
    const TemplateBody = template(
      { A: thing(), R: role() },
      {
        Description: 'about',
        Metadata: { a: 1 },
        Parameters: { P: { Type: 'String', Default: 'd', AllowedValues: ['d', 'e'], NoEcho: true, Description: 'p' } },
      },
    );
    expect(await rig.call('GetTemplateSummary', { TemplateBody })).toEqual({
      Description: 'about',
      Metadata: '{"a":1}',
      Capabilities: ['CAPABILITY_IAM'],
      CapabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
      ResourceTypes: ['Test::Fx::Thing', 'AWS::IAM::Role'],
      ResourceIdentifierSummaries: [
        { ResourceType: 'Test::Fx::Thing', LogicalResourceIds: ['A'] },
        { ResourceType: 'AWS::IAM::Role', LogicalResourceIds: ['R'], ResourceIdentifiers: ['RoleName'] },
      ],
      Parameters: [
        {
          ParameterKey: 'P',
          ParameterType: 'String',
          DefaultValue: 'd',
          NoEcho: true,
          Description: 'p',
          ParameterConstraints: { AllowedValues: ['d', 'e'] },
        },
      ],
    });
  });
});

// CloudFormation inside project.yml: resources and outputs. Their properties are checked later, with the types' schemas.
import type { Plain } from '../base/located.ts';
import { described, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';

/** CloudFormation's logical ids: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html */
export const logicalId = { pattern: /^[A-Za-z0-9]{1,255}$/, expected: 'a logical id (letters and digits)' };

export const resource = object({
  about: 'A resource, as CloudFormation defines it.',
  required: {
    Type: described(
      'The resource type, such as AWS::SQS::Queue.',
      text({ expected: 'a resource type such as AWS::SQS::Queue' }),
      {
        examples: ['AWS::SQS::Queue'],
        aws: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html',
      },
    ),
  },
  optional: {
    Properties: described("The type's properties, checked before a deploy.", verbatim, {
      examples: [{ VisibilityTimeout: 360 }],
    }),
    Condition: described(
      'A condition under conditions. The resource is created only if it holds.',
      text({ ...logicalId, expected: 'the name of a condition' }),
      { examples: ['IsProduction'] },
    ),
    DependsOn: described('Logical ids of resources to create before this one.', verbatim, {
      examples: [['Orders']],
    }),
    DeletionPolicy: oneOf(
      ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'],
      'What happens to it when it leaves the template, or the stack is deleted.',
      {
        default: 'Delete',
        aws: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html',
      },
    ),
    UpdateReplacePolicy: oneOf(
      ['Delete', 'Retain', 'Snapshot'],
      'What happens to the old resource when an update replaces it.',
      {
        default: 'Delete',
        aws: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html',
      },
    ),
    UpdatePolicy: described('How CloudFormation updates it, for the few types that support this.', verbatim, {
      examples: [{ EnableVersionUpgrade: true }],
      aws: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html',
    }),
    CreationPolicy: described(
      'When CloudFormation counts it as created, for the few types that support this.',
      verbatim,
      {
        examples: [{ ResourceSignal: { Timeout: 'PT5M' } }],
        aws: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html',
      },
    ),
    Metadata: described('Any data to keep in the template.', verbatim, { examples: [{ owner: 'checkout' }] }),
  },
});

export interface OutputEntry {
  readonly value: Plain;
  readonly description: string | undefined;
  readonly condition: string | undefined;
}

const long = object({
  required: { Value: described('The value.', verbatim) },
  optional: {
    Description: text({ about: 'Shown beside it.', longest: 1024 }),
    Condition: text({ about: 'A condition under conditions. The output exists only if it holds.' }),
  },
});

export const output: Schema<OutputEntry> = {
  expected: 'a value',
  json: {
    description: 'A value, or a map with Value, Description and Condition.',
    examples: [{ Ref: 'Orders' }, { Value: { Ref: 'Orders' }, Description: 'The queue of orders' }],
    aws: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html',
  },
  read(value, reading) {
    if (value.kind === 'map' && value.entries.has('Value')) {
      if (value.entries.has('Export')) {
        reading.problem(
          value.entries.get('Export')?.keyAt ?? value.at,
          'fx exports nothing: an export locks stacks together',
          'read it from the other project with ${stack:name.Output}, or share it by an AWS::SSM::Parameter',
        );
        return undefined;
      }
      const read = long.read(value, reading);
      if (read === undefined) return undefined;
      return { value: read.Value as Plain, description: read.Description, condition: read.Condition };
    }
    const plain = verbatim.read(value, reading);
    return plain === undefined ? undefined : { value: plain, description: undefined, condition: undefined };
  },
};

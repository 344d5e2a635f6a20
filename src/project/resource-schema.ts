// CloudFormation inside project.yml: resources and outputs. What a type's properties may be is checked later, with its schema.
import type { Plain } from '../base/located.ts';
import { described, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';

/** CloudFormation's logical ids: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html */
export const logicalId = { pattern: /^[A-Za-z0-9]{1,255}$/, expected: 'a logical id (letters and digits)' };

export const resource = object({
  about: 'A resource as CloudFormation takes it.',
  required: {
    Type: text({
      expected: 'a resource type such as AWS::SQS::Queue',
      about: 'The resource type, such as AWS::SQS::Queue.',
    }),
  },
  optional: {
    Properties: described("The type's properties, checked before a deploy.", verbatim),
    Condition: text({
      ...logicalId,
      expected: 'the name of a condition',
      about: 'A name under conditions: the resource is made only where it holds.',
    }),
    DependsOn: described('Logical ids of resources that are made before this one.', verbatim),
    DeletionPolicy: oneOf(
      ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'],
      'What becomes of it when it is taken out or the stack is removed.',
      { default: 'Delete' },
    ),
    UpdateReplacePolicy: oneOf(
      ['Delete', 'Retain', 'Snapshot'],
      'What becomes of the old one when a change makes a new one of it.',
      { default: 'Delete' },
    ),
    UpdatePolicy: described('How it is updated, for the few types that have one.', verbatim),
    CreationPolicy: described('When it counts as made, for the few types that have one.', verbatim),
    Metadata: described('Anything at all, kept in the template.', verbatim),
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
    Condition: text({ about: 'A name under conditions: the output is there only where it holds.' }),
  },
});

export const output: Schema<OutputEntry> = {
  expected: 'a value',
  json: {},
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

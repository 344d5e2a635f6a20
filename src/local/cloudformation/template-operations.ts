// The operations that return, summarize and validate templates.
import type { Cloud, Operations } from '../cloud.ts';
import { requiredCapability } from './capabilities.ts';
import { changeSetTemplate } from './change-set-records.ts';
import type { Engine } from './engine.ts';
import { invalid } from './problem.ts';
import { templateText } from './request.ts';
import type { CloudFormation } from './sdk.ts';
import { readTemplate, type Template } from './template.ts';
import { isMap, parseTemplate } from './template-text.ts';

export function templateOperations(cloud: Cloud, engine: Engine): Operations<'cloudformation'> {
  const { stacks } = engine;
  return {
    // without transforms, both stages are the same
    GetTemplate: {
      members: ['StackName', 'ChangeSetName', 'TemplateStage'],
      run(input) {
        if (input.StackName === undefined && !input.ChangeSetName?.startsWith('arn:')) {
          throw invalid(
            input.ChangeSetName === undefined
              ? 'StackName is required if ChangeSetName is not specified.'
              : 'StackName is a required parameter.',
          );
        }
        const text =
          input.ChangeSetName === undefined
            ? stacks.get(input.StackName, 'read').template
            : changeSetTemplate(cloud, engine, input.ChangeSetName, input.StackName);
        if (text === '') throw invalid(`Template for stack ${input.StackName} does not exist`);
        return { TemplateBody: text, StagesAvailable: ['Original', 'Processed'] };
      },
    },
    GetTemplateSummary: {
      members: ['TemplateBody', 'TemplateURL', 'StackName'],
      async run(input) {
        const stack = input.StackName === undefined ? undefined : stacks.get(input.StackName, 'read');
        if (stack?.status === 'REVIEW_IN_PROGRESS') {
          throw invalid('GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.');
        }
        const text = stack === undefined ? await templateText(cloud, input) : stack.template;
        const template = readTemplate(text);
        const { Metadata: metadata, AWSTemplateFormatVersion: version } = parseTemplate(text);
        return {
          Parameters: Object.entries(template.parameters).map(([ParameterKey, definition]) => ({
            ParameterKey,
            ParameterType: definition.type,
            NoEcho: definition.noEcho,
            ...(definition.default === undefined ? {} : { DefaultValue: definition.default }),
            ...(definition.description === undefined ? {} : { Description: definition.description }),
            ParameterConstraints:
              definition.allowedValues === undefined ? {} : { AllowedValues: [...definition.allowedValues] },
          })),
          ResourceTypes: [...new Set(Object.values(template.resources).map(({ type }) => type))],
          ResourceIdentifierSummaries: identifierSummaries(engine, template),
          ...(isMap(metadata) ? { Metadata: JSON.stringify(metadata) } : {}),
          ...(typeof version === 'string' ? { Version: version } : {}),
          ...templateFacts(template),
        };
      },
    },
    ValidateTemplate: {
      members: ['TemplateBody', 'TemplateURL'],
      async run(input) {
        const template = readTemplate(await templateText(cloud, input));
        engine.checkTemplate(template);
        return {
          Parameters: Object.entries(template.parameters).map(([ParameterKey, definition]) => ({
            ParameterKey,
            NoEcho: definition.noEcho,
            ...(definition.default === undefined ? {} : { DefaultValue: definition.default }),
            ...(definition.description === undefined ? {} : { Description: definition.description }),
          })),
          ...templateFacts(template),
        };
      },
    },
  };
}

/** The properties by which each type's resources could be imported. */
function identifierSummaries(engine: Engine, template: Template): CloudFormation.ResourceIdentifierSummary[] {
  const idsByType = new Map<string, string[]>();
  for (const [id, { type }] of Object.entries(template.resources)) {
    idsByType.set(type, [...(idsByType.get(type) ?? []), id]);
  }
  return [...idsByType].map(([ResourceType, LogicalResourceIds]) => {
    const identifiers = engine.schemaOf(ResourceType)?.primaryIdentifier;
    return {
      ResourceType,
      LogicalResourceIds,
      ...(identifiers === undefined ? {} : { ResourceIdentifiers: [...identifiers] }),
    };
  });
}

function templateFacts(template: Template) {
  const required = requiredCapability(template);
  return {
    ...(template.description === undefined ? {} : { Description: template.description }),
    ...(required === undefined ? {} : { Capabilities: [required.capability], CapabilitiesReason: required.reason }),
  };
}

// The schema of project.yml. It is closed: an unknown key is a problem. Each AWS limit has its source.
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  type JsonSchema,
  list,
  mapOf,
  object,
  type Read,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import { regions } from '../cfn/regions.ts';
import { hooksSchema } from '../settings/packaging.ts';
import { tagKey, tagValue } from '../settings/tags.ts';
import { deploymentSchema } from './deployment.ts';
import { defaultsSchemaOf, functionSchemaOf } from './function-schema.ts';
import { defaultKeep, leastKeep, mostKeep } from './keep.ts';
import { layersSchema } from './layer-schema.ts';
import { pluginList } from './plugins/list.ts';
import { noPlugins, type Plugins } from './plugins/plugin.ts';
import { region } from './region-name.ts';
import { logicalId, output, resource } from './resource-schema.ts';
import { severalRegions } from './several-regions.ts';
import { siteSchema } from './site.ts';
import { stackSchema } from './stack-settings.ts';
import { stateMachinesSchema } from './state-machines.ts';

export const namePattern = /^[a-z][a-z0-9-]{0,39}$/;
const environmentName = {
  pattern: /^[a-z][a-z0-9*-]{0,19}$/,
  expected:
    'an environment name (lower-case letters, digits and -, at most 20; pr-* is every name that begins with pr-)',
};
export const functionNameRule = {
  pattern: /^[a-zA-Z][a-zA-Z0-9_-]*$/,
  expected: 'a function name (a letter, then letters, digits, - and _)',
};

export const account = text({
  pattern: /^\d{12}$/,
  expected: 'a quoted account number of 12 digits',
});

const functionsOf = ({ sources, settings }: Plugins) =>
  described('The functions by name.', mapOf(functionSchemaOf(sources, settings), functionNameRule), {
    examples: [{ orders: { handler: 'src/orders.handler' } }],
  });
/** The sections of event sources that have one. */
function sectionsOf({ sources }: Plugins): Readonly<Record<string, Schema<unknown>>> {
  return Object.fromEntries(
    Object.entries(sources).flatMap(([kind, { section }]) => (section === undefined ? [] : [[kind, section]])),
  );
}

const resources = described('Resources by logical id: plain CloudFormation.', mapOf(resource, logicalId), {
  examples: [{ Orders: { Type: 'AWS::SQS::Queue' } }],
});
const outputs = described('Values to show after a deploy and in `fx info`.', mapOf(output, logicalId), {
  examples: [
    { OrdersUrl: { Ref: 'Orders' } },
    { OrdersUrl: { Value: { Ref: 'Orders' }, Description: 'The queue of orders', Condition: 'IsProduction' } },
  ],
});
const extend = described(
  'Changes to resources that fx generates, by logical id: maps merge, anything else replaces, null removes.',
  mapOf(verbatim, logicalId),
  { examples: [{ OrdersFunction: { Properties: { TracingConfig: { Mode: 'Active' } } } }] },
);
const conditions = described(
  'CloudFormation conditions by name, for `condition` of a function and `Condition` of a resource.',
  mapOf(verbatim, logicalId),
  { examples: [{ IsProduction: { 'Fn::Equals': ['${env}', 'prod'] } }] },
);
const mappings = described('CloudFormation mappings by name, for !FindInMap.', mapOf(verbatim, logicalId), {
  examples: [{ Sizes: { prod: { memory: 1024 } } }],
});
const single: Schema<readonly string[]> = converted(text(), (path) => ({ value: [path] }));
const include = described(
  'Other YAML files with functions, resources, outputs, extend, conditions or mappings. A path may contain ${env}, and a file name *.',
  byKind<readonly string[]>({ scalar: single, list: list(text()), expected: 'a path, or a list of paths' }),
  { examples: [['resources/*.yml']] },
);

/** The sections that may be split across files. */
export const includable = ['functions', 'resources', 'outputs', 'extend', 'conditions', 'mappings'] as const;

/** Other tools' names of the sections. */
const elsewhere = {
  service: 'name',
  provider: 'defaults, region, account and profile are top-level keys here',
  custom: 'params',
  parameters: 'params',
  stages: 'environments',
  stage: 'a stage is an environment here: use environments, and --env on the command line',
  package: 'packaging is set for each function, or under defaults',
  globals: 'defaults',
  accountId: 'account',
  frameworkVersion: 'fxVersion',
  imports: 'include',
  nameTemplate: 'defaults.functionName',
  role: 'assumeRole',
  iamRole: 'assumeRole',
  memory: 'defaults.memory',
  timeout: 'defaults.timeout',
  runtime: 'defaults.runtime',
  environment: 'defaults.variables',
};

export const projectName = described(
  'The prefix of every name in AWS: lower-case letters, digits and -, at most 40 characters.',
  text({ pattern: namePattern, expected: 'a project name (lower-case letters, digits and -, at most 40)' }),
  { examples: ['shop'] },
);

/** The destination of an environment, and the credentials to use. */
export const placeFields = {
  fxVersion: described('The versions of fx that may deploy this project.', text(), {
    examples: ['^0.1.0'],
  }),
  region: described('The AWS region, such as eu-west-1.', region, {
    default: 'us-east-1',
    examples: ['eu-west-1', ...regions.filter((name) => name !== 'eu-west-1')],
  }),
  regions: described(
    'Several regions for an environment, in the order of their deploys; together: [...] deploys to all at once. Replaces region.',
    severalRegions,
    { examples: [['eu-west-1', 'us-east-1'], { together: ['eu-west-1', 'us-east-1'] }] },
  ),
  account: described(
    'The only AWS account to deploy to, in quotes. fx rejects any other account before it does anything.',
    account,
    { examples: ['111122223333'] },
  ),
  profile: described(
    'The profile of the AWS configuration files to deploy with; --profile overrides it.',
    text({ pattern: /^\S+$/, expected: 'the name of a profile' }),
    { examples: ['shop-prod'] },
  ),
  assumeRole: described(
    'The role to deploy as, by its ARN; the profile or the shell has the credentials that assume it.',
    text({
      pattern: /^arn:[a-z0-9-]+:iam::\d{12}:role\/\S+$/,
      expected: 'the ARN of a role such as arn:aws:iam::111122223333:role/deployer',
    }),
    { examples: ['arn:aws:iam::111122223333:role/deployer'] },
  ),
  protected: described(
    'Ask for the name of the environment before any change that would delete data, and turn on termination protection.',
    flag,
    {
      default: false,
      examples: [true],
    },
  ),
  keep: described(
    'How many good releases stay restorable. After each release, fx deletes the versions and artifacts of older ones.',
    integer({ least: leastKeep, most: mostKeep }),
    { default: defaultKeep, examples: [20] },
  ),
  stackName: described(
    'The name of the CloudFormation stack.',
    text({
      pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
      expected: 'a stack name (a letter, then letters, digits and -, at most 128)',
    }),
    { default: '${name}-${env}', examples: ['shop-${env}'] },
  ),
  stack: stackSchema,
} as const;

/** The schema of a project file, with what its plugins add. */
export const projectSchemaOf = (plugins: Plugins) =>
  object({
    about: 'The project file of fx: Lambda functions, their triggers and resources, per environment.',
    required: {
      name: projectName,
    },
    optional: {
      ...placeFields,
      params: described('Values for ${params.…} anywhere in this file.', mapOf(verbatim), {
        examples: [{ domain: 'shop.example.com' }],
      }),
      tags: described('Tags of every resource that supports tags.', mapOf(tagValue, tagKey), {
        examples: [{ team: 'checkout' }],
      }),
      include,
      layers: layersSchema,
      hooks: hooksSchema,
      deployment: deploymentSchema,
      plugins: pluginList,
      defaults: defaultsSchemaOf(plugins.settings),
      functions: functionsOf(plugins),
      // read by kind, so that the type of the file does not need them
      ...(sectionsOf(plugins) as object),
      site: siteSchema,
      stateMachines: stateMachinesSchema,
      resources,
      conditions,
      mappings,
      extend,
      outputs,
    },
    elsewhere,
  });
export const projectSchema = projectSchemaOf(noPlugins);
export type ProjectSchema = typeof projectSchema;
export type ProjectFile = Read<ProjectSchema>;

/** Reads only the names of environments; each is checked in full when it is merged. */
export const environmentsSchema: Schema<ReadonlyMap<string, Plain>> & { readonly json: JsonSchema } = mapOf(
  verbatim,
  environmentName,
);

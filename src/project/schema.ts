// What may stand in project.yml: the whole of it, closed. Limits are AWS's; each is given with its source.
import type { Span } from '../base/error.ts';
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
  oneOf,
  type Read,
  type Schema,
  text,
  unknownKeyHint,
  verbatim,
} from '../base/schema.ts';
import { type EventKind, eventSources } from '../events/index.ts';
import { runtimeIdentifiers } from '../runtimes/index.ts';
import { functionPackageKeys, packageKeys, projectPackageKeys } from './package-schema.ts';
import { permission } from './permissions.ts';

/** CloudFormation's logical ids: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html */
const logicalId = { pattern: /^[A-Za-z0-9]{1,255}$/, expected: 'a logical id (letters and digits)' };
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime, and cfn-lint's list
const reservedVariables = [
  ...['ACCESS_KEY', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN', 'REGION', 'DEFAULT_REGION', 'EXECUTION_ENV'],
  ...['FUNCTION_MEMORY_SIZE', 'FUNCTION_NAME', 'FUNCTION_VERSION', 'INITIALIZATION_TYPE', 'LOG_GROUP_NAME'].map(
    (name) => `LAMBDA_${name}`,
  ),
  ...['LAMBDA_LOG_STREAM_NAME', 'LAMBDA_RUNTIME_API'],
].map((name) => `AWS_${name}`);
const variableName = {
  pattern: new RegExp(
    `^(?!(${[...reservedVariables, 'LAMBDA_RUNTIME_DIR', 'LAMBDA_TASK_ROOT'].join('|')})$)[a-zA-Z][a-zA-Z0-9_]+$`,
  ),
  expected:
    'a variable name (a letter, then letters, digits and _; two characters or more; none that Lambda sets itself, such as AWS_REGION)',
};
export const namePattern = /^[a-z][a-z0-9-]{0,39}$/;
const environmentName = {
  pattern: /^[a-z][a-z0-9-]{0,19}$/,
  expected: 'an environment name (lower-case letters, digits and -, at most 20)',
};
const functionNameRule = {
  pattern: /^[a-zA-Z][a-zA-Z0-9_-]*$/,
  expected: 'a function name (a letter, then letters, digits, - and _)',
};

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const durationText = converted(text({ expected: 'a time such as 10s or 5m' }), (written) => {
  const match = /^(\d+)(s|m|h)$/.exec(written);
  if (match === null) return { wrong: `expected a time such as 10s or 5m, found ${JSON.stringify(written)}` };
  return { value: Number(match[1]) * (units[match[2] ?? ''] ?? 1) };
});
const durationNumber = integer({ least: 1, most: 900 });
/** Seconds; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const timeout: Schema<number> = {
  expected: 'a time from 1s to 15m',
  json: { anyOf: [durationNumber.json, { type: 'string', pattern: '^\\d+(s|m|h)$' }] },
  read(value, reading) {
    if (value.kind === 'scalar' && typeof value.value === 'number') return durationNumber.read(value, reading);
    const seconds = durationText.read(value, reading);
    if (seconds === undefined || (seconds >= 1 && seconds <= 900)) return seconds;
    reading.problem(value.at, `a function may run from 1s to 15m, not ${value.kind === 'scalar' ? value.value : ''}`);
    return undefined;
  },
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const variables = described(
  'Environment variables: text, numbers, or an intrinsic such as !Ref Orders.',
  mapOf(
    byKind<Plain>({
      scalar: converted(verbatim, (value) =>
        value === null
          ? { wrong: 'a variable needs a value' }
          : { value: typeof value === 'string' ? value : String(value) },
      ),
      map: verbatim,
      expected: 'text, a number, or an intrinsic such as !Ref Orders',
    }),
    variableName,
  ),
);

export interface EventEntry {
  readonly kind: EventKind;
  readonly config: unknown;
  readonly at: Span;
}

const eventKinds = Object.keys(eventSources) as EventKind[];
const event: Schema<EventEntry> = {
  expected: `an event (${eventKinds.join(', ')})`,
  json: {
    oneOf: eventKinds.map(
      (kind): JsonSchema => ({
        type: 'object',
        description: eventSources[kind].docs.summary,
        properties: { [kind]: { description: eventSources[kind].docs.summary, ...eventSources[kind].schema.json } },
        required: [kind],
        additionalProperties: false,
      }),
    ),
  },
  read(value, reading) {
    const [only, ...more] = value.kind === 'map' ? value.entries : [];
    if (only === undefined || more.length > 0) {
      reading.problem(
        value.at,
        `expected one event, such as "http: GET /orders/{id}"`,
        `event sources are ${eventKinds.join(', ')}`,
      );
      return undefined;
    }
    const [kind, entry] = only;
    if (!Object.hasOwn(eventSources, kind)) {
      reading.problem(entry.keyAt, `unknown event source "${kind}"`, unknownKeyHint(kind, eventKinds));
      return undefined;
    }
    const config: unknown = eventSources[kind as EventKind].schema.read(entry.value, reading);
    return config === undefined ? undefined : { kind: kind as EventKind, config, at: entry.keyAt };
  },
};

const permissions = described(
  'What the function may do besides writing its log and reading its events: "dynamodb:GetItem,PutItem on Orders", or an IAM statement.',
  list(permission),
);

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const common = {
  ...packageKeys,
  runtime: oneOf(
    runtimeIdentifiers,
    'The Lambda runtime. Default: the newest of what the marker file or the handler shows.',
  ),
  architecture: oneOf(['arm64', 'x86_64'], 'The processor. Default: arm64.'),
  memory: integer({
    least: 128,
    most: 10_240,
    about: 'MB of memory; the share of a processor grows with it. Default: 512.',
  }),
  timeout: described('How long a call may take: 1s to 15m, a plain number is seconds. Default: 10s.', timeout),
  storage: integer({ least: 512, most: 10_240, about: 'MB of /tmp. Default: 512.' }),
  logRetention: oneOf(retentionDays, 'Days for which the log is kept. Default: 30.'),
  variables,
  permissions,
};

const functionSchema = object({
  about: 'A function, with a role and a log of its own.',
  required: {},
  optional: {
    ...functionPackageKeys,
    ...common,
    description: text({ longest: 256, about: 'Shown beside its name in AWS.' }),
    concurrency: integer({
      least: 0,
      most: 1000,
      about: 'Reserved concurrent executions: never more at once. 0 stops the function. Default: unreserved.',
    }),
    events: described('What calls the function.', list(event)),
  },
});
const defaultsSchema = object({
  about: "What every function starts from. A function's own setting replaces it; variables and permissions add up.",
  required: {},
  optional: common,
});

/** `Properties` and the other attributes of a resource are CloudFormation's own and checked against its schemas later. */
const resource = object({
  about: 'A resource as CloudFormation takes it.',
  required: {
    Type: text({
      expected: 'a resource type such as AWS::SQS::Queue',
      about: 'The resource type, such as AWS::SQS::Queue.',
    }),
  },
  optional: {
    Properties: described("The type's properties, checked before a deploy.", verbatim),
    DependsOn: described('Logical ids of resources that are made before this one.', verbatim),
    DeletionPolicy: oneOf(
      ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'],
      'What becomes of it when it is taken out or the stack is removed. Default: Delete.',
    ),
    UpdateReplacePolicy: oneOf(
      ['Delete', 'Retain', 'Snapshot'],
      'What becomes of the old one when a change makes a new one of it. Default: Delete.',
    ),
    UpdatePolicy: described('How it is updated, for the few types that have one.', verbatim),
    CreationPolicy: described('When it counts as made, for the few types that have one.', verbatim),
    Metadata: described('Anything at all, kept in the template.', verbatim),
  },
});

const output: Schema<{ readonly value: Plain; readonly description: string | undefined }> = {
  expected: 'a value',
  json: {},
  read(value, reading) {
    if (value.kind === 'map' && value.entries.has('Value')) {
      if (value.entries.has('Export')) {
        const at = value.entries.get('Export')?.keyAt ?? value.at;
        reading.problem(
          at,
          'fx exports nothing: an export locks stacks together',
          'share the value by an AWS::SSM::Parameter',
        );
        return undefined;
      }
      const read = object({ required: { Value: verbatim }, optional: { Description: text() } }).read(value, reading);
      return read === undefined ? undefined : { value: read.Value as Plain, description: read.Description };
    }
    const plain = verbatim.read(value, reading);
    return plain === undefined ? undefined : { value: plain, description: undefined };
  },
};

const region = text({
  pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
  expected: 'a region such as eu-west-1',
  about: 'The AWS region, such as eu-west-1. Default: us-east-1.',
});
const account = text({
  pattern: /^\d{12}$/,
  expected: 'a quoted account number of 12 digits',
  about: 'The only AWS account that may be deployed to, in quotes; any other is refused before anything happens.',
});
const tagKey = { pattern: /^(?!aws:).{1,128}$/, expected: 'a tag key' };

export const projectSchema = object({
  about: 'The project file of fx: Lambda functions, their triggers and resources, per environment.',
  required: {
    name: text({
      pattern: namePattern,
      expected: 'a project name (lower-case letters, digits and -, at most 40)',
      about: 'Begins every name in AWS: lower-case letters, digits and -, at most 40 characters.',
    }),
  },
  optional: {
    region,
    account,
    protected: described('With true, removal asks for the name of the environment. Default: false.', flag),
    params: described('Values for ${params.…} anywhere in this file.', mapOf(verbatim)),
    tags: described('Tags of every resource that takes tags.', mapOf(text(), tagKey)),
    ...projectPackageKeys,
    defaults: defaultsSchema,
    functions: described('The functions by name.', mapOf(functionSchema, functionNameRule)),
    resources: described('Resources of your own by logical id: plain CloudFormation.', mapOf(resource, logicalId)),
    extend: described(
      'Changes to resources that fx makes, by logical id: maps merge, anything else replaces, null removes.',
      mapOf(verbatim, logicalId),
    ),
    outputs: described('Values that are shown after a deploy and by `fx info`.', mapOf(output, logicalId)),
  },
});
export type ProjectFile = Read<typeof projectSchema>;
export type FunctionFile = Read<typeof functionSchema>;

/** Reads only the names of the environments; each is checked whole when it is merged. */
export const environmentsSchema = mapOf(verbatim, environmentName);

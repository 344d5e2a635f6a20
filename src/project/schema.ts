// What may stand in project.yml: the whole of it, closed. Limits are AWS's; each is given with its source.
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
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
import { permission } from './permissions.ts';

/** CloudFormation's logical ids: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html */
const logicalId = { pattern: /^[A-Za-z0-9]{1,255}$/, expected: 'a logical id (letters and digits)' };
/** Reserved: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const variableName = {
  pattern: /^[a-zA-Z][a-zA-Z0-9_]+$/,
  expected: 'a variable name (a letter, then letters, digits and _; two characters or more)',
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

const variables = mapOf(
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
        properties: { [kind]: eventSources[kind].schema.json },
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

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const common = {
  runtime: oneOf(runtimeIdentifiers, 'The Lambda runtime.'),
  architecture: oneOf(['arm64', 'x86_64']),
  memory: integer({ least: 128, most: 10_240, about: 'MB' }),
  timeout,
  storage: integer({ least: 512, most: 10_240, about: 'MB of /tmp' }),
  logRetention: oneOf(retentionDays, 'Days for which the log is kept.'),
  variables,
};

const functionSchema = object({
  required: {
    handler: text({ pattern: /^[^\s.][^\s]*\.[A-Za-z_$][\w$]*$/, expected: 'file.export, such as src/orders.handler' }),
  },
  optional: {
    ...common,
    description: text({ longest: 256 }),
    concurrency: integer({ least: 0, most: 1000, about: 'Reserved concurrent executions; 0 stops the function.' }),
    permissions: list(permission),
    events: list(event),
  },
});
const defaultsSchema = object({ required: {}, optional: { ...common, permissions: list(permission) } });

/** `Properties` and the other attributes of a resource are CloudFormation's own and checked against its schemas later. */
const resource = object({
  required: { Type: text({ expected: 'a resource type such as AWS::SQS::Queue' }) },
  optional: {
    Properties: verbatim,
    DependsOn: verbatim,
    DeletionPolicy: oneOf(['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot']),
    UpdateReplacePolicy: oneOf(['Delete', 'Retain', 'Snapshot']),
    UpdatePolicy: verbatim,
    CreationPolicy: verbatim,
    Metadata: verbatim,
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
          'read the output with ${stack:name.Output}, or share the value by SSM',
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

const region = text({ pattern: /^[a-z]{2}(-[a-z]+)+-\d$/, expected: 'a region such as eu-west-1' });
const account = text({ pattern: /^\d{12}$/, expected: 'a quoted account number of 12 digits' });

export const projectSchema = object({
  about: 'The project file of fx.',
  required: {
    name: text({ pattern: namePattern, expected: 'a project name (lower-case letters, digits and -, at most 40)' }),
  },
  optional: {
    region,
    account,
    protected: flag,
    params: mapOf(verbatim),
    tags: mapOf(text(), { pattern: /^(?!aws:).{1,128}$/, expected: 'a tag key' }),
    defaults: defaultsSchema,
    functions: mapOf(functionSchema, functionNameRule),
    resources: mapOf(resource, logicalId),
    extend: mapOf(verbatim, logicalId),
    outputs: mapOf(output, logicalId),
  },
});
export type ProjectFile = Read<typeof projectSchema>;
export type FunctionFile = Read<typeof functionSchema>;

/** Reads only the names of the environments; each is checked whole when it is merged. */
export const environmentsSchema = mapOf(verbatim, environmentName);

/** The JSON Schema for editors: an environment has the shape of the whole file. */
export function projectJsonSchema(): JsonSchema {
  const whole = projectSchema.json as { properties: Record<string, JsonSchema> };
  const overlay = { ...whole, required: [] };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...whole,
    properties: { ...whole.properties, environments: { type: 'object', additionalProperties: overlay } },
  };
}

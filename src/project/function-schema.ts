// The schema of `functions.<name>` and `defaults`: the code, the settings of src/settings/, permissions and events.
import {
  described,
  type JsonSchema,
  list,
  object,
  oneOf,
  type Read,
  type Schema,
  shown,
  text,
} from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { unknownKeyHint } from '../base/unknown-key.ts';
import type { EventEntry, EventSources } from '../events/index.ts';
import { runtimeIdentifiers } from '../runtimes/index.ts';
import { lifecycleOf, moveHint } from '../runtimes/lifecycle.ts';
import { type SettingValues, settingKeys, settingOf, settings, settingsElsewhere } from '../settings/index.ts';
import { permission } from './permissions.ts';
import type { SettingTable } from './plugins/plugin.ts';

/** One entry of `events`; `about` says what it does. */
export function eventSchema(
  sources: EventSources,
  about = 'What calls the function: one source of events.',
): Schema<EventEntry> {
  const kinds = Object.keys(sources);
  const properties = Object.entries(sources).map(([kind, { schema, docs }]): [string, JsonSchema] => [
    kind,
    { ...schema.json, description: docs.summary, example: docs.example, aws: docs.aws },
  ]);
  return {
    expected: `an event (${kinds.join(', ')})`,
    json: {
      type: 'object',
      description: about,
      properties: Object.fromEntries(properties),
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    },
    read(value, reading) {
      const [only, ...more] = value.kind === 'map' ? value.entries : [];
      if (only === undefined) {
        const hint = `event sources are ${kinds.join(', ')}`;
        reading.problem(value.at, 'expected one event, such as "http: GET /orders/{id}"', hint);
        return undefined;
      }
      const [kind, entry] = only;
      const [second] = more;
      if (second !== undefined) {
        reading.problem(
          second[1].keyAt,
          `expected one event here, found two: "${kind}" and "${second[0]}"`,
          `begin "${second[0]}" with "- ", or indent what belongs to "${kind}" further`,
        );
        return undefined;
      }
      const source = Object.hasOwn(sources, kind) ? sources[kind] : undefined;
      if (source === undefined) {
        reading.problem(entry.keyAt, `unknown event source "${kind}"`, unknownKeyHint(kind, kinds));
        return undefined;
      }
      const config: unknown = source.schema.read(entry.value, reading);
      // the row of the kind read the configuration, so the two belong together
      return config === undefined ? undefined : ({ kind, config, at: entry.keyAt } as EventEntry);
    },
  };
}

/** For editors: how long AWS supports a runtime. */
function supportOf(identifier: string): string {
  const lifecycle = lifecycleOf(identifier);
  if (lifecycle === undefined) return '';
  const { deprecated, isPreview } = lifecycle;
  const successor = moveHint(identifier);
  if (isPreview) return 'A public preview: AWS does not recommend it for production.';
  return `AWS supports it until ${deprecated}${successor === undefined ? '' : `; then move to ${successor}`}.`;
}

/** A runtime that exists but that fx does not build gets a different message than a misspelled one. */
const runtime: Schema<string> = {
  ...oneOf(
    runtimeIdentifiers,
    'The Lambda runtime. If absent, the newest one of the language that the marker file or the handler shows.',
    {
      examples: ['nodejs24.x', 'python3.14'],
      enumDescriptions: runtimeIdentifiers.map(supportOf),
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html',
    },
  ),
  expected: `a runtime such as ${runtimeIdentifiers[0]}`,
  read(value, reading) {
    const written = value.kind === 'scalar' ? String(value.value) : '';
    if ((runtimeIdentifiers as readonly string[]).includes(written)) return written;
    const lifecycle = lifecycleOf(written);
    if (lifecycle === undefined) {
      const suggestion = nearest(written, runtimeIdentifiers);
      reading.problem(
        value.at,
        `expected one of ${runtimeIdentifiers.join(', ')}, found ${shown(value)}`,
        ...(suggestion === undefined ? [] : [`did you mean ${suggestion}?`]),
      );
      return undefined;
    }
    const { deprecated } = lifecycle;
    const successor = moveHint(written);
    const hint = successor === undefined ? `runtimes are ${runtimeIdentifiers.join(', ')}` : `move to ${successor}`;
    reading.problem(value.at, `fx does not build for ${written}, which AWS supported until ${deprecated}`, hint);
    return undefined;
  },
};

export const architectures = ['arm64', 'x86_64'] as const;

const code = {
  runtime,
  architecture: oneOf(architectures, 'The processor architecture.', {
    default: 'arm64',
    examples: ['x86_64'],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html',
  }),
  permissions: described(
    'What the function may do, besides writing its log and reading its events: "dynamodb:GetItem,PutItem on Orders", or an IAM statement.',
    list(permission),
    {
      examples: [['s3:GetObject on Receipts']],
      aws: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html',
    },
  ),
};

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html#lambda-CreateFunction-request-Handler
const handler = described(
  'file.export without the file extension, such as src/orders.handler; in Java, package.Class::method. If absent, fx infers it from the marker file in the folder.',
  text({ pattern: /^[^\s.][^\s]*$/, longest: 128, expected: 'a handler such as src/orders.handler' }),
  { examples: ['src/orders.handler', 'com.example.Orders::handleRequest'] },
);

/** The schemas of the settings, with the types of their values. */
type SettingSchemas<K extends keyof SettingValues> = {
  readonly [P in K]: Schema<NonNullable<SettingValues[P]> | Extract<SettingValues[P], false>>;
};
const settingSchemas = (forFunction: boolean): SettingSchemas<keyof SettingValues> =>
  Object.fromEntries(
    settingKeys
      .filter((key) => forFunction || settingOf(key).functionOnly !== true)
      .map((key) => [key, settings[key].schema]),
  ) as never;

/** The settings of plugins. Their values have the types of their rows, which only the plugins know. */
const addedSchemas = (added: SettingTable, forFunction: boolean): Readonly<Record<never, never>> =>
  Object.fromEntries(
    Object.entries(added).flatMap(([key, { schema, functionOnly }]) =>
      forFunction || functionOnly !== true ? [[key, schema]] : [],
    ),
  );

const elsewhere = {
  ...settingsElsewhere,
  iamRoleStatements: 'permissions',
  iam: 'permissions',
  policies: 'permissions',
  architectures: 'architecture',
  main: 'handler',
  codeUri: 'handler',
};

const functionObjectOf = (sources: EventSources, added: SettingTable) =>
  object({
    about: 'A function, with its own role and log group.',
    required: {},
    optional: {
      handler,
      ...code,
      ...settingSchemas(true),
      ...addedSchemas(added, true),
      events: described('What calls the function.', list(eventSchema(sources)), {
        examples: [[{ http: 'GET /orders/{id}' }]],
      }),
    },
    elsewhere,
  });
export type FunctionFile = Read<ReturnType<typeof functionObjectOf>>;

/** The keys of a function that fx has. */
export const functionKeys: readonly string[] = ['handler', 'events', ...Object.keys(code), ...settingKeys];

/** A function, with the events of the table and added settings. Either code or an image. */
export function functionSchemaOf(sources: EventSources, added: SettingTable = {}): Schema<FunctionFile> {
  const functionObject = functionObjectOf(sources, added);
  return {
    ...functionObject,
    read(value, reading) {
      const read = functionObject.read(value, reading);
      if (read?.image === undefined) return read;
      const other = (['handler', 'artifact', 'runtime'] as const).find((key) => read[key] !== undefined);
      if (other === undefined || value.kind !== 'map') return read;
      if (other === 'runtime') return { ...read, runtime: undefined } as unknown as FunctionFile;
      reading.problem(
        value.at,
        `a function has ${other === 'handler' ? 'a handler' : 'an artifact'} or an image, not both`,
        'remove one of the two',
      );
      return undefined;
    },
  };
}

export const defaultsSchemaOf = (added: SettingTable) =>
  object({
    about:
      "Settings for every function. A function's settings are merged over them; null removes one; permissions add up.",
    required: {},
    optional: { ...code, ...settingSchemas(false), ...addedSchemas(added, false) },
    elsewhere,
  });

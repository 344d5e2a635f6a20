// The JSON Schema of project.yml for editors, derived from the schema that fx reads with. It adds what only the file has:
// environments, lookups instead of values, and keys without a value. Every key carries its name as title, and its
// default in the description, since editors show little else.
import { parse, stringify } from 'yaml';
import type { Plain } from '../base/located.ts';
import type { JsonSchema } from '../base/schema.ts';
import { noPlugins, type Plugins } from './plugins/plugin.ts';
import { environmentsSchema, projectSchemaOf } from './schema.ts';

/** In an overlay nothing is required, null removes, and an absent key keeps the value below it. */
type Form = 'file' | 'overlay';

/** Keywords beyond JSON Schema. Editors show them; a strict validator must know them. */
export const editorKeywords = [
  'patternErrorMessage',
  'enumDescriptions',
  'markdownDescription',
  'defaultSnippets',
] as const;
/** With more examples than these, editors offer them in completions and the description omits them. */
const mostShown = 3;

const aLookup = String.raw`\$\{`;
const lookup: JsonSchema = { $ref: '#/$defs/lookup' };
const nothing: JsonSchema = { type: 'null' };
const anyType = ['string', 'number', 'boolean', 'object', 'array', 'null'];

/** Draft 2020-12, with what a project's plugins add. */
export function projectJsonSchema(plugins: Plugins = noPlugins): JsonSchema {
  const { json } = projectSchemaOf(plugins);
  const file = published(json, 'file');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'project.yml',
    ...file,
    properties: {
      ...(file['properties'] as JsonSchema),
      environments: { title: 'environments', ...published(environmentsJson, 'file', true) },
    },
    $defs: {
      lookup: { type: 'string', pattern: aLookup, patternErrorMessage: 'expected a lookup such as ${env}' },
      environment: {
        title: 'environment',
        ...published({ ...inEnvironments(json), ...environmentAbout }, 'overlay', true),
      },
    },
  };
}

/** Includes and plugins are read before an environment is chosen. */
function inEnvironments(json: JsonSchema): JsonSchema {
  const { include: _, plugins: __, ...properties } = json['properties'] as JsonSchema;
  return { ...json, properties };
}

const environmentAbout = {
  description:
    'An environment: what differs from the rest of the file, in the same shape. Maps merge, anything else replaces, null removes.',
};
export const environmentsJson: JsonSchema = {
  description:
    'The environments by name, each with the shape of the whole file and merged over it. `local` is always there; pr-* is every name that begins with pr-.',
  examples: [{ prod: { protected: true, defaults: { memory: 1024 } } }],
  ...environmentsSchema.json,
  additionalProperties: { $ref: '#/$defs/environment' },
};

/** The annotations of a value, which apply to all its forms. */
interface About {
  readonly title?: string;
  readonly description?: string;
  readonly default?: Plain;
  readonly examples?: readonly Plain[];
}

function published(schema: JsonSchema, form: Form, mayBeNull = false): JsonSchema {
  const {
    title,
    description,
    default: usual,
    examples: _,
    anyOf,
    ...only
  } = schema as JsonSchema & About & { readonly anyOf?: readonly JsonSchema[] };
  const examples = examplesOf(schema);
  const about = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : described(description, form === 'file' ? usual : undefined, examples)),
    ...(usual === undefined || form === 'overlay' ? {} : { default: usual }),
    ...offered(examples),
  };
  const choices = anyOf ?? [only];
  if (choices.some(isOpen)) return { ...about, type: anyType };
  // editors show one schema of several types better than a choice of schemas
  const scalars = choices.filter(isScalar);
  const forms = choices.filter((choice) => !isScalar(choice)).map((choice) => below(choice, form));
  if (scalars.length > 0) forms.push(asOne(scalars));
  if (choices.some((choice) => 'enum' in choice) && scalars.length === 0) forms.push(lookup);
  if (mayBeNull) forms.push(nothing);
  const [first, second, ...more] = forms.sort((a, b) => order(a) - order(b));
  if (first === undefined || second === undefined) return { ...about, ...first };
  // beside one other type, null is better not a separate form: editors then propose no keys of a map,
  // and insert all keys with a default along with the map
  const together = more.length === 0 && second === nothing && 'type' in first && first['type'] !== 'object';
  if (together) return { ...about, ...first, type: [first['type'], 'null'].flat() };
  return { ...about, type: [...new Set(forms.flatMap(typesOf))], [choice(forms)]: forms };
}

/** Annotations beside a choice of forms, so that editors know what to insert after a key. */
function typesOf(schema: JsonSchema): readonly string[] {
  if (schema === lookup) return ['string'];
  const inner = (schema['oneOf'] ?? schema['anyOf']) as readonly JsonSchema[] | undefined;
  if (inner !== undefined) return inner.flatMap(typesOf);
  const listed = schema['enum'] as readonly unknown[] | undefined;
  return listed === undefined ? [schema['type'] as string].flat() : listed.map((value) => typeof value);
}

/** Mutually exclusive forms are a `oneOf`: for an `anyOf`, editors repeat the descriptions. */
function choice(forms: readonly JsonSchema[]): 'oneOf' | 'anyOf' {
  return forms.filter(({ type }) => type === 'object').length > 1 ? 'anyOf' : 'oneOf';
}

/** Text, numbers and flags as one schema that also accepts a lookup. */
function asOne(choices: readonly JsonSchema[]): JsonSchema {
  const { type: _, ...rules } = forEditors(Object.assign({}, ...choices));
  const types = choices.flatMap(({ type }) => type as string | readonly string[]);
  const isText = types.includes('string');
  if (isText && !('pattern' in rules)) return { type: types.length === 1 ? types[0] : types, ...rules };
  const expected = choices.map((choice) => choice['expected'] ?? 'true or false').join(', or ');
  return {
    ...rules,
    type: isText && types.length === 1 ? 'string' : [...new Set([...types, 'string'])],
    pattern: isText ? `(?:${rules['pattern']})|${aLookup}` : aLookup,
    patternErrorMessage: `expected ${expected}`,
  };
}

function described(description: string, usual: Plain | undefined, examples: readonly Plain[]): JsonSchema {
  const shown = typeof usual === 'string' ? usual : JSON.stringify(usual);
  const full = usual === undefined ? description : `${description} Default: ${shown}.`;
  const blocks = examples.filter(isMap).map((example) => `Example:\n\n\`\`\`yaml\n${stringify(example)}\`\`\``);
  return blocks.length === 0
    ? { description: full }
    : { description: full, markdownDescription: [full.replaceAll(/[*_<]/g, '\\$&'), ...blocks].join('\n\n') };
}

/** Event sources have examples in YAML, parsed here so that commands do not pay for it. */
export function examplesOf({ examples, example }: JsonSchema): readonly Plain[] {
  if (typeof example === 'string') return Object.values(parse(example) as Readonly<Record<string, Plain>>);
  return (examples as readonly Plain[] | undefined) ?? [];
}

/** Editors would offer a map as "[object Object]", so such an example goes in the description. */
function offered(examples: readonly Plain[]): JsonSchema {
  const plain = examples.filter((example) => !isMap(example));
  if (plain.length === 0) return {};
  return plain.length <= mostShown
    ? { examples: plain }
    : { defaultSnippets: plain.map((body) => ({ label: String(body), body })) };
}

function isMap(value: Plain): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** If no form matches, editors report the first close one, so CloudFormation's intrinsics come last. */
function order(schema: JsonSchema): number {
  if ('patternProperties' in schema) return 3;
  const { type } = schema;
  return type === 'object' ? 0 : type === 'array' ? 1 : type === 'null' ? 4 : 2;
}

function isOpen(schema: JsonSchema): boolean {
  return Object.keys(forEditors(schema)).every((word) => word === 'title' || word === 'description');
}

/** Without the keywords for the reference and for messages. */
function forEditors({ expected: _, elsewhere: __, aws: ___, example: ____, ...rest }: JsonSchema): JsonSchema {
  return rest;
}

function isScalar(schema: JsonSchema): boolean {
  const types = [schema['type']].flat();
  return ['string', 'number', 'integer', 'boolean'].some((type) => types.includes(type));
}

/** The short form of a key for messages, such as "a region such as eu-west-1". */
function shortName(expected: string): string {
  return expected.replace(/^(an?|the) /, '').replace(/ \(.*$/s, '');
}

function below(schema: JsonSchema, form: Form): JsonSchema {
  const { properties, additionalProperties, propertyNames, items, required, anyOf, allOf, ...rest } = forEditors(
    schema,
  ) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly additionalProperties?: JsonSchema | false;
    readonly propertyNames?: { readonly pattern: string; readonly expected: string };
    readonly items?: JsonSchema;
    readonly required?: readonly string[];
    readonly anyOf?: readonly JsonSchema[];
    readonly allOf?: readonly JsonSchema[];
  };
  return {
    ...rest,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [
              name,
              published({ title: name, ...inner }, form, form === 'overlay' || required?.includes(name) !== true),
            ]),
          ),
        }),
    ...(required === undefined || form === 'overlay' ? {} : { required }),
    ...(propertyNames === undefined
      ? {}
      : {
          propertyNames: {
            title: shortName(propertyNames.expected),
            pattern: propertyNames.pattern,
            patternErrorMessage: `expected ${propertyNames.expected}`,
          },
        }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            additionalProperties === false ? false : published(additionalProperties, form, form === 'overlay'),
        }),
    // a list is replaced as a whole, so its items are complete
    ...(items === undefined ? {} : { items: published(items, 'file') }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((inner) => below(inner, form)) }),
    // required keys; an overlay inherits them from the layer below
    ...(allOf === undefined || form === 'overlay' ? {} : { allOf }),
  };
}

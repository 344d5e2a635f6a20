// The JSON Schema of project.yml for editors, made from the schema that fx reads with. It adds what is true of the file before
// it is read: environments, lookups in place of values, and keys without a value.
import type { JsonSchema } from '../base/schema.ts';
import { lookupForms } from './lookups/index.ts';
import { environmentsSchema, projectSchema } from './schema.ts';

/** In an overlay nothing must be there, and null removes. */
type Form = 'file' | 'overlay';

const lookup: JsonSchema = { $ref: '#/$defs/lookup' };
const nothing: JsonSchema = { type: 'null' };

/** Draft 2020-12. */
export function projectJsonSchema(): JsonSchema {
  const file = published(projectSchema.json, 'file');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'project.yml',
    ...file,
    properties: {
      ...(file['properties'] as JsonSchema),
      environments: {
        description: 'Each has the shape of the whole file and is merged over it. `local` is always there.',
        anyOf: [
          {
            type: 'object',
            propertyNames: environmentsSchema.json['propertyNames'],
            additionalProperties: { anyOf: [{ $ref: '#/$defs/environment' }, nothing] },
          },
          nothing,
        ],
      },
    },
    $defs: {
      lookup: {
        type: 'string',
        pattern: String.raw`\$\{`,
        description: `A lookup: ${lookupForms.map(({ form }) => `\${${form}}`).join(', ')}, each with a default after a comma.`,
      },
      environment: published(projectSchema.json, 'overlay'),
    },
  };
}

function published(schema: JsonSchema, form: Form, mayBeNull = false): JsonSchema {
  const { description, ...only } = schema;
  const choices = (schema['anyOf'] as readonly JsonSchema[] | undefined) ?? [only];
  const forms = choices.map((choice) => below(choice, form));
  const open = choices.some((choice) => Object.keys(choice).length === 0);
  if (choices.some(narrow)) forms.push(lookup);
  if (mayBeNull && !open) forms.push(nothing);
  return {
    ...(description === undefined ? {} : { description }),
    ...(forms.length === 1 ? forms[0] : { anyOf: forms }),
  };
}

/** Whether a lookup, which is text, would not be taken where a value of this form is. */
function narrow(schema: JsonSchema): boolean {
  const { type } = schema;
  if (type === 'string') return 'pattern' in schema || 'maxLength' in schema;
  return type === 'integer' || type === 'boolean' || 'enum' in schema;
}

function below(schema: JsonSchema, form: Form): JsonSchema {
  const { properties, additionalProperties, items, required, oneOf, anyOf, allOf, ...rest } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly additionalProperties?: JsonSchema | false;
    readonly items?: JsonSchema;
    readonly required?: readonly string[];
    readonly oneOf?: readonly JsonSchema[];
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
              published(inner, form, form === 'overlay' || required?.includes(name) !== true),
            ]),
          ),
        }),
    ...(required === undefined || form === 'overlay' ? {} : { required }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            additionalProperties === false ? false : published(additionalProperties, form, form === 'overlay'),
        }),
    // a list is replaced as a whole, so what it holds is complete
    ...(items === undefined ? {} : { items: published(items, 'file') }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((choice) => below(choice, form)) }),
    // what must be there; an overlay has it from what it lies over
    ...(allOf === undefined || form === 'overlay' ? {} : { allOf }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map((choice) => below(choice, form)) }),
  };
}

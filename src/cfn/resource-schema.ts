// The properties and attributes of CloudFormation's resource types: reads the extracted schemas and validates properties.
import { type Constraint, constraintRows } from './resource-schema-overlay.ts';

export type PropertyType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'json'
  | 'tag'
  | 'date-time'
  | 'null'
  | { readonly string: readonly string[] }
  | { readonly integer: readonly number[] }
  | { readonly list: PropertyType }
  | { readonly map: PropertyType }
  | { readonly definition: string }
  | { readonly union: readonly PropertyType[] };

export interface PropertySchema {
  readonly type: PropertyType;
  readonly required?: true;
  /** Whether a change replaces the resource: always, or depending on the value. Absent: never. */
  readonly replaces?: 'yes' | 'maybe';
}
export type Properties = Readonly<Record<string, PropertySchema>>;

export interface ResourceSchema {
  readonly properties: Properties;
  /** The names that `Fn::GetAtt` accepts. */
  readonly attributes: readonly string[];
  readonly definitions?: Readonly<Record<string, Properties>>;
  readonly primaryIdentifier?: readonly string[];
  /** Nested properties that cause replacement; `*` means list items. */
  readonly alsoReplace?: readonly (readonly string[])[];
  /** Whether it holds data that replacement or removal would delete. */
  readonly stateful?: true;
  readonly tags?: { readonly property: string; readonly variant: 'standard' | 'asg' | 'map' };
}
/** A file of `dist/resource-schemas/`: the types of one service by full name. */
export type ServiceSchemas = Readonly<Record<string, ResourceSchema>>;

/** Returns the schema of a type such as `AWS::SQS::Queue`; undefined if CloudFormation has no such type. */
export type ResourceSchemas = (type: string) => ResourceSchema | undefined;

/** Reads a service's file when one of its types is first needed. `read` returns undefined if the file does not exist. */
export function resourceSchemas(read: (file: string) => string | undefined): ResourceSchemas {
  const services = new Map<string, ServiceSchemas>();
  return (type) => {
    const [vendor, service, name] = type.split('::');
    if (vendor === undefined || service === undefined || name === undefined) return undefined;
    // The name becomes part of a path: allow only letters and digits.
    if (!/^[A-Za-z0-9]+$/.test(vendor + service)) return undefined;
    const file = `${vendor}-${service}.json`;
    let types = services.get(file);
    if (types === undefined) {
      const text = read(file);
      types = text === undefined ? {} : (JSON.parse(text) as ServiceSchemas);
      services.set(file, types);
    }
    return Object.hasOwn(types, type) ? types[type] : undefined;
  };
}

export type Path = readonly (string | number)[];

export interface PropertyProblem {
  readonly path: Path;
  /** The JSON Schema keyword that failed. */
  readonly keyword: 'additionalProperties' | 'required' | 'type' | keyof Constraint;
  /** For the user who wrote the template. */
  readonly message: string;
  /** As CloudFormation prints it. */
  readonly aws: string;
  /** The valid values, if the list is closed. */
  readonly known?: readonly (string | number)[];
}

/**
 * The problems of a resource's properties. Intrinsic functions are valid anywhere, because their value is unknown;
 * for `Fn::If`, both branches are checked.
 */
export function validateProperties(type: string, properties: unknown, schema: ResourceSchema): PropertyProblem[] {
  const constraints = new Map<string, Constraint>((constraintRows[type] ?? []).map((row) => [row.path, row]));
  const problems: PropertyProblem[] = [];
  checkObject(properties ?? {}, schema.properties, { schema, constraints, problems }, [], '');
  return problems;
}

/** Valid properties, with text converted to the number or boolean that the schema expects, and vice versa. */
export function coerceProperties(
  properties: Readonly<Record<string, unknown>>,
  schema: ResourceSchema,
): Record<string, unknown> {
  return coerceObject(properties, schema.properties, schema);
}

function coerceObject(value: Readonly<Record<string, unknown>>, properties: Properties, schema: ResourceSchema) {
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      return [name, type === undefined ? item : coerce(item, type, schema)];
    }),
  );
}

function coerce(value: unknown, type: PropertyType, schema: ResourceSchema): unknown {
  if (type === 'string' || type === 'date-time' || (typeof type === 'object' && 'string' in type)) {
    return typeof value === 'object' ? value : String(value);
  }
  if (type === 'integer' || type === 'number' || (typeof type === 'object' && 'integer' in type)) {
    return typeof value === 'string' ? Number(value) : value;
  }
  if (type === 'boolean') return typeof value === 'string' ? value.toLowerCase() === 'true' : value;
  if (type === 'tag') return isObject(value) ? coerceObject(value, tagProperties, schema) : value;
  if (typeof type === 'string' || 'union' in type) return value;
  if ('list' in type) return Array.isArray(value) ? value.map((item) => coerce(item, type.list, schema)) : value;
  if (!isObject(value)) return value;
  if ('map' in type) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coerce(item, type.map, schema)]));
  }
  return 'definition' in type ? coerceObject(value, schema.definitions?.[type.definition] ?? {}, schema) : value;
}

/** Whether a change at this path replaces the resource. */
export function replacementOf(schema: ResourceSchema, path: Path): 'no' | 'maybe' | 'yes' {
  if (schema.alsoReplace?.some((pattern) => startsWith(path, pattern))) return 'yes';
  const [name, ...rest] = path;
  const property = schema.properties[String(name)];
  return property === undefined ? 'no' : replacementBelow(schema, property, rest);
}

function replacementBelow(schema: ResourceSchema, property: PropertySchema, rest: Path): 'no' | 'maybe' | 'yes' {
  if (property.replaces !== undefined) return property.replaces;
  let { type } = property;
  for (const [index, step] of rest.entries()) {
    if (typeof type !== 'object') return 'no';
    if ('list' in type) type = type.list;
    else if ('map' in type) type = type.map;
    else if ('definition' in type) {
      const next: PropertySchema | undefined = schema.definitions?.[type.definition]?.[String(step)];
      return next === undefined ? 'no' : replacementBelow(schema, next, rest.slice(index + 1));
    } else return 'no';
  }
  return 'no';
}

function startsWith(path: Path, pattern: readonly string[]): boolean {
  return path.length >= pattern.length && pattern.every((step, index) => step === '*' || step === String(path[index]));
}

/** The names that `Fn::GetAtt` accepts for this type. */
export function attributesOf(schema: ResourceSchema): readonly string[] {
  return schema.attributes;
}

interface Check {
  readonly schema: ResourceSchema;
  readonly constraints: ReadonlyMap<string, Constraint>;
  readonly problems: PropertyProblem[];
}

/** An object with one key, `Ref`, `Condition` or `Fn::…`. */
export function isIntrinsic(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  const [key] = keys;
  return keys.length === 1 && key !== undefined && (key === 'Ref' || key === 'Condition' || key.startsWith('Fn::'));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkObject(value: unknown, properties: Properties, check: Check, path: Path, row: string): void {
  if (!isObject(value)) {
    check.problems.push(wrongType(path, 'JSONObject', value));
    return;
  }
  const names = Object.keys(properties);
  for (const [name, property] of Object.entries(properties)) {
    if (property.required && !Object.hasOwn(value, name)) {
      check.problems.push({
        path: [...path, name],
        keyword: 'required',
        message: `the required property ${name} is missing`,
        aws: `required key [${name}] not found`,
      });
    }
  }
  for (const [name, propertyValue] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) {
      check.problems.push({
        path: [...path, name],
        keyword: 'additionalProperties',
        message: `the property ${name} does not exist here`,
        aws: `extraneous key [${name}] is not permitted`,
        known: names,
      });
    } else {
      checkValue(propertyValue, property.type, check, [...path, name], row === '' ? name : `${row}.${name}`);
    }
  }
}

function checkValue(value: unknown, type: PropertyType, check: Check, path: Path, row: string): void {
  if (isIntrinsic(value)) {
    // A property may have the name of an intrinsic (`Condition` in a policy statement), but only in free-form data.
    const branches = value['Fn::If'];
    if (Array.isArray(branches)) {
      for (const [index, branch] of branches.entries()) {
        if (index > 0) checkValue(branch, type, check, [...path, 'Fn::If', index], row);
      }
    }
    return;
  }
  const before = check.problems.length;
  if (typeof type === 'string') checkScalar(value, type, check, path);
  else if ('string' in type) {
    checkScalar(value, 'string', check, path);
    if (check.problems.length === before) checkConstraint(value, { enum: type.string }, check, path);
  } else if ('integer' in type) {
    checkScalar(value, 'integer', check, path);
    if (check.problems.length === before) checkConstraint(value, { enum: type.integer }, check, path);
  } else if ('list' in type) {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) checkValue(item, type.list, check, [...path, index], `${row}.*`);
    } else check.problems.push(wrongType(path, 'JSONArray', value));
  } else if ('map' in type) {
    if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) checkValue(item, type.map, check, [...path, key], `${row}.*`);
    } else check.problems.push(wrongType(path, 'JSONObject', value));
  } else if ('union' in type) checkUnion(value, type.union, check, path, row);
  else {
    const definition = check.schema.definitions?.[type.definition] ?? {};
    // A definition without properties is a free-form object.
    if (Object.keys(definition).length > 0) checkObject(value, definition, check, path, row);
    else if (!isObject(value)) check.problems.push(wrongType(path, 'JSONObject', value));
  }
  const constraint = check.constraints.get(row);
  if (constraint !== undefined && check.problems.length === before) checkConstraint(value, constraint, check, path);
}

/** Valid if one type is; otherwise, the problems of the closest type. */
function checkUnion(value: unknown, types: readonly PropertyType[], check: Check, path: Path, row: string): void {
  let nearest: PropertyProblem[] | undefined;
  for (const type of types) {
    const problems: PropertyProblem[] = [];
    checkValue(value, type, { ...check, problems }, path, row);
    if (problems.length === 0) return;
    const depth = (problems: readonly PropertyProblem[]) => Math.max(...problems.map((problem) => problem.path.length));
    if (nearest === undefined || depth(problems) > depth(nearest)) nearest = problems;
  }
  check.problems.push(...(nearest ?? []));
}

type ScalarType = Extract<PropertyType, string>;

// CloudFormation converts between text, numbers and booleans before a handler sees them, so all spellings are valid:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html (a Number "becomes a string")
const scalarChecks: Readonly<Record<ScalarType, { name: string; holds: (value: unknown) => boolean }>> = {
  string: { name: 'String', holds: (value) => ['string', 'number', 'boolean'].includes(typeof value) },
  'date-time': { name: 'String', holds: (value) => typeof value === 'string' },
  integer: { name: 'Integer', holds: (value) => isNumber(value) && Number.isInteger(Number(value)) },
  number: { name: 'Number', holds: isNumber },
  boolean: { name: 'Boolean', holds: (value) => typeof value === 'boolean' || /^(true|false)$/i.test(String(value)) },
  json: { name: 'JSONObject', holds: (value) => typeof value === 'object' || typeof value === 'string' },
  tag: { name: 'JSONObject', holds: isObject },
  null: { name: 'Null', holds: (value) => value === null },
};

function isNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

const tagProperties: Properties = {
  Key: { type: 'string', required: true },
  Value: { type: 'string', required: true },
};

function checkScalar(value: unknown, type: ScalarType, check: Check, path: Path): void {
  const { name, holds } = scalarChecks[type];
  if (!holds(value)) check.problems.push(wrongType(path, name, value));
  else if (type === 'tag') checkObject(value, tagProperties, check, path, '');
}

function foundType(value: unknown): string {
  if (Array.isArray(value)) return 'JSONArray';
  if (value === null) return 'Null';
  if (typeof value === 'object') return 'JSONObject';
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'BigDecimal';
  return typeof value === 'boolean' ? 'Boolean' : 'String';
}

const inWords: Readonly<Record<string, string>> = {
  JSONArray: 'a list',
  JSONObject: 'a map',
  String: 'text',
  Integer: 'a whole number',
  Number: 'a number',
  BigDecimal: 'a number',
  Boolean: 'true or false',
  Null: 'nothing',
};

function wrongType(path: Path, expected: string, value: unknown): PropertyProblem {
  const actual = foundType(value);
  return {
    path,
    keyword: 'type',
    message: `expected ${inWords[expected]}, found ${inWords[actual]}`,
    aws: `expected type: ${expected}, found: ${actual}`,
  };
}

// The words are those of the validator that CloudFormation runs, which hides values in most of them:
// https://github.com/aws-cloudformation/aws-cloudformation-resource-schema (ValidationException, ValidatorTest)
function checkConstraint(value: unknown, constraint: Constraint, check: Check, path: Path): void {
  const fail = (keyword: keyof Constraint, message: string, aws?: string) =>
    check.problems.push({
      path,
      keyword,
      message,
      aws: aws ?? `failed validation constraint for keyword [${keyword}]`,
      ...(keyword === 'enum' && constraint.enum !== undefined ? { known: constraint.enum } : {}),
    });
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern } = constraint;
  if (Array.isArray(value)) {
    const { length } = value;
    if (minItems !== undefined && length < minItems)
      fail(
        'minItems',
        `needs at least ${minItems} items`,
        `expected minimum item count: ${minItems}, found: ${length}`,
      );
    if (maxItems !== undefined && length > maxItems)
      fail('maxItems', `takes at most ${maxItems} items`, `expected maximum item count: ${maxItems}, found: ${length}`);
    return;
  }
  const text = String(value);
  const { length } = text;
  if (constraint.enum !== undefined && !constraint.enum.some((allowed) => String(allowed) === text))
    fail('enum', `"${text}" is not one of ${constraint.enum.join(', ')}`);
  if (minLength !== undefined && length < minLength)
    fail('minLength', `needs at least ${minLength} characters`, `expected minLength: ${minLength}, actual: ${length}`);
  if (maxLength !== undefined && length > maxLength)
    fail('maxLength', `takes at most ${maxLength} characters`, `expected maxLength: ${maxLength}, actual: ${length}`);
  if (pattern !== undefined && !new RegExp(pattern).test(text)) fail('pattern', `"${text}" does not match ${pattern}`);
  if (minimum !== undefined && Number(value) < minimum) fail('minimum', `must be at least ${minimum}, not ${text}`);
  if (maximum !== undefined && Number(value) > maximum) fail('maximum', `must be at most ${maximum}, not ${text}`);
}

/** CloudFormation's message for a resource with these problems. */
export function propertiesMessage(logicalId: string, problems: readonly PropertyProblem[]): string {
  const lines = problems.flatMap(({ path, keyword, aws }) => {
    const object = keyword === 'required' || keyword === 'additionalProperties';
    const pointer = ['#', ...(object ? path.slice(0, -1) : path)].join('/');
    // An enum is stored apart from the value's type, so one of the two schemas does not match.
    const asked = keyword === 'enum' ? [`${pointer}: #: only 1 subschema matches out of 2`] : [];
    return [...asked, `${pointer}: ${aws}`];
  });
  if (problems.length > 1) lines.unshift(`#: ${problems.length} schema violations found`);
  return `Properties validation failed for resource ${logicalId} with message:\n${lines.join('\n')}`;
}

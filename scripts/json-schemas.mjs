// Writes dist/json-schemas.json: the JSON Schema of each line that each command prints with --json, from the types of src/cli/outputs.ts
// and their comments. Does nothing if none of the sources has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';

const target = 'dist/json-schemas.json';
const stamp = '.cache/json-schemas.sources';
const own = ['scripts/json-schemas.mjs', 'tsconfig.json', 'node_modules/ts-json-schema-generator/package.json'];
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('base64url');

function isCurrent() {
  if (!existsSync(target) || !existsSync(stamp)) return false;
  const sources = JSON.parse(readFileSync(stamp, 'utf8'));
  return Object.entries(sources).every(([file, hash]) => existsSync(file) && hashOf(file) === hash);
}

if (!isCurrent()) {
  const { schema, files } = await generated();
  writeFileSync(target, `${JSON.stringify(published(schema))}\n`);
  mkdirSync('.cache', { recursive: true });
  writeFileSync(stamp, JSON.stringify(Object.fromEntries([...own, ...files].map((file) => [file, hashOf(file)]))));
}

/** The schema of `EveryOutput`, and the files that it was made of. */
async function generated() {
  const generator = await import('ts-json-schema-generator');
  // the compiler that the generator itself uses
  const ts = createRequire(createRequire(import.meta.url).resolve('ts-json-schema-generator'))('typescript');
  const config = {
    ...generator.DEFAULT_CONFIG,
    path: 'src/cli/outputs.ts',
    tsconfig: 'tsconfig.json',
    type: 'EveryOutput',
    // `npm run types` does
    skipTypeCheck: true,
    topRef: false,
    additionalProperties: true,
  };
  const program = generator.createProgram(config);
  /** `keyof typeof table`: the generator reads types only; the compiler knows the members of a value. */
  const membersOfValue = {
    supportsNode: (node) => ts.isTypeOperatorNode(node) && ts.isTypeQueryNode(node.type),
    createType(node) {
      const checker = program.getTypeChecker();
      const members = checker.getPropertiesOfType(checker.getTypeFromTypeNode(node.type)).map(({ name }) => name);
      return new generator.EnumType(node.getText(), members);
    },
  };
  const parser = generator.createParser(program, config, (chain) => chain.addNodeParser(membersOfValue));
  const formatter = generator.createFormatter(config);
  let schema;
  try {
    schema = new generator.SchemaGenerator(program, parser, formatter, config).createSchema(config.type);
  } catch (error) {
    // its own text is the whole syntax tree; two types of one name, in two files, are the usual mistake
    throw new Error(`src/cli/outputs.ts: ${error.message}`);
  }
  const files = program
    .getSourceFiles()
    .map(({ fileName }) => relative('.', fileName).replaceAll('\\', '/'))
    .filter((file) => file.startsWith('src/'));
  return { schema, files };
}

/**
 * `reports`: the lines of any command, by their type. `commands`: the lines of each, by their type; that of the result has it as
 * `value`. `$defs`: what these refer to.
 */
function published({ properties, definitions }) {
  const $defs = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, open(schema)]));
  const resolved = (schema) =>
    schema.$ref === undefined ? schema : resolved($defs[schema.$ref.slice('#/$defs/'.length)]);
  const { anyOf: kinds } = resolved(open(properties.report));
  const reports = Object.fromEntries(
    kinds.map((kind) => {
      const { kind: type, ...fields } = resolved(kind).properties;
      return [type.const, line(type.const, { ...resolved(kind), properties: fields })];
    }),
  );
  const commands = Object.fromEntries(
    Object.entries(resolved(open(properties.commands)).properties).map(([name, { description, properties: of }]) => {
      const { result, regions, projects, items } = of;
      const values = [result, regions, projects].filter((value) => value !== undefined && value.not === undefined);
      const lines = Object.fromEntries(
        Object.entries(items.properties ?? {}).map(([type, item]) => [type, line(type, resolved(item))]),
      );
      if (values.length > 0) lines.result = resultLine(values, description);
      return [name, { lines }];
    }),
  );
  const used = {};
  const error = resolved(open(properties.error));
  take({ reports, commands, error });
  return { reports, error, commands, $defs: used };

  function take(value) {
    if (typeof value !== 'object' || value === null) return;
    const name = typeof value.$ref === 'string' ? value.$ref.slice('#/$defs/'.length) : undefined;
    if (name !== undefined && used[name] === undefined) {
      used[name] = $defs[name];
      take(used[name]);
    }
    for (const member of Object.values(value)) take(member);
  }
}

/** In a workspace, lines of the projects have their names. */
function line(type, { properties = {}, required = [], ...rest }) {
  const project = { type: 'string', description: 'In a workspace, the project that the line is of.' };
  const fields = { type: { type: 'string', const: type }, project, ...properties };
  const needed = ['type', ...required.filter((name) => name !== 'kind')];
  return { ...rest, properties: fields, required: needed };
}

function resultLine(values, description) {
  const flat = values.flatMap((value) => value.anyOf ?? [value]);
  const value = { ...(flat.length === 1 ? flat[0] : { anyOf: flat }), ...(description && { description }) };
  return {
    type: 'object',
    properties: { type: { type: 'string', const: 'result' }, value },
    required: ['type', 'value'],
  };
}

/** Open to fields that a later version adds. In JSON, what is undefined is absent. */
function open(value) {
  if (Array.isArray(value)) return value.map(open);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      if (key === 'additionalProperties' && member === false) return [];
      if (key === '$ref') return [[key, member.replace('#/definitions/', '#/$defs/')]];
      if (key === 'description' && typeof member === 'string') return [[key, inJson(member)]];
      return [[key, open(member)]];
    }),
  );
}

function inJson(text) {
  return text
    .replace(/\bundefined\b/g, 'absent')
    .replace(/\bUndefined\b/g, 'Absent')
    .replace(/\s*\n\s*/g, ' ');
}

// Writes dist/resource-schemas/<AWS-Service>.json.br: the properties of CloudFormation's resource types, from @aws-cdk/aws-service-spec.
// Run by the build and before the tests; the result is never committed. Its shape is `ServiceSchemas` of src/cfn/resource-schema.ts.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const target = fileURLToPath(new URL('../dist/resource-schemas/', import.meta.url));
const database = loadAwsServiceSpecSync();

function compactType(type) {
  switch (type.type) {
    case 'array':
      return { list: compactType(type.element) };
    case 'map':
      return { map: compactType(type.element) };
    case 'union':
      return { union: type.types.map(compactType) };
    case 'ref':
      return { definition: database.get('typeDefinition', type.reference.$ref).name };
    case 'string':
    case 'integer':
      return type.allowedValues === undefined ? type.type : { [type.type]: type.allowedValues };
    case 'number':
    case 'boolean':
    case 'json':
    case 'tag':
    case 'date-time':
    case 'null':
      return type.type;
    default:
      throw new Error(`the service spec has a kind of type that is not known here: ${JSON.stringify(type)}`);
  }
}

function compactProperties(properties) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      {
        type: compactType(property.type),
        ...(property.required ? { required: true } : {}),
        ...(property.causesReplacement === 'yes' || property.causesReplacement === 'maybe'
          ? { replaces: property.causesReplacement }
          : {}),
      },
    ]),
  );
}

/** The definitions that a type reaches, directly or through others. */
function definitionsOf(resource) {
  const found = {};
  for (const { entity } of database.follow('usesType', resource))
    found[entity.name] = compactProperties(entity.properties);
  return found;
}

const services = new Map();
for (const resource of database.all('resource')) {
  const service = resource.cloudFormationType.split('::').slice(0, 2).join('-');
  if (!services.has(service)) services.set(service, {});
  const definitions = definitionsOf(resource);
  services.get(service)[resource.cloudFormationType] = {
    properties: compactProperties(resource.properties),
    attributes: Object.keys(resource.attributes),
    ...(Object.keys(definitions).length > 0 ? { definitions } : {}),
    ...(resource.primaryIdentifier === undefined ? {} : { primaryIdentifier: resource.primaryIdentifier }),
    ...(resource.additionalReplacementProperties === undefined
      ? {}
      : { alsoReplace: resource.additionalReplacementProperties }),
    ...(resource.isStateful ? { stateful: true } : {}),
    ...(resource.tagInformation === undefined
      ? {}
      : { tags: { property: resource.tagInformation.tagPropertyName, variant: resource.tagInformation.variant } }),
  };
}

mkdirSync(target, { recursive: true });
// of an older build
for (const file of readdirSync(target)) if (file.endsWith('.json')) rmSync(target + file, { force: true });
let bytes = 0;
for (const [service, types] of services) {
  const text = brotliCompressSync(JSON.stringify(types), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  bytes += text.length;
  // Renamed into place: several test processes may do this at the same time.
  const part = `${target}${service}.json.br.${process.pid}`;
  writeFileSync(part, text);
  renameSync(part, `${target}${service}.json.br`);
}
console.log(`${services.size} services, ${Math.round(bytes / 1024)} kB in dist/resource-schemas`);

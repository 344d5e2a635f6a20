// Layers, state machines and simple tables of a SAM template.
import type { Plain } from '../../base/located.ts';
import { toPlain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { parseLocated } from '../../base/yaml.ts';
import { intrinsicTags } from '../../cfn/intrinsic-tags.ts';
import { stateMachineIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { compatibleRuntimes } from '../serverless/lambda.ts';
import { eventsOf } from './events.ts';
import { policiesOf } from './policies.ts';
import { textBeside } from './read-template.ts';
import { idIn, type SamTemplate, withOurIds } from './template.ts';

export function convertLayer(sam: SamTemplate, id: string, resource: Cursor): void {
  const { draft } = sam;
  const properties = resource.child('Properties');
  const name = sam.layers.get(id) ?? id;
  const path = ['layers', name];
  const folder = properties?.child('ContentUri')?.text()?.replace(/^\.\//, '').replace(/\/$/, '') ?? name;
  draft.set([...path, 'path'], folder, placeOf(resource));
  const method = resource.child('Metadata')?.child('BuildMethod')?.text();
  resource.child('Metadata')?.plain();
  if (method?.startsWith('python') || method?.startsWith('nodejs')) {
    draft.set([...path, 'dependencies'], method.startsWith('python') ? 'python' : 'nodejs', placeOf(resource));
  }
  for (const [theirs, ours] of [
    ['Description', 'description'],
    ['LicenseInfo', 'license'],
    ['CompatibleArchitectures', 'compatibleArchitectures'],
  ] as const) {
    const value = properties?.child(theirs);
    if (value !== undefined) draft.set([...path, ours], withOurIds(sam, value.plain()), placeOf(value));
  }
  compatibleRuntimes(draft, properties?.child('CompatibleRuntimes'), path);
  for (const key of ['LayerName', 'RetentionPolicy', 'PublishLambdaVersion']) properties?.child(key)?.plain();
  for (const key of ['DeletionPolicy', 'UpdateReplacePolicy', 'Condition', 'DependsOn']) resource.child(key)?.plain();
  draft.carried(placeOf(resource), `the layer ${id}, "${name}"`);
}

export function convertTable(sam: SamTemplate, id: string, resource: Cursor): void {
  const { draft } = sam;
  const properties = resource.child('Properties');
  const key = properties?.child('PrimaryKey');
  const name = key?.child('Name')?.plain() ?? 'id';
  const types: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };
  const type = types[key?.child('Type')?.text() ?? 'String'] ?? 'S';
  const throughput = properties?.child('ProvisionedThroughput')?.plain();
  const optional = (theirs: string) => {
    const value = properties?.child(theirs)?.plain();
    return value === undefined ? {} : { [theirs]: withOurIds(sam, value) };
  };
  const tags = properties?.child('Tags')?.plain();
  const attributes: Record<string, Plain> = {};
  for (const attribute of ['DeletionPolicy', 'UpdateReplacePolicy', 'Condition', 'DependsOn', 'Metadata']) {
    const value = resource.child(attribute)?.plain();
    if (value !== undefined) attributes[attribute] = value;
  }
  draft.set(
    ['resources', id],
    {
      Type: 'AWS::DynamoDB::Table',
      ...attributes,
      Properties: {
        ...optional('TableName'),
        AttributeDefinitions: [{ AttributeName: name, AttributeType: type }],
        KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
        ...(throughput === undefined
          ? { BillingMode: 'PAY_PER_REQUEST' }
          : { ProvisionedThroughput: withOurIds(sam, throughput) }),
        ...optional('SSESpecification'),
        ...optional('PointInTimeRecoverySpecification'),
        ...(isMap(tags ?? null)
          ? {
              Tags: Object.entries(tags as Record<string, Plain>).map(([Key, Value]) => ({
                Key,
                Value: withOurIds(sam, Value),
              })),
            }
          : {}),
      },
    },
    placeOf(resource),
  );
  draft.carried(placeOf(resource), `the table ${id}`);
}

export function convertStateMachine(sam: SamTemplate, id: string, resource: Cursor): void {
  const { draft, folder } = sam;
  const properties = resource.child('Properties');
  const name = sam.stateMachines.get(id) ?? id;
  const path = ['stateMachines', name];
  draft.set(path, {}, placeOf(resource));
  const set = (ours: string, cursor: Cursor | undefined) => {
    if (cursor !== undefined) draft.set([...path, ours], withOurIds(sam, cursor.plain()), placeOf(cursor));
  };
  set('type', properties?.child('Type'));
  set('name', properties?.child('Name'));
  set('tags', properties?.child('Tags'));
  const substitutions = properties?.child('DefinitionSubstitutions')?.plain();
  const values = isMap(substitutions ?? null) ? (substitutions as Record<string, Plain>) : {};
  const used = new Set<string>();
  const inline = properties?.child('Definition');
  const uri = properties?.child('DefinitionUri');
  const file = uri?.text();
  const text = file === undefined ? undefined : textBeside(folder, file);
  uri?.plain();
  if (inline !== undefined)
    draft.set([...path, 'definition'], substituted(sam, inline.plain(), values, used), placeOf(inline));
  else if (file !== undefined && text !== undefined) {
    const { value } = parseLocated(text, file, [...intrinsicTags]);
    draft.set([...path, 'definition'], substituted(sam, toPlain(value), values, used), placeOf(resource));
    draft.comment([...path, 'definition'], `From ${file}, with its DefinitionSubstitutions`);
  } else {
    draft.set([...path, 'definition'], { StartAt: 'SetMe', States: { SetMe: { Type: 'Succeed' } } }, placeOf(resource));
    draft.dropped(placeOf(uri ?? resource), `the definition ${file ?? ''} is not here`, {
      remedy: 'write file: flow.asl.yml in place of definition, where the file is',
      beside: [...path, 'definition'],
    });
  }
  for (const key of Object.keys(values)) {
    if (used.has(key) || (inline === undefined && draft.get([...path, 'definition', 'StartAt']) === 'SetMe')) continue;
    draft.dropped(
      { path: `Resources.${id}.Properties.DefinitionSubstitutions.${key}`, at: resource.at },
      `the definition has no \${${key}}`,
      { remedy: 'nothing' },
    );
  }
  const tracing =
    properties?.child('Tracing')?.child('Enabled') ?? properties?.child('TracingConfiguration')?.child('Enabled');
  if (tracing?.flag() === true) draft.set([...path, 'tracing'], true, placeOf(tracing));
  const logging = properties?.child('Logging') ?? properties?.child('LoggingConfiguration');
  if (logging !== undefined) {
    const level = logging.child('Level')?.text() ?? 'ALL';
    const data = logging.child('IncludeExecutionData')?.plain();
    logging.child('Destinations')?.plain();
    if (level !== 'OFF')
      draft.set(
        [...path, 'logging'],
        { level, ...(data === undefined ? {} : { includeExecutionData: data }) },
        placeOf(logging),
      );
  }
  const policies = properties?.child('Policies');
  if (policies !== undefined) policiesOf(sam, policies, { name, path, role: stateMachineIds(name).role });
  for (const key of ['Role', 'PermissionsBoundary', 'RolePath'] as const) {
    const value = properties?.child(key);
    if (value === undefined) continue;
    value.plain();
    draft.changed(placeOf(value), 'fx makes the role of a state machine from its definition', {
      remedy: 'add what it does not see under permissions',
      beside: path,
    });
  }
  for (const key of ['AutoPublishAlias', 'PropagateTags', 'UseAliasAsEventTarget']) properties?.child(key)?.plain();
  for (const key of ['DependsOn', 'Metadata']) resource.child(key)?.plain();
  // these say whether it is made and kept at all
  for (const key of ['Condition', 'DeletionPolicy', 'UpdateReplacePolicy']) {
    const value = resource.child(key);
    if (value !== undefined) draft.merge(['extend', stateMachineIds(name).machine, key], value.plain(), placeOf(value));
  }
  const events = properties?.child('Events');
  if (events !== undefined) eventsOf(sam, events, [...path, 'events']);
  draft.carried(placeOf(resource), `the state machine ${id}, "${name}"`);
}

/** `${Name}` in a definition; a function is named by its name in project.yml. */
function substituted(
  sam: SamTemplate,
  value: Plain,
  values: Readonly<Record<string, Plain>>,
  used: Set<string>,
): Plain {
  const valueFor = (written: Plain): Plain => {
    const id = idIn(written);
    const own = id === undefined || typeof written === 'string' ? undefined : sam.functions.get(id);
    return own ?? withOurIds(sam, written);
  };
  const walk = (node: Plain): Plain => {
    if (typeof node === 'string') {
      const whole = /^\$\{(\w+)\}$/.exec(node)?.[1];
      if (whole !== undefined && values[whole] !== undefined) {
        used.add(whole);
        return valueFor(values[whole] ?? null);
      }
      const names = [...node.matchAll(/\$\{(\w+)\}/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => values[name] !== undefined);
      for (const name of names) used.add(name);
      if (names.length === 0) return node;
      return {
        'Fn::Sub': [node, Object.fromEntries(names.map((name) => [name, withOurIds(sam, values[name] ?? null)]))],
      };
    }
    if (Array.isArray(node)) return node.map((item: Plain) => walk(item));
    if (!isMap(node)) return node;
    const id = idIn(node);
    if (id !== undefined && sam.functions.has(id)) return sam.functions.get(id) ?? id;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item as Plain)]));
  };
  return walk(value);
}

// AWS SAM: template.yaml with AWS::Serverless::… resources, and samconfig.toml.

import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { FxError } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import { functionResourceId, stateMachineIds } from '../cfn/names.ts';
import { Cursor, Reading, unreadIn } from './cursor.ts';
import { regionalForDomain } from './domains.ts';
import { Draft, placeOf } from './draft.ts';
import type { Conversion, ConvertOptions, Peer } from './peer.ts';
import { projectNameOf } from './project-name.ts';
import { convertHttpApi, convertRestApi } from './sam/apis.ts';
import { samEnvironments } from './sam/config.ts';
import { connectorsOf, withoutConnectors } from './sam/connectors.ts';
import { convertFunction, settingsOf } from './sam/functions.ts';
import { documentOf, operationsOf } from './sam/openapi.ts';
import { convertLayer, convertStateMachine, convertTable } from './sam/others.ts';
import { parametersOf } from './sam/parameters.ts';
import { readTemplate } from './sam/read-template.ts';
import { functionNameOf, plainResource, type SamTemplate, withOurIds } from './sam/template.ts';

const defaultEnvironment = 'dev';

export const sam: Peer = {
  title: 'AWS SAM',
  files: ['template.yaml', 'template.yml', 'template.json', 'sam.yaml', 'sam.yml'],
  async convert({ source, shownFrom, stage, adopting }: ConvertOptions): Promise<Conversion> {
    const shown = (file: string) => relative(shownFrom, file) || basename(file);
    const { value, problems } = readTemplate(readFileSync(source.file, 'utf8'), shown(source.file));
    if (problems.length > 0) throw new FxError('IMPORT_FAILED', `${shown(source.file)} cannot be read`, { problems });
    const reading = new Reading();
    const root = new Cursor(value, '', reading);
    refuseOthers(root, shown(source.file));
    const template = survey(root, source.folder);
    convertTemplate(template, basename(source.folder));
    const { environment, stackNames } = await environments(template, shown, { asked: stage, adopting });
    for (const { path, at } of unreadIn(value, '', reading)) {
      template.draft.dropped({ path, at }, `fx has nothing for "${path.split('.').at(-1) ?? path}"`, {
        remedy: 'if it matters, write it in project.yml by hand',
      });
    }
    const functions = new Map([...template.functions].map(([id, name]) => [name, id]));
    const resources = new Map([...destinationIds(template), ...machineIds(template)]);
    const stacks = new Map([...stackNames].map(([each, name]) => [each, { name, functions, resources }] as const));
    return { draft: template.draft, stage: environment, stacks };
  },
};

/** SAM makes queues and topics for destinations that name none. */
function destinationIds({ functions }: SamTemplate): readonly (readonly [string, string])[] {
  return [...functions].flatMap(([id, name]) =>
    ['OnSuccessQueue', 'OnSuccessTopic', 'OnFailureQueue', 'OnFailureTopic'].map(
      (end) => [functionResourceId(name, end), `${id}EventInvokeConfig${end}`] as const,
    ),
  );
}

const machineIds = ({ stateMachines }: SamTemplate): readonly (readonly [string, string])[] =>
  [...stateMachines].map(([id, name]) => [stateMachineIds(name).machine, id] as const);

function refuseOthers(root: Cursor, shown: string): void {
  const resources = root.isMap && root.has('Resources');
  if (resources) return;
  throw new FxError('IMPORT_FAILED', `${shown} is no template`, {
    problems: [{ at: root.at, message: 'expected Resources', hint: 'name the template: fx import FILE' }],
  });
}

/** What there is, before anything is converted: resources refer to each other. */
function survey(root: Cursor, folder: string): SamTemplate {
  const peek = new Cursor(root.value, '', new Reading());
  const resources = new Map(peek.child('Resources')?.entries() ?? []);
  const ofType = (type: string) =>
    [...resources].filter(([, resource]) => resource.child('Type')?.text() === type).map(([id]) => id);
  const names = (ids: readonly string[], nameOf: (id: string) => string) => {
    const taken = new Set<string>();
    return new Map(
      ids.map((id) => {
        const short = nameOf(id);
        const name = taken.has(short) ? id : short;
        taken.add(name);
        return [id, name] as const;
      }),
    );
  };
  const apis = new Map<string, { section: 'rest' | 'http'; name: string | undefined }>();
  for (const [type, section] of [
    ['AWS::Serverless::Api', 'rest'],
    ['AWS::Serverless::HttpApi', 'http'],
  ] as const) {
    // events that name no API have one of their own, that of the section
    const implicit = hasImplicitApi(resources, section);
    for (const [index, id] of ofType(type).entries())
      apis.set(id, { section, name: index === 0 && !implicit ? undefined : id });
  }
  return {
    draft: new Draft(),
    root,
    folder,
    resources,
    functions: names(ofType('AWS::Serverless::Function'), functionNameOf),
    apis,
    layers: names(ofType('AWS::Serverless::LayerVersion'), (id) => id.replace(/Layer$/, '') || id),
    stateMachines: names(ofType('AWS::Serverless::StateMachine'), (id) => id.replace(/StateMachine$/, '') || id),
    parameters: new Set(peek.child('Parameters')?.keys() ?? []),
  };
}

function hasImplicitApi(resources: ReadonlyMap<string, Cursor>, section: 'rest' | 'http'): boolean {
  const [type, key] = section === 'rest' ? ['Api', 'RestApiId'] : ['HttpApi', 'ApiId'];
  return [...resources.values()].some((resource) =>
    (resource.child('Properties')?.child('Events')?.entries() ?? []).some(
      ([, event]) => event.child('Type')?.text() === type && event.child('Properties')?.has(key ?? '') === false,
    ),
  );
}

function convertTemplate(sam: SamTemplate, folderName: string): void {
  const { draft, root } = sam;
  draft.set(['name'], projectNameOf(folderName, 'project'), { path: 'Transform', at: root.at });
  const description = root.child('Description');
  if (description !== undefined) {
    draft.comment(['name'], (description.text() ?? '').trim());
    draft.carried(placeOf(description), 'the description is a comment');
  }
  for (const key of ['AWSTemplateFormatVersion', 'Transform', 'Metadata', 'Rules', 'Hooks'] as const) {
    const value = root.child(key);
    if (value === undefined) continue;
    const plain = value.plain();
    const isSam =
      key === 'AWSTemplateFormatVersion' || (key === 'Transform' && JSON.stringify(plain).includes('AWS::Serverless'));
    if (isSam) continue;
    if (key === 'Metadata') draft.carried(placeOf(value), 'metadata of the template say nothing that fx deploys');
    else draft.dropped(placeOf(value), `fx has no ${key}`, { remedy: 'write what it makes under resources' });
  }
  parametersOf(sam);
  for (const [theirs, ours] of [
    ['Conditions', 'conditions'],
    ['Mappings', 'mappings'],
  ] as const) {
    for (const [id, value] of root.child(theirs)?.entries() ?? [])
      draft.set([ours, id], withOurIds(sam, value.plain()), placeOf(value));
  }
  const globals = root.child('Globals');
  const ofFunctions = globals?.child('Function');
  if (sam.functions.size > 0) {
    // https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html: 128 MB, 3 seconds
    draft.set(['defaults', 'architecture'], 'x86_64');
    draft.set(['defaults', 'memory'], 128);
    draft.set(['defaults', 'timeout'], 3);
    draft.comment(['defaults', 'memory'], 'What Lambda sets without being asked');
    if (ofFunctions !== undefined) settingsOf(sam, ofFunctions, ['defaults']);
  }
  const rest = globals?.child('Api');
  const http = globals?.child('HttpApi');
  if (rest !== undefined) convertRestApi(sam, rest, undefined);
  if (http !== undefined) convertHttpApi(sam, http, undefined);
  for (const [id, resource] of root.child('Resources')?.entries() ?? [])
    convertResource(sam, id, resource, ofFunctions);
  // what they add to is there now
  for (const [id, resource] of root.child('Resources')?.entries() ?? []) {
    connectorsOf(sam, id, resource);
    const document = sam.apis.has(id) ? documentOf(sam, resource.child('Properties')) : undefined;
    if (document !== undefined) operationsOf(sam, id, document);
  }
  for (const [id, output] of root.child('Outputs')?.entries() ?? []) outputOf(sam, id, output);
}

const others: Readonly<Record<string, (sam: SamTemplate, id: string, resource: Cursor) => void>> = {
  'AWS::Serverless::LayerVersion': convertLayer,
  'AWS::Serverless::StateMachine': convertStateMachine,
  'AWS::Serverless::SimpleTable': convertTable,
};

function convertResource(sam: SamTemplate, id: string, resource: Cursor, globals: Cursor | undefined): void {
  const { draft, root } = sam;
  const type = resource.child('Type')?.text() ?? '';
  const properties = resource.child('Properties');
  if (type === 'AWS::Serverless::Connector') return;
  if (type === 'AWS::Serverless::Function') {
    convertFunction(sam, id, resource, globals);
    return;
  }
  if (type === 'AWS::Serverless::Api' || type === 'AWS::Serverless::HttpApi') {
    const section = sam.apis.get(id);
    const convert = type.endsWith('HttpApi') ? convertHttpApi : convertRestApi;
    const common = root.child('Globals')?.child(type.endsWith('HttpApi') ? 'HttpApi' : 'Api');
    // those of the section have it already
    if (common !== undefined && section?.name !== undefined) convert(sam, common, id);
    if (properties !== undefined) convert(sam, properties, id);
    const path = section?.name === undefined ? ['rest'] : ['rest', 'apis', section.name];
    if (section?.section === 'rest' && !draft.has([...path, 'endpoint'])) draft.set([...path, 'endpoint'], 'edge');
    regionalForDomain(draft, path, placeOf(resource));
    draft.carried(placeOf(resource), `the API ${id}`);
    return;
  }
  const other = others[type];
  if (other !== undefined) {
    other(sam, id, resource);
    return;
  }
  const plain = plainResource(sam, withoutConnectors(resource.plain()));
  if (type.startsWith('AWS::Serverless::')) {
    const remedies: Readonly<Record<string, string>> = {
      'AWS::Serverless::Application':
        'deploy it as a project of its own, or as AWS::CloudFormation::Stack under resources',
    };
    draft.dropped(placeOf(resource), `fx has nothing for ${type}`, {
      remedy: remedies[type] ?? 'write what it makes under resources',
      beside: ['name'],
    });
    return;
  }
  draft.set(['resources', id], plain, placeOf(resource));
  draft.carried(placeOf(resource), `the resource ${id}, ${type}`);
}

function outputOf(sam: SamTemplate, id: string, output: Cursor): void {
  const { draft } = sam;
  const plain = withOurIds(sam, output.plain());
  if (!isMap(plain)) {
    draft.set(['outputs', id], plain, placeOf(output));
    return;
  }
  const { Export, ...rest } = plain as Record<string, Plain>;
  // fx has the ARN of each function as an output already
  const taken = [...sam.functions.values()].some((name) => id === `${name}FunctionArn`);
  const name = taken ? `${id}Output` : id;
  draft.set(['outputs', name], rest, placeOf(output));
  if (taken) draft.changed(placeOf(output), `the output ${id} is ${name} now: fx has one called ${id} itself`);
  if (Export === undefined) {
    draft.carried(placeOf(output), `the output ${id}`);
    return;
  }
  draft.changed(placeOf(output), `fx exports nothing: ${id} is an output without an export`, {
    remedy: `where Fn::ImportValue uses it, read \${stack:NAME.${id}}`,
    beside: ['outputs', name],
  });
}

/** The environments of samconfig.toml. Without it, one that is called dev. */
async function environments(
  sam: SamTemplate,
  shown: (file: string) => string,
  { asked, adopting }: { readonly asked: string | undefined; readonly adopting: boolean },
): Promise<{ readonly environment: string; readonly stackNames: ReadonlyMap<string, string | undefined> }> {
  const { draft, folder } = sam;
  const found = await samEnvironments(folder, shown);
  const nameOf = (name: string) =>
    name === 'default'
      ? defaultEnvironment
      : name
          .toLowerCase()
          .replace(/[^a-z0-9-]+/g, '-')
          .slice(0, 20);
  const first = found.find(({ name }) => name === (asked ?? 'default')) ?? found[0];
  for (const each of found) {
    const path = ['environments', nameOf(each.name)];
    draft.merge(path, {});
    const place = { path: `samconfig.${each.name}`, at: each.at };
    if (each.region !== undefined) {
      if (each === first) draft.set(['region'], each.region, place);
      else if (each.region !== first?.region) draft.set([...path, 'region'], each.region, place);
    }
    if (each.profile !== undefined) draft.set([...path, 'profile'], each.profile, place);
    if (each.stackName !== undefined && adopting) draft.set([...path, 'stackName'], each.stackName, place);
    else if (each.stackName !== undefined) {
      draft.changed(place, `fx makes a stack of its own, not "${each.stackName}"`, {
        remedy: 'remove the old stack when the new one serves; names that exist once would clash until then',
      });
    }
    for (const [key, value] of Object.entries(each.parameters)) {
      if (sam.parameters.has(key)) draft.set([...path, 'params', key], value, place);
      else draft.dropped(place, `the template has no parameter ${key}`, { remedy: 'nothing' });
    }
    for (const other of each.others) draft.changed(place, `${other} of samconfig.toml is not needed`, {});
  }
  if (found.length === 0) draft.merge(['environments', defaultEnvironment], {});
  const named = found.map(({ name, stackName }) => [nameOf(name), stackName] as const);
  return {
    environment: first === undefined ? defaultEnvironment : nameOf(first.name),
    stackNames: new Map(named.length === 0 ? [[defaultEnvironment, undefined]] : named),
  };
}

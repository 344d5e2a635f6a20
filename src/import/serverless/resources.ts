// `resources` and `layers` of a service: plain CloudFormation, with the logical ids that fx gives what the service generates.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { withNames } from '../intrinsics.ts';
import { keepManaged } from '../roles.ts';
import { compatibleRuntimes, layerName } from './lambda.ts';
import { permissionsOf } from './permissions.ts';
import { logicalIdsOf, type Service, withOurIds } from './service.ts';

/** The maps of `resources`, which may be a list of templates. */
export function templatesOf(resources: Cursor | undefined): readonly Cursor[] {
  return resources?.each().filter((cursor) => cursor.isMap) ?? [];
}

export function convertResources(service: Service, resources: Cursor): void {
  const { draft } = service;
  for (const template of resources.each()) {
    if (!template.isMap) {
      const reason = service.reasonFor(template.plain());
      draft.dropped(
        placeOf(template),
        `these resources are not known${reason === undefined ? ' here' : `: ${reason}`}`,
        { remedy: reason === undefined ? 'write them under resources' : fileMissing, beside: ['name'] },
      );
      continue;
    }
    for (const [id, resource] of template.child('Resources')?.entries() ?? []) convertResource(service, id, resource);
    for (const [id, extension] of template.child('extensions')?.entries() ?? []) extend(service, id, extension);
    for (const [id, output] of template.child('Outputs')?.entries() ?? []) convertOutput(service, id, output);
    for (const [theirs, ours] of [
      ['Conditions', 'conditions'],
      ['Mappings', 'mappings'],
    ] as const) {
      for (const [id, value] of template.child(theirs)?.entries() ?? []) {
        draft.set([ours, id], withOurIds(service, value.plain()), placeOf(value));
        draft.carried(placeOf(value), `${theirs.toLowerCase().replace(/s$/, '')} ${id}`);
      }
    }
    const parameters = template.child('Parameters');
    for (const [id, parameter] of parameters?.entries() ?? []) {
      parameter.plain();
      draft.changed(
        placeOf(parameter),
        `a template of fx has no parameters: the default of ${id} stands in its places`,
        {
          remedy: 'use params if it differs between environments',
        },
      );
    }
    for (const key of ['Description', 'AWSTemplateFormatVersion']) template.child(key)?.plain();
    const transform = template.child('Transform');
    if (transform !== undefined) {
      transform.plain();
      draft.dropped(placeOf(transform), 'fx templates have no macros', {
        remedy: 'write what the macro makes under resources',
      });
    }
  }
}

function convertResource(service: Service, id: string, resource: Cursor): void {
  const { draft } = service;
  const place = placeOf(resource);
  const ids = logicalIdsOf(service);
  const names = [...service.functions.values()].map((name) => functionIds(name));
  const plain = withNames(withOurIds(service, resource.plain()), {
    idOf: (other) => (service.resources.has(other) ? other : (ids.get(other) ?? other)),
    aliasOf: (other) => names.find((each) => each.function === other)?.alias,
  });
  if (id === 'IamRoleLambdaExecution' && service.functions.size > 0) {
    sharedRole(service, resource);
    return;
  }
  // an id of something generated changes it
  const generated = ids.get(id);
  if (generated !== undefined) {
    extendWith(service, generated, plain, place);
    return;
  }
  const reason = service.reasonFor(plain);
  if (reason !== undefined) {
    draft.dropped(place, `the resource ${id} is not known: ${reason}`, { remedy: fileMissing, beside: ['name'] });
    return;
  }
  if (!isMap(plain) || typeof plain['Type'] !== 'string') {
    draft.dropped(place, `the resource ${id} has no Type`, {
      remedy: 'write it under resources, or its changes under extend',
      beside: ['resources'],
    });
    return;
  }
  draft.set(['resources', id], plain, place);
  draft.carried(place, `the resource ${id}, ${String(plain['Type'])}`);
}

const fileMissing = 'put the file there and import again, or write what it has under resources';

/** Changes to the role of all functions: each has its own here. */
function sharedRole(service: Service, resource: Cursor): void {
  const { draft } = service;
  const properties = resource.child('Properties');
  for (const key of ['Type', 'DependsOn']) resource.child(key)?.plain();
  // that a function may be it, and its name, are fx's
  for (const key of ['AssumeRolePolicyDocument', 'RoleName', 'Path', 'Tags']) properties?.child(key)?.plain();
  const policies = properties?.child('Policies')?.items() ?? [];
  const permissions = policies.flatMap((policy) => {
    policy.child('PolicyName')?.plain();
    const document = policy.child('PolicyDocument');
    document?.child('Version')?.plain();
    const statements = document?.child('Statement');
    return statements === undefined ? [] : permissionsOf(service, statements);
  });
  for (const permission of permissions) draft.push(['defaults', 'permissions'], permission, placeOf(resource));
  for (const key of ['ManagedPolicyArns', 'PermissionsBoundary']) {
    const value = properties?.child(key);
    for (const name of value === undefined ? [] : service.functions.values()) {
      const ours = withOurIds(service, value?.plain() ?? null);
      if (key === 'ManagedPolicyArns') keepManaged(draft, name, ours, placeOf(resource));
      else draft.merge(['extend', functionIds(name).role, 'Properties', key], ours, placeOf(resource));
    }
  }
  draft.changed(placeOf(resource), 'each function has a role of its own, which fx names', {
    remedy: 'nothing, unless something refers to it',
  });
}

function extend(service: Service, id: string, extension: Cursor): void {
  const ours = logicalIdsOf(service).get(id) ?? id;
  const plain = withOurIds(service, extension.plain());
  // a resource of the user is merged in place
  if (service.resources.has(id) && isMap(plain)) {
    service.draft.merge(['resources', id], plain as Plain, placeOf(extension));
    return;
  }
  extendWith(service, ours, plain, placeOf(extension));
}

function extendWith(service: Service, id: string, plain: Plain, place: ReturnType<typeof placeOf>): void {
  const { Type, ...changes } = isMap(plain) ? (plain as Record<string, Plain>) : {};
  void Type;
  service.draft.merge(['extend', id], changes, place);
  service.draft.carried(place, `changes to ${id}`);
}

function convertOutput(service: Service, id: string, output: Cursor): void {
  const { draft } = service;
  const plain = withOurIds(service, output.plain());
  if (!isMap(plain)) {
    draft.set(['outputs', id], plain, placeOf(output));
    return;
  }
  const { Export, ...rest } = plain as Record<string, Plain>;
  if (rest['Value'] === undefined) {
    draft.dropped(
      placeOf(output),
      `the output ${id} has no Value: it changes one that the Serverless Framework makes`,
      {
        remedy: `if something reads it, write it under outputs with its value`,
      },
    );
    return;
  }
  draft.set(
    ['outputs', id],
    Object.keys(rest).length === 1 && rest['Value'] !== undefined ? rest['Value'] : rest,
    placeOf(output),
  );
  if (Export === undefined) {
    draft.carried(placeOf(output), `the output ${id}`);
    return;
  }
  const name = isMap(Export) ? Export['Name'] : undefined;
  draft.changed(placeOf(output), `fx exports nothing: ${id} is an output without an export`, {
    remedy: `where ${typeof name === 'string' ? `Fn::ImportValue has "${name}"` : 'Fn::ImportValue uses it'}, read \${stack:NAME.${id}}`,
    beside: ['outputs', id],
  });
}

export function convertLayers(service: Service, layers: Cursor): void {
  const { draft } = service;
  for (const [key, layer] of layers.entries()) {
    const name = layerName(key);
    const path = ['layers', name];
    const optional = (theirs: string, ours: string = theirs) => {
      const value = layer.child(theirs);
      if (value !== undefined) draft.set([...path, ours], value.plain(), placeOf(value));
    };
    const folder = layer.child('path')?.text() ?? key;
    draft.set([...path, 'path'], folder.replace(/^\.\/(?=.)/, ''), placeOf(layer));
    optional('description');
    compatibleRuntimes(draft, layer.child('compatibleRuntimes'), path);
    optional('compatibleArchitectures');
    optional('licenseInfo', 'license');
    const retain = layer.child('retain');
    if (retain !== undefined) {
      retain.plain();
      draft.carried(placeOf(retain), 'fx keeps the versions of layers that releases need');
    }
    for (const missing of ['name', 'allowedAccounts'] as const) {
      const value = layer.child(missing);
      if (value === undefined) continue;
      value.plain();
      if (missing === 'name') draft.changed(placeOf(value), 'fx names a layer by project and environment');
      else {
        draft.dropped(placeOf(value), 'fx gives no other account a right to a layer', {
          remedy: 'add an AWS::Lambda::LayerVersionPermission under resources',
          beside: path,
        });
      }
    }
    const packaging = layer.child('package');
    if (packaging !== undefined) {
      const artifact = packaging.child('artifact');
      packaging.plain();
      if (artifact !== undefined) draft.set([...path, 'path'], artifact.plain(), placeOf(artifact));
      else
        draft.changed(placeOf(packaging), 'a layer has all files of its folder', {
          remedy: 'leave out others by .fxignore',
        });
    }
    draft.carried(placeOf(layer), `the layer ${name}`);
  }
}

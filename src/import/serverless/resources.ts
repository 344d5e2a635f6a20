// `resources` and `layers` of a service: plain CloudFormation, with the logical ids that fx gives what the service generates.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { layerName } from './lambda.ts';
import { logicalIdsOf, type Service, withOurIds } from './service.ts';

/** The maps of `resources`, which may be a list of templates. */
export function templatesOf(resources: Cursor | undefined): readonly Cursor[] {
  return resources?.each().filter((cursor) => cursor.isMap) ?? [];
}

export function convertResources(service: Service, resources: Cursor): void {
  const { draft } = service;
  for (const template of resources.each()) {
    if (!template.isMap) {
      draft.dropped(placeOf(template), 'these resources are not known here', { remedy: 'write them under resources' });
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
  const plain = withOurIds(service, resource.plain());
  // an id of something generated changes it
  const generated = logicalIdsOf(service).get(id);
  if (generated !== undefined) {
    extendWith(service, generated, plain, place);
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
    const runtimes = layer.child('compatibleRuntimes');
    if (runtimes !== undefined) draft.set([...path, 'compatibleRuntimes'], runtimes.plain(), placeOf(runtimes));
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

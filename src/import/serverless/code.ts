// The code of a function: a handler, a compiled program, a container image, or a prebuilt archive.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { hasLookups } from '../lookup-text.ts';
import { missingHandlerFile } from './lambda.ts';
import { packageOf } from './package.ts';
import { type Service, withOurIds } from './service.ts';

/** Handler, image or prebuilt artifact. */
export function codeOf(
  service: Service,
  {
    name,
    cursor,
    artifact: common,
  }: { readonly name: string; readonly cursor: Cursor; readonly artifact: Cursor | undefined },
  path: Path,
): void {
  const { draft, folder } = service;
  const image = cursor.child('image');
  if (image !== undefined) {
    draft.set([...path, 'image'], imageOf(service, image), placeOf(image));
    for (const key of ['handler', 'package']) cursor.child(key)?.plain();
    const runtime = cursor.child('runtime');
    runtime?.plain();
    if (draft.has(['defaults', 'layers'])) draft.set([...path, 'layers'], null);
    return;
  }
  const handler = cursor.child('handler');
  const artifact = packageOf(service, cursor.child('package'), path) ?? common?.plain();
  const written = handler?.text();
  const theirs = cursor.child('runtime')?.text() ?? service.provider?.child('runtime')?.text() ?? 'nodejs';
  if (handler === undefined || written === undefined) {
    draft.dropped(placeOf(cursor), `the function "${name}" has no handler`, { remedy: 'set handler', beside: path });
    draft.set([...path, 'handler'], 'index.handler', placeOf(cursor));
    return;
  }
  const text = written.trim();
  if (/^(go1\.x|rust|haskell|provided(\.al2|\.al2023)?)$/.test(theirs)) {
    program(service, { name, handler, text, artifact }, path);
    return;
  }
  draft.set([...path, 'handler'], text.replace(/^\.\//, ''), placeOf(handler));
  if (artifact !== undefined && typeof artifact === 'string') {
    draft.set([...path, 'artifact'], artifact.replace(/^\.\//, ''), placeOf(handler));
    if (!draft.has(['defaults', 'runtime']) && cursor.child('runtime') === undefined)
      draft.set([...path, 'runtime'], 'nodejs24.x');
    if (!hasLookups(artifact) && !existsSync(join(folder, artifact))) {
      draft.changed(placeOf(handler), `${artifact} is not here yet`, {
        remedy: 'build it, or remove artifact: fx builds from the sources',
      });
    }
    return;
  }
  const missing = missingHandlerFile(folder, text.replace(/^\.\//, ''), runtimeInUse(service, path));
  if (missing !== undefined) {
    draft.changed(placeOf(handler), 'the file of a handler is not here', { remedy: 'add it before fx build' });
  }
}

const runtimeInUse = (service: Service, path: Path): string => {
  const own = service.draft.get([...path, 'runtime']) ?? service.draft.get(['defaults', 'runtime']);
  return typeof own === 'string' ? own : 'nodejs24.x';
};

/** A compiled program: fx builds it from its folder, or packs what is built already. */
function program(
  service: Service,
  { name, handler, text, artifact }: { name: string; handler: Cursor; text: string; artifact: Plain | undefined },
  path: Path,
): void {
  const { draft, folder } = service;
  const place = placeOf(handler);
  if (typeof artifact === 'string') {
    draft.set([...path, 'handler'], text, place);
    draft.set([...path, 'artifact'], artifact, place);
    draft.set([...path, 'runtime'], 'provided.al2023', place);
    return;
  }
  const base = text.split('/').at(-1) ?? name;
  const candidates = [
    base,
    `cmd/${base}`,
    `src/${base}`,
    `functions/${base}`,
    `handlers/${base}`,
    `src/handlers/${base}`,
    '.',
  ];
  const source = candidates.find((candidate) =>
    ['main.go', 'Cargo.toml'].some((marker) => existsSync(join(folder, candidate, marker))),
  );
  draft.set([...path, 'runtime'], 'provided.al2023', place);
  draft.set([...path, 'handler'], 'bootstrap', place);
  if (source !== undefined) {
    draft.set([...path, 'source'], source, place);
    draft.changed(place, `fx builds "${name}" from ${source} itself; ${text} is not needed`, { beside: path });
    return;
  }
  draft.set([...path, 'artifact'], `${text}.zip`, place);
  draft.changed(place, `the sources of ${text} are not where fx would find them`, {
    remedy: `replace artifact by source: the folder with main.go or Cargo.toml, or zip the program as bootstrap in ${text}.zip`,
    beside: [...path, 'artifact'],
  });
}

function imageOf(service: Service, image: Cursor): Plain {
  if (!image.isMap) {
    const text = image.text() ?? '';
    return builtImage(service, text) ?? text;
  }
  const name = image.child('name')?.text();
  const uri = image.child('uri');
  const optional = (key: string) => {
    const value = image.child(key)?.plain();
    return value === undefined ? {} : { [key]: value };
  };
  const made = name === undefined ? undefined : builtImage(service, name);
  const inline = image.child('path');
  const build =
    made !== undefined && isMap(made)
      ? made
      : inline === undefined
        ? { uri: uri === undefined ? null : withOurIds(service, uri.plain()) }
        : { build: { context: inline.plain(), ...fileOf(image) } };
  return { ...build, ...optional('command'), ...optional('entryPoint'), ...optional('workingDirectory') };
}

/** `provider.ecr.images.NAME`: a folder to build, or a URI. */
function builtImage(service: Service, name: string): Plain | undefined {
  const image = service.provider?.child('ecr')?.child('images')?.child(name);
  if (image === undefined) return undefined;
  if (!image.isMap) return { uri: image.plain() };
  const uri = image.child('uri');
  if (uri !== undefined) return { uri: uri.plain() };
  const context = image.child('path')?.text() ?? '.';
  const args = image.child('buildArgs')?.plain();
  const platform = image.child('platform')?.text();
  if (platform !== undefined) {
    service.draft.changed(
      placeOf(image),
      `fx builds the image for the architecture of its function, not for ${platform}`,
      {
        remedy: 'set architecture',
      },
    );
  }
  const cacheFrom = image.child('cacheFrom')?.plain();
  const options = image.child('buildOptions')?.plain();
  return {
    build: {
      context: context === './' ? '.' : context.replace(/^\.\/(?=.)/, ''),
      ...fileOf(image, context),
      ...(args === undefined ? {} : { args }),
      ...(cacheFrom === undefined ? {} : { cacheFrom: cacheFrom as Plain }),
      ...(options === undefined ? {} : { options: options as Plain }),
    },
  };
}

function fileOf(image: Cursor, context = '.'): Record<string, Plain> {
  const file = image.child('file')?.text();
  const folder = context.replace(/^\.\/?/, '').replace(/\/$/, '');
  return file === undefined
    ? folder === ''
      ? {}
      : { file: `${folder}/Dockerfile` }
    : { file: folder === '' ? file : `${folder}/${file}` };
}

// The files of a zip or of a repository's tarball, read with the rules of every template.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { FxError } from '../base/error.ts';
import { zipEntries } from '../base/zip-entries.ts';
import { TemplateCollector, type TemplateFiles, templateLimits } from './template-files.ts';

/** Throws USAGE if it is no zip, or breaks a rule. */
export async function filesOfZip(source: string | Buffer, from: string): Promise<TemplateFiles> {
  const collector = new TemplateCollector(from);
  try {
    for await (const { name, size, mode, isFolder, isLink, content } of zipEntries(source)) {
      if (isFolder || !collector.admits(name, size)) continue;
      if (isLink) collector.refuseLink(name);
      // yauzl rejects content of another size than the directory of the zip says
      collector.add(name, { bytes: await buffer(await content()), isExecutable: (mode & 0o100) !== 0 });
    }
  } catch (error) {
    if (error instanceof FxError) throw error;
    throw collector.refused(`is no zip that can be read: ${(error as Error).message}`);
  }
  return collector.files;
}

/** Of a gzipped tar, in which one folder has all: of it, only what is in `path`. */
export async function filesOfTar(archive: Buffer, from: string, path: string): Promise<TemplateFiles> {
  const collector = new TemplateCollector(from);
  const entries = extract();
  const unzipped = Readable.from([archive]).pipe(createGunzip());
  unzipped.on('error', (error) => entries.destroy(error));
  unzipped.pipe(entries);
  let unpacked = 0;
  try {
    for await (const entry of entries) {
      const { name, type, size = 0, mode = 0 } = entry.header;
      unpacked += size;
      if (unpacked > 20 * templateLimits.bytes)
        throw collector.refused('is larger than the archive of a template may be');
      const isWanted = path === '' || withoutFirst(name).startsWith(`${path}/`);
      if (type === 'directory' || !isWanted || !collector.admits(name, size)) entry.resume();
      else if (type === 'file') collector.add(name, { bytes: await buffer(entry), isExecutable: (mode & 0o100) !== 0 });
      else collector.refuseLink(name);
    }
  } catch (error) {
    if (error instanceof FxError) throw error;
    throw collector.refused(`is no archive that can be read: ${(error as Error).message}`);
  }
  return collector.files;
}

const withoutFirst = (path: string): string => path.slice(path.indexOf('/') + 1);

/** The files of a folder in an archive. What all are in is no part of their paths: archives of repositories have one such folder. */
export function within(files: TemplateFiles, path: string): TemplateFiles {
  const [first] = files.keys();
  const top = first?.slice(0, first.indexOf('/') + 1) ?? '';
  const isWrapped = top !== '' && [...files.keys()].every((name) => name.startsWith(top));
  const prefix = `${isWrapped ? top : ''}${path === '' ? '' : `${path}/`}`;
  return new Map(
    [...files].flatMap(([name, file]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), file] as const] : [])),
  );
}

// Derives a function's packaging from its keys in project.yml: its runtime family, its folder, and problems of both.
import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Span } from '../base/error.ts';
import { families, runtimeIdentifiers } from '../runtimes/index.ts';
import { infer } from '../runtimes/infer.ts';
import { type Hooks, noHooks, type PackageSettings } from '../runtimes/settings.ts';
import type { WrittenHooks } from '../settings/packaging.ts';
import type { FunctionFile } from './function-schema.ts';

export interface Packaged {
  readonly handler: string;
  readonly runtime: string;
  readonly packaging: PackageSettings;
}

export interface PackagePlace {
  readonly name: string;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Relative to the project: the folder of a function that has a function.yml. */
  readonly ownFolder: string | undefined;
  readonly at: Span;
  readonly handlerAt: Span;
}

/** Looks at marker files only if project.yml does not decide. */
export function toPackaged(place: PackagePlace, settings: FunctionFile): Packaged {
  const source = sourceOf(place, settings);
  const inferred = chooseFamily(place, settings, source);
  return {
    handler: inferred.handler,
    runtime: inferred.runtime,
    packaging: {
      family: inferred.family,
      source,
      ...toBundle(settings.bundle),
      external: settings.external ?? [],
      minify: settings.minify ?? false,
      // its runtime reads them by a variable, which a function at the edge cannot have
      sourceMap: settings.sourceMap ?? !(settings.events ?? []).some(({ kind }) => kind === 'edge'),
      sdk: settings.sdk ?? 'bundled',
      go: { tags: settings.go?.tags ?? [], ldflags: settings.go?.ldflags ?? '' },
      rust: { bin: settings.rust?.bin, features: settings.rust?.features ?? [] },
      include: settings.include ?? [],
      exclude: settings.exclude ?? [],
      outsideLinks: settings.outsideLinks ?? false,
      artifact: settings.artifact,
      hooks: toHooks(settings.hooks),
      problems: inferred.problems,
    },
  };
}

function toBundle(
  bundle: FunctionFile['bundle'] = true,
): Pick<PackageSettings, 'bundle' | 'packages' | 'bundleConfig'> {
  if (typeof bundle === 'boolean') return { bundle, packages: {}, bundleConfig: undefined };
  return { bundle: true, packages: Object.fromEntries(bundle.packages ?? []), bundleConfig: bundle.config };
}

export function toHooks(written: WrittenHooks | undefined): Hooks {
  return { ...noHooks, ...written };
}

function sourceOf({ name, folder, ownFolder }: PackagePlace, settings: FunctionFile): string {
  if (settings.source !== undefined) return relative(folder, join(folder, settings.source)).replaceAll('\\', '/');
  if (ownFolder !== undefined) return ownFolder;
  if (settings.handler !== undefined || settings.artifact !== undefined || settings.image !== undefined) return '';
  return existsSync(join(folder, 'functions', name)) ? `functions/${name}` : '';
}

function chooseFamily({ name, folder, at, handlerAt }: PackagePlace, settings: FunctionFile, source: string) {
  const { runtime, handler, image, artifact } = settings;
  if (image !== undefined) return { family: 'image', runtime: 'image', handler: '', problems: [] };
  if (artifact !== undefined) {
    const missing = runtime === undefined ? 'runtime' : handler === undefined ? 'handler' : undefined;
    const message = `the function "${name}" uses a prebuilt artifact, so \`${missing}\` is required`;
    return {
      family: 'artifact',
      runtime: runtime ?? runtimeIdentifiers[0] ?? '',
      handler: handler ?? '',
      problems: missing === undefined ? [] : [{ at, message }],
    };
  }
  const inferred = infer({ name, at, handler, runtime, folder: join(folder, source), shown: source });
  // a script's handler names a file and its export; that of an archive or a program may be a single word
  const scripts = (families[inferred.family]?.endings.length ?? 0) > 0;
  if (handler === undefined || !scripts || /^[^.]*[^./]\.[^.].*$/.test(basename(handler))) return inferred;
  const problem = { at: handlerAt, message: `expected file.export, such as src/orders.handler, found "${handler}"` };
  return { ...inferred, problems: [problem] };
}

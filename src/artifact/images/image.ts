// A container image that fx builds: what it is built from, and its name, which is the hash of that.
import type { Span } from '../../base/error.ts';
import type { Architecture } from '../../runtimes/settings.ts';
import type { ImageBuild } from '../../settings/image-build.ts';
import type { ContextEntry } from './context.ts';

export interface Image {
  /** The hash of everything that decides the image, except what its Dockerfile fetches. */
  readonly key: string;
  /** Its tag in the repository of the account. */
  readonly tag: string;
  /** Its name in the engine of this machine. */
  readonly localName: string;
  readonly project: string;
  readonly architecture: Architecture;
  /** The functions that use it: equal builds are one image. */
  readonly functions: readonly string[];
  /** The `build` of the first one in project.yml. */
  readonly at: Span;
  readonly build: ImageBuild;
  /** What the paths of the build are relative to. Absolute, as the next two. */
  readonly baseFolder: string;
  readonly dockerfile: string;
  readonly contextFolder: string;
  readonly context: readonly ContextEntry[];
}

/** An image that the engine of this machine has. */
export interface BuiltImage {
  readonly image: Image;
  readonly bytes: number;
}

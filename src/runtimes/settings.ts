// How a function is packaged, as project.yml says it: plain data that the schema makes and the runtime families read.
import type { Problem } from '../base/error.ts';

export type Architecture = 'arm64' | 'x86_64';

/** Shell commands at three moments, as Apex had them. */
export interface Hooks {
  readonly build: readonly string[];
  readonly deploy: readonly string[];
  readonly clean: readonly string[];
}

export interface PackageSettings {
  /** Which family of `runtimes/` builds it. */
  readonly family: string;
  /** The folder of the function's code, relative to the project with `/`; '' is the project's own. */
  readonly source: string;
  readonly bundle: boolean;
  readonly external: readonly string[];
  readonly minify: boolean;
  readonly sourceMap: boolean;
  /** Whether the AWS SDK goes into the artifact or is taken from the runtime. */
  readonly sdk: 'bundled' | 'runtime';
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Whether links that lead out of the project are followed. */
  readonly outsideLinks: boolean;
  /** What was built elsewhere: a zip, a folder, or s3://bucket/key. */
  readonly artifact: string | undefined;
  readonly hooks: Hooks;
  /** What is wrong with it, such as a runtime that cannot be inferred. */
  readonly problems: readonly Problem[];
}

export const noHooks: Hooks = { build: [], deploy: [], clean: [] };

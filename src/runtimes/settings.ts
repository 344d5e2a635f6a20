// How to package a function, from project.yml: plain data that the schema makes and runtime families read.
import type { Problem } from '../base/error.ts';

export type Architecture = 'arm64' | 'x86_64';

/** Shell commands at moments of a deploy, as in Apex. */
export interface Hooks {
  readonly build: readonly string[];
  readonly deploy: readonly string[];
  readonly clean: readonly string[];
  readonly afterDeploy: readonly string[];
}

export interface GoSettings {
  readonly tags: readonly string[];
  readonly ldflags: string;
}

export interface RustSettings {
  /** The program of the package; undefined if only one can be meant. */
  readonly bin: string | undefined;
  readonly features: readonly string[];
}

export interface PackageSettings {
  /** The family in `runtimes/` that builds it. */
  readonly family: string;
  /** The folder of the function's code, relative to the project, with `/`; '' is the project folder. */
  readonly source: string;
  readonly bundle: boolean;
  /** `bundle: {packages}`: which packages to bundle or to pack, against fx's own decision. */
  readonly packages: Readonly<Record<string, 'bundle' | 'pack'>>;
  /** `bundle: {config}`: a module with esbuild plugins, relative to the project. */
  readonly bundleConfig: string | undefined;
  readonly external: readonly string[];
  readonly minify: boolean;
  readonly sourceMap: boolean;
  /** Whether the AWS SDK is packed or comes from the runtime. */
  readonly sdk: 'bundled' | 'runtime';
  readonly go: GoSettings;
  readonly rust: RustSettings;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Whether to follow links that lead out of the project. */
  readonly outsideLinks: boolean;
  /** A prebuilt artifact: a zip, a folder, or s3://bucket/key. */
  readonly artifact: string | undefined;
  readonly hooks: Hooks;
  /** The problem with these settings, e.g. a runtime that cannot be inferred. */
  readonly problems: readonly Problem[];
}

export const noHooks: Hooks = { build: [], deploy: [], clean: [], afterDeploy: [] };

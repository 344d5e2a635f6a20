// The table of runtime families, one row per family: what fx knows without loading the code that builds it.
// Identifiers are those that Lambda still creates, newest first, previews last:
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
import type { Runtime } from './runtime.ts';

export interface Family {
  readonly identifiers: readonly string[];
  /** Files that identify the family, as names or `*.ending`: Apex's convention, and AWS's names. */
  readonly markers: readonly string[];
  /** The handler for a marker's file name; the first export found in the file wins. */
  readonly handlers: readonly HandlerRule[];
  /** Extensions of the file in a handler `file.export`. */
  readonly endings: readonly string[];
  load(): Promise<Runtime>;
}

interface HandlerRule {
  readonly marker: string;
  /** `%` is the marker's name without its extension, `$` the export. */
  readonly handler: string;
  readonly exports?: readonly string[];
}

const provided = ['provided.al2023', 'provided.al2'] as const;
const scripts = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'] as const;

export const families: Readonly<Record<string, Family>> = {
  nodejs: {
    identifiers: ['nodejs24.x', 'nodejs22.x', 'nodejs20.x', 'nodejs26.x'],
    markers: scripts.map((ending) => `index${ending}`),
    handlers: scripts.map((ending) => ({ marker: `index${ending}`, handler: '%.$', exports: ['handler', 'handle'] })),
    endings: scripts,
    load: async () => (await import('./nodejs/nodejs.ts')).nodejs,
  },
  python: {
    identifiers: ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.15'],
    markers: ['main.py', 'lambda_function.py'],
    handlers: ['main.py', 'lambda_function.py'].map((marker) => ({
      marker,
      handler: '%.$',
      exports: ['lambda_handler', 'handler', 'handle'],
    })),
    endings: ['.py'],
    load: async () => (await import('./python/python.ts')).python,
  },
  go: {
    identifiers: provided,
    markers: ['main.go', 'go.mod'],
    handlers: [{ marker: '', handler: 'bootstrap' }],
    endings: [],
    load: async () => (await import('./go.ts')).go,
  },
  rust: {
    identifiers: provided,
    markers: ['Cargo.toml'],
    handlers: [{ marker: '', handler: 'bootstrap' }],
    endings: [],
    load: async () => (await import('./rust.ts')).rust,
  },
  jvm: {
    identifiers: [
      'java25',
      'java21',
      'java17.al2023',
      'java11.al2023',
      'java8.al2023',
      'java17',
      'java11',
      'java8.al2',
    ],
    markers: ['target/apex.jar', 'build/libs/apex.jar', 'pom.xml', 'build.gradle', 'build.gradle.kts', 'project.clj'],
    handlers: [{ marker: '', handler: 'lambda.Main::handler' }],
    endings: [],
    load: async () => (await import('./jvm.ts')).jvm,
  },
  ruby: {
    identifiers: ['ruby4.0', 'ruby3.4', 'ruby3.3', 'ruby3.2'],
    markers: ['lambda.rb', 'lambda_function.rb'],
    handlers: ['lambda.rb', 'lambda_function.rb'].map((marker) => ({
      marker,
      handler: '%.$',
      exports: ['lambda_handler', 'handler', 'handle'],
    })),
    endings: ['.rb'],
    load: async () => (await import('./ruby.ts')).ruby,
  },
  dotnet: {
    identifiers: ['dotnet10', 'dotnet8'],
    markers: ['*.csproj', '*.fsproj', '*.vbproj'],
    // the handler of an executable assembly is its name: https://docs.aws.amazon.com/lambda/latest/dg/csharp-handler.html
    handlers: ['*.csproj', '*.fsproj', '*.vbproj'].map((marker) => ({ marker, handler: '%' })),
    endings: [],
    load: async () => (await import('./dotnet.ts')).dotnet,
  },
  bootstrap: {
    identifiers: provided,
    markers: ['bootstrap'],
    handlers: [{ marker: '', handler: 'bootstrap' }],
    endings: [],
    load: async () => (await import('./prebuilt.ts')).bootstrap,
  },
};

/** Families without markers: project.yml names them. */
const named: Readonly<Record<string, () => Promise<Runtime>>> = {
  artifact: async () => (await import('./prebuilt.ts')).prebuilt,
};

export const runtimeIdentifiers = [
  ...new Set(Object.values(families).flatMap(({ identifiers }) => identifiers)),
] as readonly string[];

/** The family for a name from `infer`. */
export function runtimeOf(family: string): Promise<Runtime> {
  const load = named[family] ?? families[family]?.load;
  if (load === undefined) throw new Error(`no runtime family ${family}`);
  return load();
}

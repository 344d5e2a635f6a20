// Apex's runtimes: what fx has instead, the handler that Apex takes, and what tells the language where no source is there.
import { lifecycleOf } from '../../runtimes/lifecycle.ts';

export interface Language {
  /** Lambda's runtime today. */
  readonly runtime: string;
  /** What Apex calls if nothing is said. */
  readonly handler: string;
  /** The files by which Apex tells the language. */
  readonly files: readonly string[];
  /** What it is in hooks and descriptions. */
  readonly words: RegExp;
}

/** https://github.com/apex/apex/tree/master/plugins */
export const languages: Readonly<Record<string, Language>> = {
  go: {
    runtime: 'provided.al2023',
    handler: 'bootstrap',
    files: ['main.go'],
    words: /\b(go (get|build|install)|golang)\b|\bgo\b(?! to)/i,
  },
  python: {
    runtime: 'python3.14',
    handler: 'main.handle',
    files: ['main.py'],
    words: /\b(python|pip|poetry|pipenv)\b/i,
  },
  clojure: {
    runtime: 'java25',
    handler: 'lambda.Main::handler',
    files: ['project.clj'],
    words: /\b(clojure|lein)\b/i,
  },
  java: {
    runtime: 'java25',
    handler: 'lambda.Main::handler',
    files: ['pom.xml', 'build.gradle', 'target/apex.jar', 'build/libs/apex.jar'],
    words: /\b(java|mvn|maven|gradle|sbt|scala|groovy)\b/i,
  },
  ruby: { runtime: 'ruby4.0', handler: 'lambda.handler', files: ['lambda.rb'], words: /\b(ruby|bundler?|gem)\b/i },
  rust: { runtime: 'provided.al2023', handler: 'bootstrap', files: ['Cargo.toml'], words: /\b(rust|cargo)\b/i },
  node: {
    runtime: 'nodejs24.x',
    handler: 'index.handle',
    files: ['index.js', 'index.ts', 'index.mjs', 'index.coffee'],
    words: /\b(node(\.?js)?|npm|yarn|babel|webpack|browserify|coffee(script)?|tsc)\b/i,
  },
};

/** The language of a runtime of Apex, such as `nodejs4.3`, `python`, `golang` or `rust-musl`. */
export function languageOf(runtime: string): string | undefined {
  if (runtime === 'golang' || runtime.startsWith('go')) return 'go';
  if (runtime.startsWith('rust')) return 'rust';
  if (runtime.startsWith('nodejs')) return 'node';
  return ['python', 'java', 'clojure', 'ruby'].find((language) => runtime.startsWith(language));
}

/** Whether fx can take the runtime as it is. */
export const isCurrent = (runtime: string, known: readonly string[]): boolean =>
  known.includes(runtime) && lifecycleOf(runtime) !== undefined;

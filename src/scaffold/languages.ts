// The languages of templates: what people call them, how their tests run, and what their GitHub workflow sets up.
export type Language =
  | 'typescript'
  | 'javascript'
  | 'python'
  | 'go'
  | 'rust'
  | 'java'
  | 'kotlin'
  | 'clojure'
  | 'ruby'
  | 'csharp';

export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof packageManagers)[number];

/** Of a workflow of GitHub Actions. */
export interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
}

export interface LanguageFacts {
  readonly title: string;
  /** The folder of templates/_shared with what its templates have in common; without one, only what all have. */
  readonly shared?: 'typescript' | 'javascript';
  readonly install?: string;
  readonly test: string;
  readonly steps: readonly Step[];
  /** Lines of .gitignore. */
  readonly ignored: readonly string[];
}

// The current major versions of the actions, July 2026: https://github.com/actions, https://github.com/aws-actions/configure-aws-credentials
const java: Step = { uses: 'actions/setup-java@v6', with: { distribution: 'corretto', 'java-version': '21' } };

const ofNode = {
  install: 'npm install',
  test: 'npm test',
  // fx runs on Node.js, so every workflow sets it up
  steps: [],
  ignored: ['node_modules/'],
};

export const languages: Readonly<Record<Language, LanguageFacts>> = {
  typescript: { title: 'TypeScript', shared: 'typescript', ...ofNode },
  javascript: { title: 'JavaScript', shared: 'javascript', ...ofNode },
  python: {
    title: 'Python',
    install: 'pip install -r requirements-dev.txt',
    test: 'pytest',
    steps: [{ uses: 'actions/setup-python@v7', with: { 'python-version': '3.13' } }],
    ignored: ['__pycache__/', '.pytest_cache/', '.venv/'],
  },
  go: {
    title: 'Go',
    test: 'go test ./...',
    steps: [{ uses: 'actions/setup-go@v6', with: { 'go-version-file': 'go.mod' } }],
    ignored: [],
  },
  rust: {
    title: 'Rust',
    test: 'cargo test',
    // the functions run on arm64, for which musl's standard library needs no linker of another system
    steps: [{ run: 'rustup target add aarch64-unknown-linux-musl x86_64-unknown-linux-musl' }],
    ignored: ['target/'],
  },
  java: { title: 'Java', test: 'mvn test', steps: [java], ignored: ['target/'] },
  kotlin: { title: 'Kotlin', test: 'mvn test', steps: [java], ignored: ['target/'] },
  clojure: {
    title: 'Clojure',
    test: 'lein test',
    steps: [java, { uses: 'DeLaGuardo/setup-clojure@13.6.1', with: { lein: 'latest' } }],
    ignored: ['target/', '.lein-*'],
  },
  ruby: {
    title: 'Ruby',
    test: 'ruby test/hello_test.rb',
    steps: [{ uses: 'ruby/setup-ruby@v1', with: { 'ruby-version': '3.4' } }],
    ignored: ['.bundle/', 'vendor/bundle/'],
  },
  csharp: {
    title: 'C#',
    test: 'dotnet test test',
    steps: [{ uses: 'actions/setup-dotnet@v6', with: { 'dotnet-version': '10.0.x' } }],
    ignored: ['bin/', 'obj/'],
  },
};

export const languageNames = Object.keys(languages) as readonly Language[];

const installers: Readonly<Record<PackageManager, string>> = {
  npm: 'npm install',
  pnpm: 'pnpm install',
  yarn: 'yarn install',
  bun: 'bun install',
};

/** The facts of a language with one of JavaScript's package managers. */
export function factsOf(language: Language, manager: PackageManager = 'npm'): LanguageFacts {
  const facts = languages[language];
  if (manager === 'npm' || facts.shared === undefined) return facts;
  const steps: Readonly<Record<Exclude<PackageManager, 'npm'>, Step>> = {
    // the version is that of packageManager in package.json, or the one installed with Node.js
    pnpm: { run: 'npm install --global pnpm' },
    yarn: { run: 'npm install --global yarn' },
    bun: { run: 'npm install --global bun' },
  };
  return {
    ...facts,
    install: installers[manager],
    test: manager === 'bun' ? 'bun run test' : `${manager} test`,
    steps: [steps[manager], ...facts.steps],
  };
}

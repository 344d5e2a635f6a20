// fx dev: deploys, then watches. Where only code changed, functions get it without the stack; else the project is deployed as it is. One thing at
// a time: what is saved meanwhile is looked at next, and the last state wins. Whatever fails, the last good state goes on serving.
import type { Artifact } from '../artifact/artifact.ts';
import { FxError } from '../base/error.ts';
import { WarmEsbuild } from '../base/esbuild.ts';
import { toPlain } from '../base/located.ts';
import type { Code, Recipe } from '../cfn/recipe.ts';
import { canonicalJson } from '../cfn/resource.ts';
import { localEnvironment } from '../project/environment.ts';
import { isAtEdge, type Project } from '../project/project.ts';
import { buildCode } from './build.ts';
import { type Context, identify } from './context.ts';
import { deploy } from './deploy.ts';
import type { DeployOptions } from './deploy-candidate.ts';
import { refuseProtected } from './deploy-code.ts';
import { type Inputs, inputsOf } from './dev-inputs.ts';
import { CodeSwaps } from './dev-swaps.ts';
import { Watch } from './dev-watch.ts';
import { heldRelease, readState } from './state.ts';

export type DevEvent =
  /** The whole project is live; `changed` if this deploy did something. */
  | {
      readonly kind: 'live';
      readonly project: Project;
      readonly changed: boolean;
      readonly release: number;
      readonly outputs: Readonly<Record<string, string>>;
      readonly ms: number;
    }
  /** These functions answer with new code. */
  | { readonly kind: 'swapped'; readonly functions: readonly string[]; readonly ms: number }
  /** What was saved cannot be live. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** What was wrong is not any more, and nothing had to change. */
  | { readonly kind: 'fixed' }
  /** The system refuses to watch all folders. */
  | { readonly kind: 'unwatched'; readonly reason: string };

export interface DevOptions {
  /** Reads the project anew. */
  load(): Promise<Project>;
  readonly approve: DeployOptions['approve'];
  say(event: DevEvent): void;
  /** Takes a function that deploys again although nothing has changed. */
  control(deployAgain: () => void): void;
}

/** Resolves when the signal aborts. Throws only what no edit can mend. */
export async function dev(first: Project, options: DevOptions, context: Context): Promise<void> {
  refuseProtected(first.environment);
  const esbuild = new WarmEsbuild();
  const watch = new Watch(first.folder, ({ message }) => options.say({ kind: 'unwatched', reason: message }));
  const session = new Session({ options, context, watch, esbuild }, first);
  options.control(() => watch.ask());
  try {
    await session.deploy(first);
    for (;;) {
      const next = await watch.next(context.signal);
      if (next === undefined) break;
      await session.look(next);
    }
  } finally {
    watch.end();
    await Promise.all([session.end(), esbuild.end()]);
  }
}

interface Parts {
  readonly options: DevOptions;
  readonly context: Context;
  readonly watch: Watch;
  readonly esbuild: WarmEsbuild;
}

class Session {
  readonly #parts: Parts;
  #project: Project;
  #swaps: CodeSwaps | undefined;
  #inputs: Inputs;
  #layers: readonly Artifact[] = [];
  #hasFailed = false;
  #unsaid: unknown;
  /** What changed when it failed: it is still to be done. */
  #left = new Set<string>();

  constructor(parts: Parts, project: Project) {
    this.#parts = parts;
    this.#project = project;
    this.#inputs = inputsOf(project, []);
  }

  async end(): Promise<void> {
    await this.#swaps?.end();
  }

  async look({ changed, asked }: { readonly changed: ReadonlySet<string>; readonly asked: boolean }): Promise<void> {
    const { watch, options } = this.#parts;
    const fresh = watch.withNewContent(changed);
    if (!asked && fresh.size === 0) return this.#sayUnsaid();
    const all = [...this.#left, ...fresh];
    this.#left.clear();
    await this.#attempt(all, async () => {
      const isCode = all.every((file) => this.#inputs.isCode(file));
      // a project that never was live has no code to swap
      if (asked || this.#swaps === undefined) return this.#deploy(await options.load());
      const project = isCode ? this.#project : await options.load();
      if (configuration(project) !== configuration(this.#project)) return this.#deploy(project);
      // its files go with a release
      if (all.some((file) => this.#inputs.isOfSite(file))) return this.#deploy(project);
      // a file that no build read may be what the failed one lacked
      if (all.some((file) => this.#inputs.has(file)) || this.#hasFailed) await this.#build(project);
    });
  }

  async deploy(project: Project): Promise<void> {
    await this.#attempt([], () => this.#deploy(project));
  }

  #sayUnsaid(): void {
    const error = this.#unsaid;
    this.#unsaid = undefined;
    if (error !== undefined) this.#parts.options.say({ kind: 'failed', error });
  }

  /** Reports a failure once. */
  async #attempt(changed: readonly string[], work: () => Promise<unknown>): Promise<void> {
    const { options, context, watch } = this.#parts;
    const hadFailed = this.#hasFailed;
    this.#unsaid = undefined;
    try {
      await work();
      if (hadFailed && this.#hasFailed) options.say({ kind: 'fixed' });
      this.#hasFailed = false;
    } catch (error) {
      if (context.signal.aborted) return;
      for (const file of changed) this.#left.add(file);
      this.#hasFailed = true;
      if (!(error instanceof FxError)) throw error;
      this.#unsaid = error;
      // what was saved meanwhile may have mended it
      if (!watch.isPending) this.#sayUnsaid();
    }
  }

  async #build(project: Project): Promise<void> {
    const { context, esbuild, options } = this.#parts;
    const swaps = this.#swaps;
    if (swaps === undefined) return this.#deploy(project);
    const began = performance.now();
    const isLocal = project.environment.name === localEnvironment;
    let changed: readonly Artifact[] = [];
    let needsDeploy = false;
    const build = async () => {
      // the local AWS loads it at once, and shows what is wrong
      const quiet = { ...context, report: notes(context), esbuild: esbuild.run, loads: !isLocal };
      const { artifacts, layers } = await buildCode(project, quiet);
      this.#take(project, artifacts);
      changed = artifacts.filter(({ name, code }) => code.key !== swaps.recipe?.functions.get(name)?.key);
      const atEdge = new Set(project.functions.filter(isAtEdge).map(({ name }) => name));
      needsDeploy =
        !isSame(layers, this.#layers) ||
        !changed.every((artifact) => !atEdge.has(artifact.name) && isCodeOnly(artifact, swaps.recipe));
      return needsDeploy ? [] : changed;
    };
    const onLive = () => {
      this.#hasFailed = false;
      const functions = changed.map(({ name }) => name);
      options.say({ kind: 'swapped', functions, ms: Math.round(performance.now() - began) });
    };
    // nobody else waits for the lease of a local environment, however long a build takes
    const built = isLocal ? undefined : await build();
    const isDone = built?.length === 0 || (await swaps.swap(async () => built ?? build(), onLive));
    if (needsDeploy || (!isDone && changed.length > 0)) await this.#deploy(project);
  }

  async #deploy(project: Project): Promise<void> {
    const { options, context, esbuild } = this.#parts;
    const began = performance.now();
    refuseProtected(project.environment);
    await this.#swaps?.end();
    const { approve } = options;
    let layers: readonly Artifact[] = [];
    const built: Parameters<typeof deploy>[1]['built'] = ({ artifacts, layers: builtLayers }) => {
      this.#take(project, artifacts);
      layers = builtLayers;
    };
    const deployed = await deploy(project, { approve, allAtOnce: true, esbuild: esbuild.run, built }, context);
    const { changed, release, outputs } = deployed;
    this.#layers = layers;
    this.#project = project;
    this.#swaps = await swapsOf(project, context);
    this.#hasFailed = false;
    const ms = Math.round(performance.now() - began);
    options.say({ kind: 'live', project, changed, release: release.number, outputs, ms });
  }

  #take(project: Project, artifacts: readonly Artifact[]): void {
    this.#inputs = inputsOf(project, artifacts);
    this.#parts.watch.add(this.#inputs.folders, this.#inputs.has);
  }
}

/** Undefined if the stack matches no release: then each change is a deploy. */
async function swapsOf(project: Project, context: Context): Promise<CodeSwaps | undefined> {
  const quiet = { ...context, report: () => {} };
  const [identity, state] = await Promise.all([
    identify(project.environment, quiet),
    readState(project.environment, quiet),
  ]);
  const release = heldRelease(state);
  const { stores, place } = state;
  if (release?.recipe === undefined || stores === undefined || place === undefined) return undefined;
  return new CodeSwaps(project, { identity, state: { ...state, stores, place }, release }, quiet);
}

/** What a build says, without what it is always. */
function notes({ report }: Context): Context['report'] {
  return (event) => {
    if (event.kind !== 'built' && event.kind !== 'not-loaded') report(event);
  };
}

const configuration = ({ merged }: Project): string => canonicalJson(toPlain(merged));

function isSame(layers: readonly Artifact[], others: readonly Artifact[]): boolean {
  return canonicalJson(layers.map(({ code }) => code.key)) === canonicalJson(others.map(({ code }) => code.key));
}

/** Whether the stack has all that the new code needs: the same handler, the same variables, and a zip. */
function isCodeOnly({ name, code, zip }: Artifact, live: Recipe | undefined): boolean {
  const before = live?.functions.get(name);
  if (zip === undefined || before === undefined) return false;
  const rest = ({ key: _, ...others }: Code) => canonicalJson(JSON.parse(JSON.stringify(others)));
  return rest(code) === rest(before);
}

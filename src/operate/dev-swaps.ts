// fx dev: gives functions new code between two deploys of the stack. One change in the ledger covers all of it: its intent is written
// before the first swap, its release at the end, so that a later fx starts from the truth, also after a kill.
import type { Artifact } from '../artifact/artifact.ts';
import type { Identity } from '../aws/aws.ts';
import type { Recipe } from '../cfn/recipe.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import type { CandidateFunctions } from '../release/candidate.ts';
import { readIndex, writeChange } from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { recordSucceeded } from './apply-change.ts';
import { type Context, eachFunction, timeOf } from './context.ts';
import { publish, withCode } from './deploy-code.ts';
import { exclusively } from './exclusive.ts';
import type { ChangeableState } from './state.ts';
import { deleteVersions } from './unreleased.ts';
import { send } from './upload.ts';

export interface Deployed {
  readonly identity: Identity;
  readonly state: ChangeableState;
  /** The release that the stack holds. */
  readonly release: Release;
}

/** A request may still be in the version before the live one. */
const versionsKept = 2;

export class CodeSwaps {
  readonly #project: Project;
  readonly #deployed: Deployed;
  readonly #context: Context;
  #open: Change | undefined;
  #functions: CandidateFunctions;
  #recipe: Recipe | undefined;
  /** The versions of others, by function: a publish may return one. */
  readonly #others = new Map<string, ReadonlySet<string>>();
  /** What was published here and not deleted yet, oldest first. */
  readonly #made = new Map<string, string[]>();

  constructor(project: Project, deployed: Deployed, context: Context) {
    this.#project = project;
    this.#deployed = deployed;
    this.#context = context;
    this.#functions = deployed.release.functions;
    this.#recipe = deployed.release.recipe;
  }

  /** What is live. */
  get recipe(): Recipe | undefined {
    return this.#recipe;
  }

  /**
   * Gives functions the code that `build` resolves to, if any. False if another fx has changed the environment meanwhile: then only a deploy starts
   * from the truth. The lease is taken while the build goes on.
   */
  async swap(build: () => Promise<readonly Artifact[]>, onLive: () => void): Promise<boolean> {
    const { environment } = this.#project;
    const { identity, state } = this.#deployed;
    const { bucket } = state.stores;
    return exclusively(environment, { bucket, identity, verb: 'dev' }, this.#context, async ({ context }) => {
      const [artifacts, isCurrent] = await Promise.all([build(), this.#isCurrent(context)]);
      if (!isCurrent || artifacts.length === 0) return isCurrent;
      // to ask first whether the bucket has what was just built would be one more call on the way
      await Promise.all([this.#readOthers(artifacts, context), send(this.#project, artifacts, { bucket, context })]);
      this.#open ??= await this.#begin(context);
      const versions = await publish(this.#project, artifacts, { bucket, functions: this.#functions }, context);
      this.#functions = { ...this.#functions, ...versions };
      this.#recipe = withCode(this.#recipe, artifacts);
      onLive();
      for (const { physicalName, version } of Object.values(versions)) this.#note(physicalName, version);
      await this.#deleteOld(versionsKept, context);
      return true;
    });
  }

  /** Records what is live, also after an interruption. */
  async end(): Promise<void> {
    const intent = this.#open;
    if (intent === undefined) return;
    this.#open = undefined;
    const { environment } = this.#project;
    const { identity, state } = this.#deployed;
    const { bucket } = state.stores;
    const lasting = {
      ...this.#context,
      aws: this.#context.aws.uninterrupted(),
      signal: new AbortController().signal,
    };
    await exclusively(environment, { bucket, identity, verb: 'dev' }, lasting, async ({ context }) => {
      if (!(await this.#isCurrent(context, intent))) return;
      await this.#deleteOld(1, context);
      await recordSucceeded(state.place, { ...intent, recipe: this.#recipe }, this.#functions, context);
    });
  }

  async #isCurrent({ aws }: Context, open = this.#open): Promise<boolean> {
    const { place, index } = this.#deployed.state;
    const unfinished = open === undefined ? index.unfinished : [...index.unfinished, open.number];
    return canonicalJson({ ...(await readIndex(aws, place)) }) === canonicalJson({ ...index, unfinished });
  }

  #begin(context: Context): Promise<Change> {
    const { identity, state, release } = this.#deployed;
    return writeChange(context.aws, state.place, state.index, {
      fx: context.version,
      time: timeOf(context),
      who: identity.arn,
      commit: release.commit,
      message: 'fx dev',
      keep: this.#project.environment.keep,
      stackSettings: release.stackSettings,
      // whichever of them change: the intent is written once
      origin: { kind: 'code', functions: Object.keys(release.functions) },
      template: release.template,
      recipe: release.recipe,
      owners: release.owners,
      tags: release.tags,
      functions: release.functions,
    });
  }

  async #readOthers(artifacts: readonly Artifact[], { aws }: Context): Promise<void> {
    const names = artifacts.flatMap(({ name }) => this.#functions[name]?.physicalName ?? []);
    const unread = names.filter((name) => !this.#others.has(name));
    await eachFunction(unread, async (name) => {
      const versions = await aws.functions.versions(name);
      this.#others.set(name, new Set(versions.map(({ version }) => version)));
    });
  }

  #note(functionName: string, version: string | undefined): void {
    const made = this.#made.get(functionName) ?? [];
    if (version === undefined || made.includes(version) || this.#others.get(functionName)?.has(version) === true)
      return;
    this.#made.set(functionName, [...made, version]);
  }

  /** Else each save would leave a version. */
  async #deleteOld(keep: number, context: Context): Promise<void> {
    const old = [...this.#made].flatMap(([functionName, made]) =>
      made.splice(0, Math.max(0, made.length - keep)).map((version) => ({ functionName, version })),
    );
    await deleteVersions(old, context);
  }
}

// fx remove
import { FxError } from '../../base/error.ts';
import type { Removal } from '../../operate/remove.ts';
import { type Environment, localEnvironment } from '../../project/environment.ts';
import { type Argument, command, type Invocation, type Options } from '../command.ts';
import { noWaitOption } from '../no-wait.ts';
import { contextOf, openEnvironment, openSession } from '../session.ts';
import { concurrencyOption, workspaceOption } from '../workspace/options.ts';

const options = {
  yes: { kind: 'flag', short: 'y', about: 'do not ask; a protected environment needs --confirm' },
  confirm: { kind: 'text', value: 'environment', about: 'the name of a protected environment, instead of typing it' },
  retain: {
    kind: 'repeated',
    value: 'resource',
    about: 'keep a resource if it cannot be deleted, by its logical id; repeatable',
  },
  force: { kind: 'flag', about: 'keep whatever cannot be deleted' },
  noWait: noWaitOption,
  ...workspaceOption,
  ...concurrencyOption,
} as const satisfies Options;

type RemoveInvocation = Invocation<'environment', Record<never, Argument>, typeof options>;

export const remove = command({
  output: 'remove',
  needs: 'environment',
  inEachRegion: true,
  inEachProject: {
    order: 'dependents first',
    ofOne: ['retain'],
    approve: approveAll,
  },
  options,
  examples: [
    ['fx remove', 'Remove the local environment'],
    ['fx remove --env staging --yes', 'Remove staging without being asked'],
    ['fx remove --env staging --retain Uploads', 'Remove staging, but keep a bucket if it cannot be deleted'],
  ],
  async run(invocation) {
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/remove.ts');
    const { retain, force } = invocation.options;
    const { existed, retained } = await operate.remove(
      environment,
      {
        retain,
        force,
        approve: (removal) => approve(environment, removal, { ...invocation, ...invocation.options }),
      },
      { ...context, wait: !invocation.options.noWait },
    );
    invocation.print(
      existed ? `"${environment.name}" is removed.` : `"${environment.name}" is not deployed; nothing was removed.`,
    );
    if (retained.length > 0) {
      const rows = retained.map(({ logicalId, type, physicalId }) => `  ${logicalId}  ${type}  ${physicalId}`);
      invocation.print(`Still there:\n${rows.join('\n')}`);
    }
    invocation.result({ removed: existed, retained });
    return 0;
  },
});

interface Answers extends Pick<Invocation, 'io' | 'ask'> {
  readonly yes: boolean;
  readonly confirm: string | undefined;
}

/** What somebody has to agree to. */
interface Loss {
  readonly environment: string;
  /** What is protected, such as `"prod" is protected`; undefined if nothing is. */
  readonly protection: string | undefined;
  readonly what: string;
  readonly question: string;
  /** A line for each resource with data. */
  readonly losses: readonly string[];
}

async function agreed(
  { environment, protection, what, question, losses }: Loss,
  { io, ask, yes, confirm }: Answers,
): Promise<void> {
  const loss = losses.length === 0 ? '' : `\nThis deletes the data in:\n${losses.join('\n')}`;
  if (protection !== undefined) {
    if (confirm === environment) return;
    if (!io.stdinIsTerminal || yes) throw needsConfirm(environment);
    const typed = await ask(`${protection}.${loss}\nType its name to remove ${what}: `);
    if (typed.trim() !== environment) throw declined();
    return;
  }
  if (yes || (environment === localEnvironment && losses.length === 0)) return;
  if (!io.stdinIsTerminal) throw needsYes(environment);
  const answer = await ask(`${question}?${loss}\n[y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw declined();
}

function approve({ name }: Environment, removal: Removal, answers: Answers): Promise<void> {
  const what = `${removal.stackName} (${removal.resources} resources)`;
  return agreed(
    {
      environment: name,
      protection: removal.isProtected ? `"${name}" is protected` : undefined,
      what,
      question: `Remove ${what}`,
      losses: removal.stateful.map(({ logicalId, type }) => `  ${logicalId}  ${type}`),
    },
    answers,
  );
}

/** One question for all projects of a workspace, in all of their regions. */
async function approveAll(
  projects: readonly (readonly [name: string, invocation: RemoveInvocation])[],
): Promise<{ readonly yes: true; readonly confirm: string | undefined }> {
  const all = await Promise.all(projects.map(([name, invocation]) => removalsOf(name, invocation)));
  const removals = all.flat();
  const [first] = projects;
  const protectedOne = removals.find(({ removal }) => removal.isProtected);
  const [, invocation] = first ?? [];
  if (invocation === undefined || removals.length === 0) return { yes: true, confirm: undefined };
  const { io, ask, options } = invocation;
  const environment = removals[0]?.environment ?? '';
  const resources = removals.reduce((sum, { removal }) => sum + removal.resources, 0);
  const names = [...new Set(removals.map(({ name }) => name))];
  const what = `${names.join(', ')}, in this order (${resources} resources)`;
  await agreed(
    {
      environment,
      protection: protectedOne && `"${environment}" is protected in ${protectedOne.name}`,
      what,
      question: `Remove ${what} from "${environment}"`,
      losses: removals.flatMap(({ name, removal }) =>
        removal.stateful.map(({ logicalId, type }) => `  ${name}  ${logicalId}  ${type}`),
      ),
    },
    { io, ask, yes: options.yes, confirm: options.confirm },
  );
  return { yes: true, confirm: protectedOne === undefined ? undefined : environment };
}

interface ProjectRemoval {
  readonly name: string;
  readonly environment: string;
  readonly removal: Removal;
}

async function removalsOf(name: string, invocation: RemoveInvocation): Promise<readonly ProjectRemoval[]> {
  const { common } = invocation;
  const quiet = { ...invocation, report: () => {} };
  const first = await openEnvironment(quiet);
  const regions = common.region === undefined ? (first.regions?.names ?? []) : [];
  const operate = await import('../../operate/remove.ts');
  const all = await Promise.all(
    (regions.length > 1 ? regions : [undefined]).map(async (region) => {
      const own = region === undefined ? quiet : { ...quiet, common: { ...common, region } };
      const environment = region === undefined ? first : await openEnvironment(own);
      const removal = await operate.plannedRemoval(environment, await contextOf(own, environment));
      return removal === undefined ? [] : [{ name, environment: environment.name, removal }];
    }),
  );
  return all.flat();
}

function needsConfirm(name: string): FxError {
  return new FxError('DECLINED', `"${name}" is protected`, {
    hint: `to remove it, run fx remove --env ${name} --confirm ${name}`,
  });
}

function needsYes(name: string): FxError {
  return new FxError('DECLINED', `removing "${name}" needs confirmation`, {
    hint: 'stdin is not a terminal: to confirm, add --yes',
  });
}

function declined(): FxError {
  return new FxError('DECLINED', 'removal cancelled; nothing was changed');
}

// fx import --adopt: reads the stack that the other tool made, gives its names and ids to the import, and asks CloudFormation what a deploy
// would change. Nothing is written.
import type { ChangeSetChange, StackDescription, StackResource } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { lambdaLogGroup, stackName } from '../cfn/names.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type Adoption, adopt } from '../import/adopt/adopt.ts';
import type { TemplateData } from '../import/against/values.ts';
import { type Checked, compileText } from '../import/check.ts';
import { type Imported, written } from '../import/import.ts';
import { changeSetView } from '../operate/change-set.ts';
import { type Context, eachFunction, identify } from '../operate/context.ts';
import { candidateOf } from '../operate/deploy-candidate.ts';
import { type Live, readState, type State } from '../operate/state.ts';
import { localEnvironment } from '../project/environment.ts';
import type { Project } from '../project/project.ts';
import { isOwned } from '../stack/apply.ts';
import { replacedIn } from '../stack/replaced.ts';
import type { Compiled } from '../template/compile.ts';
import type { Caller } from './caller.ts';
import { openContext, openLookups } from './connect.ts';

export interface AdoptionOptions {
  /** The name of the stack, if the configuration does not say it. */
  readonly stackName: string | undefined;
  readonly region: string | undefined;
  readonly schemas: ResourceSchemas;
  readonly today: Date;
}

export interface Adopted extends Adoption {
  readonly environment: string;
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  /** What CloudFormation's change set has. */
  readonly changes: readonly ChangeSetChange[];
  /** Those that would replace a resource, which the first deploy must not. */
  readonly replaced: readonly ChangeSetChange[];
}

interface Valid {
  readonly compiled: Compiled;
  readonly project: Project;
  readonly recipe: NonNullable<Checked['recipe']>;
}

/** Gives the import what the stack has. Throws USAGE if there is no such stack, STACK_FOREIGN if fx has it already, IMPORT_FAILED if what the
 * stack has is not valid in project.yml. */
export async function adoptStack(
  imported: Imported,
  environment: string,
  options: AdoptionOptions,
  caller: Caller,
): Promise<{ readonly imported: Imported; readonly adopted: Adopted }> {
  const { draft, source, stacks } = imported;
  const stack = stacks.get(environment);
  if (stack === undefined) throw noStack(imported, environment);
  if (environment === localEnvironment) {
    throw new FxError('USAGE', 'the local environment has no stack of another tool', { hint: 'name a --stage' });
  }
  const name = options.stackName ?? stack.name;
  const usual = stackName({ project: String(draft.get(['name'])), environment, region: '' });
  if (name !== undefined && name !== (draft.get(['stackName']) ?? usual))
    draft.set(['environments', environment, 'stackName'], name);
  if (options.region !== undefined)
    draft.set(draft.has(['region']) ? ['environments', environment, 'region'] : ['region'], options.region);
  const compileDraft = async (): Promise<Valid> =>
    valid(
      await compileText(written(draft, source).text, environment, {
        folder: source.folder,
        schemas: options.schemas,
        today: options.today,
        variables: caller.variables,
        connect: (destination) => openLookups(caller, destination),
      }),
    );
  const first = await compileDraft();
  const context = await openContext(caller, { ...first.project.environment, folder: source.folder });
  const { account } = await identify(first.project.environment, context);
  const state = await readState(first.project.environment, context);
  const live = liveStack(first.project, state);
  const resources = (await context.aws.stacks.resources(live.stack.id)).filter(
    ({ status }) => status !== 'DELETE_COMPLETE',
  );
  const adoption = adopt({
    draft,
    project: first.project,
    template: first.compiled.stacks.root.template,
    stack: {
      name: live.stack.name,
      template: live.stacks.root.template as unknown as TemplateData,
      parameters: live.stack.parameters,
      tags: live.stack.tags,
      physicalIds: new Map(resources.map(({ logicalId, physicalId = '' }) => [logicalId, physicalId])),
      logGroups: await logGroupsOf(resources, context),
    },
    functions: stack.functions,
    resources: stack.resources,
    schemas: options.schemas,
  });
  const last = await compileDraft();
  const changes = await changesOf(last, state, context);
  return {
    imported: { ...imported, ...written(draft, source), compiled: last.compiled, project: last.project },
    adopted: {
      ...adoption,
      environment,
      stackName: live.stack.name,
      region: last.project.environment.region,
      account,
      changes,
      replaced: replacedIn(changes),
    },
  };
}

function noStack({ peer, stacks }: Imported, environment: string): FxError {
  return stacks.size === 0
    ? new FxError('USAGE', `${peer} makes no stack that fx could go on with`, {
        hint: 'import without --adopt; fx makes a stack of its own',
      })
    : new FxError('USAGE', `the configuration has no stage "${environment}"`, {
        hint: `it has ${[...stacks.keys()].join(', ')}`,
      });
}

/** The groups that Lambda has made for functions when they first wrote. */
async function logGroupsOf(resources: readonly StackResource[], context: Context): Promise<ReadonlySet<string>> {
  const groups = resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map(({ physicalId = '' }) => lambdaLogGroup(physicalId));
  const now = new Date(context.now());
  const found = await eachFunction(groups, async (group) => {
    const page = await context.aws.logs.page({ group, since: now, until: now });
    return page === 'missing' ? [] : [group];
  });
  return new Set(found.flat());
}

function valid(outcome: Awaited<ReturnType<typeof compileText>>): Valid {
  if ('problems' in outcome) {
    throw new FxError('IMPORT_FAILED', 'what the stack has is not valid in project.yml', {
      problems: outcome.problems,
    });
  }
  const { compiled, project, recipe } = outcome;
  if (compiled === undefined || project === undefined || recipe === undefined) {
    throw new FxError('IMPORT_FAILED', 'the import has nothing to deploy');
  }
  return { compiled, project, recipe };
}

/** The stack of the other tool, at rest. */
function liveStack({ environment }: Project, { stack, live }: State): Live {
  const { stackName, region } = environment;
  if (stack === undefined) {
    throw new FxError('USAGE', `there is no stack ${stackName} in ${region}`, {
      hint: 'name the stage with --stage, the region with --region, or the stack with --stack-name',
    });
  }
  if (isOwned(stack)) throw owned(stack);
  if (live === undefined) {
    throw new FxError('STACK_STUCK', `${stackName} is in ${stack.status}`, {
      hint: 'bring it to rest with the tool that made it, then import again',
    });
  }
  return live;
}

function owned({ name, tags }: StackDescription): FxError {
  return new FxError(
    'STACK_FOREIGN',
    `the stack ${name} belongs to the project "${tags['fx:project']}" of fx already`,
    {
      hint: 'import without --adopt, or name another stage',
    },
  );
}

/** CloudFormation reads no code for a change set, so that none need be built. */
async function changesOf(
  { compiled, project, recipe }: Valid,
  state: State,
  context: Context,
): Promise<readonly ChangeSetChange[]> {
  const { environment } = project;
  const candidate = candidateOf(project, { recipe, compiled });
  const { changes } = await changeSetView({ environment, candidate, state, drift: false }, context);
  return changes;
}

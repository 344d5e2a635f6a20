// Checks across several values: clashing names, settings that exclude each other, retired runtimes.
import { type Problem, problemKey } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { functionIds, pascalCase } from '../cfn/names.ts';
import { lifecycleOf, moveHint } from '../runtimes/lifecycle.ts';
import { type Checks, checkDestination, type Judged } from './check-destination.ts';
import { checkEdge } from './edge.ts';
import { checkEvents } from './event-uses.ts';
import { checkLayers } from './layer-schema.ts';
import type { FunctionSettings, Project } from './project.ts';
import type { ProjectFile } from './schema.ts';
import { settingRows } from './setting-rows.ts';
import { checkSite } from './site.ts';

export interface CheckOptions {
  readonly version?: string;
  readonly today: Date;
}

export function checkProject(project: Project, file: ProjectFile, options: CheckOptions): Checks {
  const destination = checkDestination(project.environment, {
    range: file.fxVersion,
    version: options.version,
    origin: project.origin,
  });
  const runtimes = project.functions.map((settings) => checkRuntime(project, settings, options.today));
  const events = checkEvents(project, options.today);
  return {
    problems: [
      ...destination.problems,
      ...checkNames(project),
      ...checkLayers(project),
      ...project.functions.flatMap((settings) => [
        ...settings.packaging.problems,
        ...checkSettings(project, settings),
        ...checkConditions(project, settings),
      ]),
      ...events.problems,
      ...checkSiteOf(project),
      ...checkEdge(project),
      ...runtimes.flatMap((judged) => judged?.problem ?? []),
    ],
    warnings: unique([
      ...destination.warnings,
      ...runtimes.flatMap((judged) => judged?.warning ?? []),
      ...events.warnings,
    ]),
  };
}

function checkSiteOf({ site, functions, environment, sections, origin }: Project): Problem[] {
  if (site === undefined) return [];
  // the API of `http` itself, if it is the project's own
  const isOwn = (sections['http'] as { readonly id?: unknown } | undefined)?.id === undefined;
  const routes = functions.flatMap(({ events }) => events).filter(({ kind }) => kind === 'http');
  const hasApi = isOwn && routes.some(({ config }) => (config as { readonly api?: unknown }).api === undefined);
  return checkSite(site, {
    region: environment.region,
    hasRegions: environment.regions !== undefined,
    hasApi,
    at: origin(['site']),
  });
}

/** Reports a problem of a default once, not once per function. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problemKey(problem), problem])).values()];
}

/** Functions with the same logical id or AWS name, and resources that clash with generated ones. */
function checkNames(project: Project): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const physical = new Map<string, string>();
  for (const { name, physicalName, at } of project.functions) {
    const key = pascalCase(name);
    const other = taken.get(key);
    if (other !== undefined) {
      problems.push({
        at,
        message: `the functions "${other}" and "${name}" have the same logical id, ${key}`,
        hint: 'rename one of them',
      });
    }
    taken.set(key, name);
    const same = physical.get(physicalName);
    if (same !== undefined) {
      problems.push({
        at: project.origin(['functions', name, 'functionName']),
        message: `the functions "${same}" and "${name}" have the same name in AWS, ${physicalName}`,
        hint: 'add ${function} to functionName',
      });
    }
    physical.set(physicalName, name);
    for (const id of Object.values(functionIds(name))) {
      if (!project.resources.has(id)) continue;
      problems.push({
        at: project.origin(['resources', id]),
        message: `"${id}" is the logical id of a resource that fx generates for the function "${name}"`,
        hint: `rename yours, or change the generated one under extend: {${id}: …}`,
      });
    }
  }
  return problems;
}

function checkSettings(project: Project, settings: FunctionSettings): Problem[] {
  return settingRows(project, settings).flatMap(({ key, row, value }) => {
    const wrong = row.check?.(value, settings as never, { region: project.environment.region });
    return wrong === undefined ? [] : [{ at: project.origin(['functions', settings.name, key]), ...wrong }];
  });
}

function checkConditions(project: Project, { name, condition }: FunctionSettings): Problem[] {
  if (condition === undefined || project.conditions.has(condition)) return [];
  const known = [...project.conditions.keys()];
  const suggestion = nearest(condition, known);
  return [
    {
      at: project.origin(['functions', name, 'condition']),
      message: `there is no condition "${condition}"`,
      hint:
        suggestion === undefined
          ? `declare it under conditions, which has ${known.length === 0 ? 'none' : known.join(', ')}`
          : `did you mean "${suggestion}"?`,
    },
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
function checkRuntime(project: Project, settings: FunctionSettings, today: Date): Judged | undefined {
  const { name, runtime, image } = settings;
  const lifecycle = image === undefined ? lifecycleOf(runtime) : undefined;
  if (lifecycle === undefined) return undefined;
  const { deprecated, noCreate, noUpdate, isPreview } = lifecycle;
  const day = today.toISOString().slice(0, 10);
  const at = project.origin(['functions', name, 'runtime']);
  if (isPreview) {
    return { warning: { at, message: `${runtime} is a public preview: AWS does not recommend it for production` } };
  }
  if (deprecated === undefined || day < deprecated) return undefined;
  const successor = moveHint(runtime);
  const hint = successor === undefined ? {} : { hint: `move to ${successor}` };
  if (noCreate === undefined || noUpdate === undefined) {
    return { warning: { at, message: `${runtime} is deprecated since ${deprecated}`, ...hint } };
  }
  if (day >= noUpdate) {
    return {
      problem: { at, message: `${runtime} is retired: since ${noUpdate}, AWS does not update its functions`, ...hint },
    };
  }
  const created =
    day >= noCreate
      ? `since ${noCreate} AWS creates no functions with it`
      : `from ${noCreate} AWS will create no functions with it`;
  const message = `${runtime} is deprecated since ${deprecated}; ${created}, and from ${noUpdate} update none`;
  return { warning: { at, message, ...hint } };
}

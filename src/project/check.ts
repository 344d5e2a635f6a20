// What one value alone cannot show: names that clash, settings that exclude one another, runtimes and regions that are no more.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { functionIds, pascalCase } from '../cfn/names.ts';
import { regions } from '../cfn/regions.ts';
import { lifecycleOf, moveHint } from '../runtimes/lifecycle.ts';
import { settingKeys, settingOf } from '../settings/index.ts';
import { checkEvents } from './event-uses.ts';
import { checkLayers } from './layer-schema.ts';
import type { FunctionSettings, Project } from './project.ts';
import type { ProjectFile } from './schema.ts';
import { satisfies } from './version.ts';

interface Checks {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface CheckOptions {
  readonly version?: string;
  readonly today?: Date;
  readonly only?: 'names';
}

export function checkProject(project: Project, file: ProjectFile, options: CheckOptions): Checks {
  const { today = new Date() } = options;
  const runtimes = options.only === 'names' ? [] : project.functions.map((one) => checkRuntime(project, one, today));
  const region = checkRegion(project.region, project.origin(['region']));
  const events = checkEvents(project);
  return {
    problems: [
      ...checkVersion(project, file.fxVersion, options.version),
      ...checkNames(project),
      ...(options.only === 'names'
        ? []
        : [...checkLayers(project), ...project.functions.flatMap(({ packaging }) => packaging.problems)]),
      ...project.functions.flatMap((one) => [...checkSettings(project, one), ...checkConditions(project, one)]),
      ...events.problems,
      ...runtimes.flatMap((one) => one?.problem ?? []),
      ...(region?.problem === undefined ? [] : [region.problem]),
    ],
    warnings: unique([
      ...runtimes.flatMap((one) => one?.warning ?? []),
      ...(region?.warning === undefined ? [] : [region.warning]),
      ...events.warnings,
    ]),
  };
}

/** A default is told once, not for every function that has it. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((one) => [`${one.at.file}:${one.at.line}:${one.message}`, one])).values()];
}

function checkVersion(project: Project, range: string | undefined, version: string | undefined): Problem[] {
  if (range === undefined || version === undefined) return [];
  const at = project.origin(['fxVersion']);
  const answer = satisfies(version, range);
  if (answer === 'no range')
    return [{ at, message: `"${range}" is no range of versions`, hint: 'such as ^0.1.0 or >=0.1 <1' }];
  if (answer) return [];
  return [
    {
      at,
      message: `this is fx ${version}, and the project asks for ${range}`,
      hint: 'install a version of fx that fits, or change fxVersion',
    },
  ];
}

/** Two functions of one name to CloudFormation or to Lambda, and clashes with what fx makes. */
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
        message: `the functions "${other}" and "${name}" have the same name to CloudFormation (${key})`,
        hint: 'rename one of them',
      });
    }
    taken.set(key, name);
    const same = physical.get(physicalName);
    if (same !== undefined) {
      problems.push({
        at: project.origin(['functions', name, 'functionName']),
        message: `the functions "${same}" and "${name}" are both called ${physicalName} in AWS`,
        hint: 'put ${function} into functionName',
      });
    }
    physical.set(physicalName, name);
    for (const id of Object.values(functionIds(name))) {
      if (!project.resources.has(id)) continue;
      problems.push({
        at: project.origin(['resources', id]),
        message: `"${id}" is a resource that fx makes for the function "${name}"`,
        hint: `rename it, or change what fx makes under extend: {${id}: …}`,
      });
    }
  }
  return problems;
}

function checkSettings(project: Project, settings: FunctionSettings): Problem[] {
  return settingKeys.flatMap((key) => {
    const value = settings[key];
    const wrong =
      value === undefined ? undefined : settingOf(key).check?.(value, settings as never, { region: project.region });
    return wrong === undefined ? [] : [{ at: project.origin(['functions', settings.name, key]), ...wrong }];
  });
}

function checkConditions(project: Project, { name, condition }: FunctionSettings): Problem[] {
  if (condition === undefined || project.conditions.has(condition)) return [];
  const known = [...project.conditions.keys()];
  const meant = nearest(condition, known);
  return [
    {
      at: project.origin(['functions', name, 'condition']),
      message: `there is no condition "${condition}"`,
      hint:
        meant === undefined
          ? `write it under conditions; there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}`
          : `did you mean "${meant}"?`,
    },
  ];
}

interface Judged {
  readonly problem?: Problem;
  readonly warning?: Problem;
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
      problem: { at, message: `${runtime} is retired: since ${noUpdate} AWS updates no function of it`, ...hint },
    };
  }
  const created =
    day >= noCreate ? `since ${noCreate} none can be created with it` : `from ${noCreate} none can be created with it`;
  const message = `${runtime} is deprecated since ${deprecated}; ${created}, from ${noUpdate} none can be updated`;
  return { warning: { at, message, ...hint } };
}

const directions = /^[a-z]{2,4}(-[a-z]+)?-(central|(north|south)?(east|west)|north|south)-\d$/;

/** A region that fx has not heard of may be new; one in a direction that there is not is a slip. */
export function checkRegion(region: string, at: Span): Judged | undefined {
  if (regions.includes(region)) return undefined;
  const meant = nearest(region, regions);
  const hint = meant === undefined ? 'a region is written such as eu-west-1' : `did you mean ${meant}?`;
  if (!directions.test(region)) return { problem: { at, message: `there is no region "${region}"`, hint } };
  return {
    warning: {
      at,
      message: `fx knows no region "${region}"`,
      hint: `${hint} Where it is a new one of AWS, all is well`,
    },
  };
}

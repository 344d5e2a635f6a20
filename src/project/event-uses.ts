// The events of a project for their sources: each entry with its function and position.
import type { Problem } from '../base/error.ts';
import { logGroupArn } from '../cfn/arn.ts';
import { functionIds, functionResourceId, stateMachineIds } from '../cfn/names.ts';
import { attribute, ref } from '../cfn/resource.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { EventSources } from '../events/index.ts';
import type { FunctionReference, SourceContext, Use } from '../events/source.ts';
import type { FunctionSettings, Project } from './project.ts';
import type { StateMachineSettings } from './state-machines.ts';

export interface PlacedUse {
  // biome-ignore lint/suspicious/noExplicitAny: the row of its kind has read the configuration
  readonly use: Use<any>;
  readonly from: Path;
}

/** All entries of one kind. */
export function usesOf(kind: string, functions: readonly FunctionSettings[]): readonly PlacedUse[] {
  return functions.flatMap((settings) => {
    let ordinal = 0;
    return settings.events.flatMap((event, index): PlacedUse[] => {
      if (event.kind !== kind) return [];
      ordinal++;
      const use = { function: referenceTo(settings), config: event.config, at: event.at, ordinal };
      return [{ use, from: ['functions', settings.name, 'events', index] }];
    });
  });
}

/** All entries of one kind that start state machines. */
export function startsOf(kind: string, machines: readonly StateMachineSettings[]): readonly PlacedUse[] {
  return machines.flatMap(({ name, events = [] }) => {
    const ids = stateMachineIds(name);
    const machine: FunctionReference = {
      name,
      timeout: 0,
      condition: undefined,
      logGroup: undefined,
      alias: ref(ids.machine),
      startRole: attribute(ids.startRole, 'Arn'),
      id: (suffix) => `${ids.machine}${suffix}`,
    };
    let ordinal = 0;
    return events.flatMap((event, index): PlacedUse[] => {
      if (event.kind !== kind) return [];
      ordinal++;
      const use = { function: machine, config: event.config, at: event.at, ordinal };
      return [{ use, from: ['stateMachines', name, 'events', index] }];
    });
  });
}

/** The context of the source of a kind. */
export function sourceContextOf(project: Project, kind: string): SourceContext {
  const { environment, resources, functions, sections, stateMachines } = project;
  const { names, account, stackName } = environment;
  return {
    names,
    stackName,
    account,
    resources,
    section: sections[kind],
    sections,
    sectionAt: project.origin([kind]),
    functionNamed(name) {
      const settings = functions.find((candidate) => candidate.name === name);
      return settings === undefined ? undefined : referenceTo(settings);
    },
    stateMachineNamed(name) {
      const machine = stateMachines.find((candidate) => candidate.name === name);
      return machine && { arn: ref(stateMachineIds(name).machine), isExpress: machine.type === 'EXPRESS' };
    },
  };
}

/** Each event of a function as text, such as `GET /orders/{id}`. */
export function eventTexts(settings: FunctionSettings, sources: EventSources): readonly string[] {
  return settings.events.map(({ kind, config }) => sources[kind]?.describe(config) ?? kind);
}

/** The sources' problems and warnings. */
export function checkEvents(
  project: Project,
  today: Date,
): {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
} {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [kind, source] of Object.entries(project.plugins.sources)) {
    const placed = [...usesOf(kind, project.functions), ...startsOf(kind, project.stateMachines)];
    const uses = placed.map(({ use }) => use);
    const context = sourceContextOf(project, kind);
    if (context.section !== undefined && uses.length === 0) {
      const hint = `add an event such as "${source.docs.example}", or remove the section`;
      warnings.push({ at: context.sectionAt, message: `no function has an event of the kind ${kind}`, hint });
    }
    problems.push(...source.check(uses, context));
    warnings.push(...(source.warn?.(uses, context, today) ?? []));
  }
  return { problems, warnings };
}

function logGroupOf(name: string, logging: FunctionSettings['logging']): FunctionReference['logGroup'] {
  if (logging === false) return undefined;
  const { logGroup } = logging;
  if (logGroup !== undefined) return { name: logGroup, arn: logGroupArn(logGroup) };
  const id = functionIds(name).logGroup;
  return { name: ref(id), arn: attribute(id, 'Arn'), literal: logging.logGroupName, class: logging.logGroupClass };
}

function referenceTo({ name, timeout, condition, logging }: FunctionSettings): FunctionReference {
  return {
    name,
    timeout,
    condition,
    logGroup: logGroupOf(name, logging),
    alias: ref(functionIds(name).alias),
    id: (suffix) => functionResourceId(name, suffix),
  };
}

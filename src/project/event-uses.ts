// The events of a project for their sources: each entry with its function and position.
import type { Problem } from '../base/error.ts';
import { functionIds, functionResourceId } from '../cfn/names.ts';
import { ref } from '../cfn/resource.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { EventSources } from '../events/index.ts';
import type { FunctionReference, SourceContext, Use } from '../events/source.ts';
import type { FunctionSettings, Project } from './project.ts';

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

export function sourceContextOf({ environment: { names, account }, resources }: Project): SourceContext {
  return { names, account, resources };
}

/** Each event of a function as text, such as `GET /orders/{id}`. */
export function eventTexts(settings: FunctionSettings, sources: EventSources): readonly string[] {
  return settings.events.map(({ kind, config }) => sources[kind]?.describe(config) ?? kind);
}

/** The sources' problems and warnings. */
export function checkEvents(project: Project): {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
} {
  const context = sourceContextOf(project);
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [kind, source] of Object.entries(project.plugins.sources)) {
    const uses = usesOf(kind, project.functions).map(({ use }) => use);
    problems.push(...source.check(uses, context));
    warnings.push(...(source.warn?.(uses, context) ?? []));
  }
  return { problems, warnings };
}

function referenceTo({ name, timeout }: FunctionSettings): FunctionReference {
  return {
    name,
    timeout,
    alias: ref(functionIds(name).alias),
    id: (suffix) => functionResourceId(name, suffix),
  };
}

// fx types: what project.yml says, as TypeScript types.
import { propertyName } from '../base/property-name.ts';
import { sourceContextOf } from '../project/event-uses.ts';
import type { Project } from '../project/project.ts';

/** A module of types: the names of functions and resources, the environment variables, and each function's event. */
export function typesOf(project: Project): string {
  const { functions, resources, plugins } = project;
  const names = functions.map(({ name }) => name);
  const variableNames = [...new Set(functions.flatMap(({ variables }) => [...variables.keys()]))].sort();
  const variableLines = variableNames.map((variable) => {
    const having = functions.filter(({ variables }) => variables.has(variable)).map(({ name }) => name);
    const everywhere = having.length === functions.length;
    return `      /** Of ${everywhere ? 'every function' : having.join(', ')}. */\n      readonly ${propertyName(variable)}${everywhere ? ': string' : '?: string'};`;
  });
  const eventLines = functions.map(({ name, events }) => {
    const types = [
      ...new Set(
        events.map(
          ({ kind, config }) => plugins.sources[kind]?.typeOf?.(config, sourceContextOf(project, kind)) ?? 'unknown',
        ),
      ),
    ];
    // what fx does not know may be anything
    const union = types.length === 0 || types.includes('unknown') ? 'unknown' : types.join(' | ');
    return `  ${propertyName(name)}: ${union};`;
  });
  const environmentLines = functions.map(({ name, variables }) => {
    const members = [...variables.keys()].map((variable) => `readonly ${propertyName(variable)}: string`);
    return `  ${propertyName(name)}: ${members.length === 0 ? 'Record<never, string>' : `{ ${members.join('; ')} }`};`;
  });
  const resourceLines = [...resources].map(([id, { Type }]) => `  ${propertyName(id)}: ${JSON.stringify(Type)};`);
  return `// What project.yml says, as types. Written by fx types; do not edit.
import type * as lambda from 'aws-lambda';

/** The names of the functions. */
export type FunctionName = ${union(names)};

/** The logical ids under resources, with their types. */
export interface Resources {
${resourceLines.join('\n')}
}

/** The logical ids of one type, such as ResourceName<'AWS::DynamoDB::Table'>. */
export type ResourceName<Type extends Resources[keyof Resources]> = {
  [Id in keyof Resources]: Resources[Id] extends Type ? Id : never;
}[keyof Resources];

/** The event of each function. */
export interface Events {
${eventLines.join('\n')}
}

/** The environment variables of each function. */
export interface Environment {
${environmentLines.join('\n')}
}

/** A handler: export const handler: Handler<${JSON.stringify(names[0] ?? '')}> = async (event) => { … }; */
export type Handler<Name extends FunctionName, Result = unknown> = (
  event: Events[Name],
  context: lambda.Context,
) => Promise<Result>;

declare global {
  namespace NodeJS {
    interface ProcessEnv {
${variableLines.join('\n')}
    }
  }
}
`
    .replaceAll('{\n\n}', '{}')
    .replaceAll('{\n\n    }', '{}');
}

const union = (names: readonly string[]): string =>
  names.length === 0 ? 'never' : names.map((name) => JSON.stringify(name)).join(' | ');

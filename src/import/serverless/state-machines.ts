// `stepFunctions` of the plugin serverless-step-functions → stateMachines.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { eventBridge, schedule } from './events/schedules.ts';
import { permissionsOf } from './permissions.ts';
import { functionNameOf, idIn, normalized, type Service, withOurIds } from './service.ts';

/** The logical ids that the plugin gives its state machines. */
export function stateMachineIds(service: Service): ReadonlyMap<string, string> {
  const machines = service.root.child('stepFunctions')?.child('stateMachines');
  return new Map(
    (machines?.entries() ?? []).map(([key, cursor]) => {
      const id = cursor.child('id')?.text();
      const name = functionNameOf(key);
      return [id ?? `${normalized(key)}StepFunctionsStateMachine`, name];
    }),
  );
}

export function convertStateMachines(service: Service, stepFunctions: Cursor): void {
  const { draft } = service;
  for (const ignored of ['validate', 'noOutput'] as const) {
    const value = stepFunctions.child(ignored);
    if (value === undefined) continue;
    value.plain();
    draft.carried(placeOf(value), 'fx checks definitions before it deploys');
  }
  for (const [key, cursor] of stepFunctions.child('stateMachines')?.entries() ?? []) {
    const name = functionNameOf(key);
    const path = ['stateMachines', name];
    draft.set(path, {}, placeOf(cursor));
    const set = (ours: string, from: Cursor | undefined, value = from?.plain()) => {
      if (from !== undefined && value !== undefined) draft.set([...path, ours], value, placeOf(from));
    };
    set('name', cursor.child('name'));
    const type = cursor.child('type');
    set('type', type, type?.text());
    const definition = cursor.child('definition');
    set(
      'definition',
      definition,
      definition === undefined ? undefined : withFunctionNames(service, definition.plain()),
    );
    set('tags', cursor.child('tags'));
    const tracing = cursor.child('tracingConfig');
    if (tracing?.child('enabled')?.flag() === true) draft.set([...path, 'tracing'], true, placeOf(tracing));
    const logging = cursor.child('loggingConfig');
    if (logging !== undefined) {
      const level = logging.child('level')?.text();
      const data = logging.child('includeExecutionData')?.plain();
      logging.child('destinations')?.plain();
      if (level !== undefined && level !== 'OFF') {
        draft.set(
          [...path, 'logging'],
          { level, ...(data === undefined ? {} : { includeExecutionData: data }) },
          placeOf(logging),
        );
        draft.changed(placeOf(logging), 'the state machine logs to a log group that fx makes', {
          beside: [...path, 'logging'],
        });
      }
    }
    const statements = cursor.child('iamRoleStatements');
    if (statements !== undefined)
      draft.set([...path, 'permissions'], permissionsOf(service, statements), placeOf(statements));
    const role = cursor.child('role');
    if (role !== undefined) {
      role.plain();
      draft.changed(placeOf(role), 'fx makes the role of a state machine from its definition', {
        remedy: 'add what it does not see under permissions',
        beside: path,
      });
    }
    for (const ignored of [
      'id',
      'inheritGlobalTags',
      'dependsOn',
      'retain',
      'alarms',
      'notifications',
      'useExactVersion',
      'encryptionConfig',
    ] as const) {
      const value = cursor.child(ignored);
      if (value === undefined) continue;
      value.plain();
      if (ignored === 'alarms' || ignored === 'notifications' || ignored === 'encryptionConfig') {
        draft.dropped(placeOf(value), `fx has no ${ignored} for state machines`, {
          remedy: 'add alarms and rules under resources',
          beside: path,
        });
      } else draft.carried(placeOf(value), `${ignored} is not needed here`);
    }
    for (const item of cursor.child('events')?.items() ?? []) startOf(service, name, item);
    draft.carried(placeOf(cursor), `the state machine "${name}"`);
  }
  for (const [key, activity] of activitiesOf(stepFunctions)) {
    const id = `${normalized(key)}StepFunctionsActivity`;
    draft.set(
      ['resources', id],
      { Type: 'AWS::StepFunctions::Activity', Properties: { Name: key } },
      placeOf(activity),
    );
  }
}

function activitiesOf(stepFunctions: Cursor): readonly (readonly [string, Cursor])[] {
  return (stepFunctions.child('activities')?.items() ?? []).flatMap((item) => {
    const name = item.isMap ? item.child('name')?.text() : item.text();
    return name === undefined ? [] : [[name, item] as const];
  });
}

function startOf(service: Service, name: string, item: Cursor): void {
  for (const kind of item.keys()) {
    const config = item.child(kind);
    if (config === undefined) continue;
    const context = { service, name, path: ['stateMachines', name, 'events'], config, bare: false };
    if (kind === 'schedule') schedule(context);
    else if (kind === 'eventBridge' || kind === 'cloudwatchEvent') eventBridge(context);
    else {
      config.plain();
      service.draft.dropped(placeOf(config), `fx starts no state machine by the event "${kind}"`, {
        remedy: 'start it from a function with states:StartExecution, or integrate it under resources',
        beside: ['stateMachines', name],
      });
    }
  }
}

/** Functions are named by their names in project.yml, in definitions too. */
export function withFunctionNames(service: Service, value: Plain): Plain {
  const named = (plain: Plain): string | undefined => {
    const id = idIn(plain);
    if (id === undefined) return undefined;
    for (const [key, name] of service.functions)
      if (id === key || id === `${normalized(key)}LambdaFunction`) return name;
    return undefined;
  };
  const walk = (node: Plain): Plain => {
    if (Array.isArray(node)) return node.map((item: Plain) => walk(item));
    if (!isMap(node)) return node;
    const own = named(node);
    if (own !== undefined) return own;
    if (idIn(node) !== undefined || Object.keys(node).some((key) => key.startsWith('Fn::')))
      return withOurIds(service, node);
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item as Plain)]));
  };
  return walk(value);
}

// What of a stack has a setting in project.yml: its name and tags, the names of functions and groups, the stage of a REST API.
import { functionIds, lambdaLogGroup } from '../../cfn/names.ts';
import type { Template } from '../../cfn/resource.ts';
import { stageSettings } from '../../events/_rest-api.ts';
import { referredTo, type TemplateData } from '../against/values.ts';
import type { FixedProperty } from './fixed.ts';
import type { ExistingStack, Own } from './own.ts';
import { translated } from './references.ts';

export function setUp({ draft, environment, project }: Own, stack: ExistingStack): void {
  draft.set([...environment, 'stack', 'adopt'], true);
  draft.comment(
    [...environment, 'stack'],
    `The stack ${stack.name}, as the other tool made it: fx changes it in place`,
  );
  if (project.environment.stackName !== stack.name) draft.set([...environment, 'stackName'], stack.name);
  const tags = Object.entries(stack.tags).filter(([key, value]) => {
    return !key.startsWith('aws:') && !key.startsWith('fx:') && project.tags.get(key) !== value;
  });
  if (tags.length > 0) draft.merge([...environment, 'tags'], Object.fromEntries(tags));
}

/** A name has a setting of its own; anything else is an extension, or a change of the user's resource. */
export function keepProperty(own: Own, fixed: FixedProperty, stack: ExistingStack): void {
  const { draft, environment, place, project, known } = own;
  const { id, theirId, type, property, theirs } = fixed;
  const value = theirs === undefined ? null : translated(theirs, known);
  const lambda = project.functions.find(({ name }) => functionIds(name).function === id);
  const isName = type === 'AWS::Lambda::Function' && property === 'FunctionName';
  if (isName && lambda !== undefined) {
    const name = typeof theirs === 'string' ? theirs : stack.physicalIds.get(theirId);
    if (name !== undefined && name !== lambda.physicalName)
      draft.set([...environment, 'functions', lambda.name, 'functionName'], name);
    if (typeof theirs === 'string') return;
  }
  const writer = project.functions.find(({ name }) => functionIds(name).logGroup === id);
  if (type === 'AWS::Logs::LogGroup' && property === 'LogGroupName' && writer !== undefined && theirs !== undefined) {
    const name = typeof theirs === 'string' ? theirs : stack.physicalIds.get(theirId);
    if (name !== undefined) draft.set([...environment, 'functions', writer.name, 'logging', 'logGroupName'], name);
    return;
  }
  const isUsers = project.resources.has(id);
  const path = isUsers ? ['resources', theirId] : ['extend', id];
  draft.set([...environment, ...path, 'Properties', property], value);
  if (!isUsers) return;
  draft.changed(place, `${id} keeps its ${property}: another one would replace it`, {
    remedy: `the stack has what is under ${environment.join('.')}, not what the configuration says`,
  });
}

/** A shorter retention would delete logs. */
export function keepRetention(
  { draft, environment, project }: Own,
  theirs: TemplateData,
  { paired, template }: { readonly paired: ReadonlyMap<string, string>; readonly template: Template },
): void {
  for (const { name } of project.functions) {
    const id = functionIds(name).logGroup;
    const before = theirs.Resources[paired.get(id) ?? ''];
    const retention = before?.Properties?.['RetentionInDays'];
    if (before === undefined || retention === template.Resources[id]?.Properties?.['RetentionInDays']) continue;
    const days = Number.isInteger(Number(retention)) ? Number(retention) : 'forever';
    draft.set([...environment, 'functions', name, 'logging', 'retentionInDays'], days);
  }
}

/** A stage that the deployment makes is no resource: a stage of the same name would be refused. */
export function keepRestStage(own: Own, theirs: TemplateData, paired: ReadonlyMap<string, string>): void {
  const { draft, environment, place } = own;
  const api = paired.get('RestApi');
  if (api === undefined || paired.has('RestApiStage')) return;
  const makes = Object.values(theirs.Resources).some(
    ({ Type, Properties = {} }) =>
      Type === 'AWS::ApiGateway::Deployment' &&
      Properties['StageName'] !== undefined &&
      referredTo(Properties['RestApiId']).includes(api),
  );
  if (!makes) return;
  draft.set([...environment, 'rest', 'stageFrom'], 'deployment');
  const settings = draft.get(['rest']) as Readonly<Record<string, unknown>> | undefined;
  const set = stageSettings.filter((key) => settings?.[key] !== undefined && settings[key] !== null);
  for (const key of set) draft.set([...environment, 'rest', key], null);
  if (set.length === 0) return;
  draft.changed(
    place,
    `the stage of the REST API has its ${set.join(', ')} as they are: the stack has no resource for it`,
    {
      remedy: 'change them in API Gateway itself',
      beside: [...environment, 'rest'],
    },
  );
}

/** Two aliases with provisioned concurrency at a time may exceed what is reserved: Lambda refuses the second until the first is gone. */
export function keepConcurrency(
  { draft, environment, place, project }: Own,
  theirs: TemplateData,
  paired: ReadonlyMap<string, string>,
): void {
  const taken = new Set(paired.values());
  for (const { name, reservedConcurrency, provisionedConcurrency } of project.functions) {
    const their = paired.get(functionIds(name).function);
    const isThere = Object.entries(theirs.Resources).some(
      ([id, { Type, Properties = {} }]) =>
        Type === 'AWS::Lambda::Alias' &&
        !taken.has(id) &&
        Properties['ProvisionedConcurrencyConfig'] !== undefined &&
        referredTo(Properties['FunctionName']).includes(their ?? ''),
    );
    if (!isThere || provisionedConcurrency === undefined || reservedConcurrency === undefined) continue;
    const path = [...environment, 'functions', name, 'provisionedConcurrency'];
    draft.set(path, null);
    draft.changed(
      place,
      `"${name}" has no provisioned concurrency in the first deploy: its old alias has it until the end of that`,
      {
        remedy: `remove ${path.join('.')} after it, and deploy again`,
        beside: path,
      },
    );
  }
}

/** What Lambda has made, and the stack does not have, stays the group of the function: others read it by its name. */
export function keepLogs(
  { draft, environment, project }: Own,
  { physicalIds, logGroups }: ExistingStack,
  { theirs, paired }: { readonly theirs: TemplateData; readonly paired: ReadonlyMap<string, string> },
): void {
  for (const { name, logging } of project.functions) {
    const ids = functionIds(name);
    const their = paired.get(ids.function);
    if (their === undefined || paired.has(ids.logGroup) || logging === false || logging.logGroup !== undefined)
      continue;
    if (theirs.Resources[their]?.Properties?.['LoggingConfig'] !== undefined) continue;
    const group = lambdaLogGroup(physicalIds.get(their) ?? '');
    if (!logGroups.has(group)) continue;
    const written = draft.get(['defaults', 'logging']);
    const owned = typeof written === 'object' && written !== null ? Object.keys(written) : [];
    const without = owned.filter((key) => ofOwnGroups.has(key)).map((key) => [key, null] as const);
    draft.merge([...environment, 'functions', name, 'logging'], { logGroup: group, ...Object.fromEntries(without) });
  }
}

/** Settings of a group that fx makes. */
const ofOwnGroups: ReadonlySet<string> = new Set([
  'logGroupName',
  'retentionInDays',
  'logGroupClass',
  'kmsKeyArn',
  'dataProtectionPolicy',
]);

/** A domain that the stack does not have exists outside of it, and its mapping to the API stays. */
export function leaveDomains(
  { draft, environment, place }: Own,
  template: Template,
  paired: ReadonlyMap<string, string>,
): void {
  const isMade = Object.entries(template.Resources).some(
    ([id, { Type }]) => Type === 'AWS::ApiGatewayV2::DomainName' && !paired.has(id),
  );
  if (!isMade) return;
  for (const section of ['http', 'rest', 'websocket'] as const) {
    if (!draft.has([section, 'domain'])) continue;
    const path = [...environment, section, 'domain'];
    draft.set(path, null);
    draft.changed(place, `the domain of the ${section} API stays as it is: the stack does not have it`, {
      remedy: 'go on with the tool that made it, or remove it there, and the null here, to let fx make it',
      beside: path,
    });
  }
}

// What of a stack fx makes nothing for and stays in it: everything but what the other tool made around its functions.
import type { Plain } from '../../base/located.ts';
import { type ResourceData, referredTo, type TemplateData } from '../against/values.ts';
import type { Own } from './own.ts';
import { translated } from './references.ts';

export interface Leaving {
  readonly template: TemplateData;
  /** The ids of the stack that are in fx's template. */
  readonly paired: ReadonlySet<string>;
  /** The ids that the stack has: a condition may have left some out. */
  readonly existing: ReadonlySet<string>;
}

type Entry = readonly [id: string, resource: ResourceData];

/** The ids of the stack that become resources of project.yml as they are, in the order of the template. */
export function keptIds(given: Leaving): readonly string[] {
  const { template, paired, existing } = given;
  const open: readonly Entry[] = Object.entries(template.Resources).filter(
    ([id]) => existing.has(id) && !paired.has(id),
  );
  const kept = new Set(open.filter((entry) => !isReplaced(entry, given)).map(([id]) => id));
  // roles leave with what has them; a function's URL and others that stay need who may call them, and what else they refer to
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const entry of open) {
      const [id] = entry;
      const isNeeded =
        isNamedBy(id, kept, template) || isAliasOf(entry, kept, template) || permits(entry, kept, template);
      if (!kept.has(id) && isNeeded) kept.add(id);
    }
  }
  return open.map(([id]) => id).filter((id) => kept.has(id));
}

/** What fx makes anew for the live alias, or has in another way. */
function isReplaced([id, { Type, Properties = {} }]: Entry, { template, paired }: Leaving): boolean {
  const callsOurs = (value: unknown) =>
    referredTo(value).some((other) => paired.has(other) || template.Resources[other] === undefined);
  switch (Type) {
    case 'AWS::Lambda::Permission':
      return !isOfOutsider({ Type, Properties }, template);
    case 'AWS::Lambda::EventInvokeConfig':
      return callsOurs(Properties['FunctionName']);
    case 'AWS::SNS::Subscription':
      return Properties['Protocol'] === 'lambda' && callsOurs(Properties['Endpoint']);
    case 'AWS::IAM::Role': {
      const users = referrersOf(id, template).filter(([, { Type: type }]) => type !== 'AWS::IAM::Policy');
      return users.length > 0 && users.every(([other]) => paired.has(other));
    }
    case 'AWS::IAM::Policy': {
      const roles = referredTo(Properties['Roles']);
      const isOfReplaced = (role: string) => {
        const resource = template.Resources[role];
        return resource !== undefined && isReplaced([role, resource], { template, paired, existing: new Set() });
      };
      return roles.length > 0 && roles.every(isOfReplaced);
    }
    default:
      return /^AWS::(Lambda::(Version|Alias|LayerVersion|LayerVersionPermission)|ApiGateway(V2)?::Deployment|CodeDeploy::\w+)$/.test(
        Type,
      );
  }
}

const referrersOf = (id: string, { Resources }: TemplateData): readonly Entry[] =>
  Object.entries(Resources).filter(([, { Properties }]) => referredTo(Properties).includes(id));

/**
 * Whether a permission lets somebody outside of the stack call the function: another account, or Alexa. They call it without a qualifier, and a
 * permission of the alias is none for that. https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export function isOfOutsider(resource: ResourceData | undefined, { Resources }: TemplateData): boolean {
  const properties = resource?.Properties ?? {};
  const { Principal, SourceArn } = properties;
  const isService = typeof Principal === 'string' && /\.amazonaws\.com(\.cn)?$/.test(Principal);
  const isAlexa = typeof Principal === 'string' && Principal.startsWith('alexa-');
  const isUrl = properties['FunctionUrlAuthType'] !== undefined || properties['InvokedViaFunctionUrl'] !== undefined;
  const [called] = referredTo(properties['FunctionName']);
  const isUnqualified = called === undefined || Resources[called]?.Type === 'AWS::Lambda::Function';
  const isOutside = !referredTo(SourceArn).some((id) => Resources[id] !== undefined);
  return (
    resource?.Type === 'AWS::Lambda::Permission' && isUnqualified && isOutside && !isUrl && (!isService || isAlexa)
  );
}

function isNamedBy(id: string, kept: ReadonlySet<string>, { Resources }: TemplateData): boolean {
  return [...kept].some((other) => referredTo(Resources[other]?.Properties).includes(id));
}

/** A URL may name its alias in a text, without a reference. */
function isAliasOf(
  [, { Type, Properties = {} }]: Entry,
  kept: ReadonlySet<string>,
  { Resources }: TemplateData,
): boolean {
  const { Name, FunctionName } = Properties;
  if (Type !== 'AWS::Lambda::Alias' || typeof Name !== 'string') return false;
  const [owner] = referredTo(FunctionName);
  return [...kept].some((id) => {
    const { Type: type, Properties: own = {} } = Resources[id] ?? { Type: '' };
    const texts = JSON.stringify([own['TargetFunctionArn'], own['Qualifier']]);
    return type === 'AWS::Lambda::Url' && referredTo(own).includes(owner ?? '') && texts.includes(Name);
  });
}

function permits([, { Type, Properties = {} }]: Entry, kept: ReadonlySet<string>, template: TemplateData): boolean {
  const [called] = referredTo(Properties['FunctionName']);
  // one for fx's alias, which the template does not have, is fx's
  if (Type !== 'AWS::Lambda::Permission' || (called !== undefined && template.Resources[called] === undefined))
    return false;
  if (referredTo(Properties['SourceArn']).some((id) => kept.has(id))) return true;
  if (Properties['FunctionUrlAuthType'] === undefined && Properties['InvokedViaFunctionUrl'] === undefined)
    return false;
  return [...kept].some((id) => {
    const resource = template.Resources[id];
    if (resource?.Type !== 'AWS::Lambda::Url') return false;
    return referredTo(resource.Properties?.['TargetFunctionArn'])[0] === called;
  });
}

interface Staying {
  readonly theirs: TemplateData;
  /** The ids that the stack has after the update, too. */
  readonly stays: ReadonlySet<string>;
}

export function keepResource({ draft, environment, known }: Own, id: string, { theirs, stays }: Staying): void {
  const resource = theirs.Resources[id];
  if (resource === undefined) return;
  // it exists, so its condition holds; a custom resource may have a version, which says nothing
  const { DependsOn, Condition: _, Version: __, Metadata: ___, ...rest } = resource as unknown as Record<string, Plain>;
  const waits = ([DependsOn ?? []].flat() as string[]).filter((other) => stays.has(other));
  draft.set([...environment, 'resources', id], {
    ...(translated(rest, known) as Record<string, Plain>),
    ...(waits.length === 0 ? {} : { DependsOn: waits.map((other) => known.ids.get(other) ?? other) }),
  });
  const path = [...environment, 'resources', id];
  // CloudFormation deletes no bucket with files in it
  if (id === toolBucket) draft.set([...path, 'DeletionPolicy'], 'Retain');
  if (resource.Type === 'AWS::Lambda::Url') draft.comment(path, ofUrl);
}

/** Where the Serverless Framework puts its packages. */
const toolBucket = 'ServerlessDeploymentBucket';
const ofUrl =
  'The address that callers know. It calls the newest code, whatever release is live: remove it once they use that of fx';

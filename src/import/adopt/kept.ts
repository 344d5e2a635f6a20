// What of a stack fx makes nothing for and stays in it: everything but what the other tool made around its functions.
import type { Plain } from '../../base/located.ts';
import { type ResourceData, referredTo, type TemplateData } from '../against/values.ts';
import type { Own } from './own.ts';
import { translated } from './references.ts';

/** Goes with the update: made anew for the live alias, or only of use to the other tool. */
const replaced =
  /^(AWS::Lambda::(Version|Permission|Alias|EventInvokeConfig|LayerVersion|LayerVersionPermission)|AWS::(ApiGateway|ApiGatewayV2)::Deployment|AWS::SNS::Subscription|AWS::IAM::(Role|Policy)|AWS::CodeDeploy::\w+|Custom::.*|AWS::CloudFormation::CustomResource)$/;

/** The Serverless Framework's functions for its custom resources. */
const isForTheTool = (id: string) => /^(CustomDashresource|IamRoleCustomResources)/.test(id);

export interface Leaving {
  readonly template: TemplateData;
  /** The ids of the stack that are in fx's template. */
  readonly paired: ReadonlySet<string>;
  /** The ids that the stack has: a condition may have left some out. */
  readonly existing: ReadonlySet<string>;
}

/** The ids of the stack that become resources of project.yml as they are, in the order of the template. */
export function keptIds({ template, paired, existing }: Leaving): readonly string[] {
  const open = Object.entries(template.Resources).filter(([id]) => existing.has(id) && !paired.has(id));
  const kept = new Set(open.filter(([id, { Type }]) => !replaced.test(Type) && !isForTheTool(id)).map(([id]) => id));
  // a function's URL and other things that stay need who may call them, their role, and what else they refer to
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const [id, resource] of open) {
      if (!kept.has(id) && (isNamedBy(id, kept, template) || permits(resource, kept, template))) kept.add(id);
    }
  }
  return open.map(([id]) => id).filter((id) => kept.has(id));
}

function isNamedBy(id: string, kept: ReadonlySet<string>, { Resources }: TemplateData): boolean {
  return [...kept].some((other) => referredTo(Resources[other]?.Properties).includes(id));
}

function permits({ Type, Properties = {} }: ResourceData, kept: ReadonlySet<string>, template: TemplateData): boolean {
  // one for fx's alias is fx's, too
  const [called] = referredTo(Properties['FunctionName']);
  const isOfAlias = called !== undefined && template.Resources[called] === undefined;
  if (Type !== 'AWS::Lambda::Permission' || isOfAlias) return false;
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
  const { DependsOn, Condition, ...rest } = resource as unknown as Record<string, Plain>;
  void Condition;
  const waits = ([DependsOn ?? []].flat() as string[]).filter((other) => stays.has(other));
  draft.set([...environment, 'resources', id], {
    ...(translated(rest, known) as Record<string, Plain>),
    ...(waits.length === 0 ? {} : { DependsOn: waits.map((other) => known.ids.get(other) ?? other) }),
  });
  const why = reasons[resource.Type];
  if (why !== undefined) draft.comment([...environment, 'resources', id], why);
}

const reasons: Readonly<Record<string, string>> = {
  'AWS::Lambda::Url':
    'The address that callers know. It calls the newest code, whatever release is live: remove it once they use that of fx',
};

// APIs whose routes are in an OpenAPI document, as SAM makes them. CloudFormation can't turn such routes into resources: the paths would be
// there already. So these APIs stay as they are, as resources of the environment, and call the live aliases.

import { sha256 } from '../../base/hash.ts';
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds } from '../../cfn/names.ts';
import { referredTo, type TemplateData } from '../against/values.ts';
import { replaceReferences } from '../intrinsics.ts';
import type { Own } from './own.ts';
import { translated } from './references.ts';
import { renameIn } from './rename.ts';

/** The section of project.yml for each such API, by its id in the stack. */
export function apiDefinitions({ Resources }: TemplateData): ReadonlyMap<string, 'rest' | 'http'> {
  return new Map(
    Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
      const section =
        Type === 'AWS::ApiGateway::RestApi' ? 'rest' : Type === 'AWS::ApiGatewayV2::Api' ? 'http' : undefined;
      const isDefined = Properties['Body'] !== undefined || Properties['BodyS3Location'] !== undefined;
      return section === undefined || !isDefined ? [] : [[id, section] as const];
    }),
  );
}

interface Defined {
  readonly theirs: TemplateData;
  readonly definitions: ReadonlyMap<string, 'rest' | 'http'>;
  /** Their ids in the stack, by those that fx gives to APIs of its own. */
  readonly apis: ReadonlyMap<string, string>;
}

/** Their resources are in the draft already. */
export function keepDefinedApis(own: Own, { theirs, definitions, apis }: Defined): void {
  const { draft, environment, project, place } = own;
  const resources = [...environment, 'resources'];
  const aliases = new Map(project.functions.map(({ name }) => [functionIds(name).function, functionIds(name).alias]));
  for (const [id, section] of definitions) {
    const properties = [...resources, id, 'Properties'];
    const body = draft.get([...properties, 'Body']);
    if (body !== undefined) draft.set([...properties, 'Body'], callingAliases(body as Plain, aliases));
    draft.comment([...resources, id], 'Its routes are in Body');
    const permissions = permitAliases(own, { theirs, id, aliases });
    if (section === 'rest') deployAgain(own, { theirs, id, permissions });
    draft.changed(
      place,
      `the ${section === 'rest' ? 'REST' : 'HTTP'} API ${id} stays as it is, with its routes in an OpenAPI document`,
      {
        remedy: `in ${environment.join('.')}, change routes in its Body; events of the functions make an API in all other environments`,
      },
    );
  }
  const kinds = new Set<string>(definitions.values());
  for (const { name } of project.functions) {
    const events = draft.get(['functions', name, 'events']);
    if (!Array.isArray(events)) continue;
    const others = events.filter(
      (event) => !(isMap(event as Plain) && Object.keys(event as object).some((kind) => kinds.has(kind))),
    );
    if (others.length < events.length) draft.set([...environment, 'functions', name, 'events'], others as Plain);
  }
  for (const section of ['defaults', 'functions', 'resources', 'outputs']) {
    renameIn(own, [section], apis);
  }
}

/** API Gateway may call the function itself already; now it calls its alias. Returns the ids of the permissions for that. */
function permitAliases(
  { draft, environment, known }: Own,
  {
    theirs,
    id,
    aliases,
  }: { readonly theirs: TemplateData; readonly id: string; readonly aliases: ReadonlyMap<string, string> },
): readonly string[] {
  const made: string[] = [];
  for (const [permission, { Type, Properties = {} }] of Object.entries(theirs.Resources)) {
    if (Type !== 'AWS::Lambda::Permission' || !referredTo(Properties['SourceArn']).includes(id)) continue;
    const [called = ''] = referredTo(Properties['FunctionName']);
    const isOfAlias = [...aliases.values()].includes(called);
    const alias = isOfAlias ? called : aliases.get(known.ids.get(called) ?? called);
    if (alias === undefined) continue;
    made.push(`${permission}OfAlias`);
    draft.set([...environment, 'resources', `${permission}OfAlias`], {
      Type,
      Properties: {
        ...(translated(Properties, known) as { readonly [key: string]: Plain }),
        FunctionName: { Ref: alias },
      },
    });
  }
  return made;
}

/** A deployment is of what there was when it was made: the calls of the aliases need another one, and so does each change of the routes. */
function deployAgain(
  { draft, environment }: Own,
  {
    theirs,
    id,
    permissions,
  }: { readonly theirs: TemplateData; readonly id: string; readonly permissions: readonly string[] },
): void {
  const resources = [...environment, 'resources'];
  const body = draft.get([...resources, id, 'Properties']);
  const made = `${id}Deployment${sha256(JSON.stringify(body)).slice(0, 8)}`;
  for (const [stage, { Type, Properties = {} }] of Object.entries(theirs.Resources)) {
    if (Type !== 'AWS::ApiGateway::Stage' || !referredTo(Properties['RestApiId']).includes(id)) continue;
    for (const deployment of referredTo(Properties['DeploymentId'])) draft.remove([...resources, deployment]);
    draft.set([...resources, made], {
      Type: 'AWS::ApiGateway::Deployment',
      // before it, API Gateway may not call the aliases
      ...(permissions.length === 0 ? {} : { DependsOn: [...permissions] }),
      Properties: { RestApiId: { Ref: id } },
    });
    draft.comment(
      [...resources, made],
      `A stage has the routes of its deployment: after a change of ${id}, give this another id`,
    );
    draft.set([...resources, stage, 'Properties', 'DeploymentId'], { Ref: made });
  }
}

/** The ARNs of functions as those of their aliases. */
function callingAliases(value: Plain, aliases: ReadonlyMap<string, string>): Plain {
  return replaceReferences(value, {
    reference: (Ref) => ({ Ref }),
    attribute: (id, path) => {
      const alias = path[0] === 'Arn' ? aliases.get(id) : undefined;
      return alias === undefined ? { 'Fn::GetAtt': [id, ...path] } : { Ref: alias };
    },
    inSub: (text, own) =>
      text.replace(/\$\{([A-Za-z0-9]+)\.Arn\}/g, (whole, id: string) => {
        const alias = own.has(id) ? undefined : aliases.get(id);
        return alias === undefined ? whole : `\${${alias}}`;
      }),
  });
}

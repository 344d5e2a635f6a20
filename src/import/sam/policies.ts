// Policies of a SAM function or state machine → permissions: statements, managed policies, and SAM's policy templates.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { isOneIntrinsic } from '../../cfn/value-schema.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { isNeedless } from '../roles.ts';
import { permissionOf } from '../serverless/permissions.ts';
import { dataTemplates } from './policy-templates/data.ts';
import { rareTemplates } from './policy-templates/rare.ts';
import type { Parameters, PolicyTemplate } from './policy-templates/resources.ts';
import { type SamTemplate, withOurIds } from './template.ts';

const policyTemplates: Readonly<Record<string, PolicyTemplate | readonly PolicyTemplate[]>> = {
  ...dataTemplates,
  ...rareTemplates,
};

export function policiesOf(
  sam: SamTemplate,
  policies: Cursor,
  { name, path, role }: { readonly name: string; readonly path: Path; readonly role: string },
): void {
  const { draft } = sam;
  const managed: Plain[] = [];
  const isTemplateMap = policies.isMap && policies.keys().every((key) => Object.hasOwn(policyTemplates, key));
  for (const item of isTemplateMap || !policies.isList ? [policies] : policies.items()) {
    const text = item.text();
    if (text !== undefined) {
      if (isNeedless(text)) {
        draft.carried(placeOf(item), `${text}: fx grants what logs, VPC and tracing need`);
        continue;
      }
      managed.push(text.startsWith('arn:') ? text : `arn:aws:iam::aws:policy/${text}`);
      continue;
    }
    const plain = item.isMap ? item.plain() : null;
    if (!isMap(plain)) continue;
    const statement = plain['Statement'];
    if (statement !== undefined) {
      for (const each of [statement].flat() as readonly Plain[]) {
        const permission = permissionOf(withOurIds(sam, each));
        draft.push([...path, 'permissions'], permission, placeOf(item));
      }
      continue;
    }
    const keys = Object.keys(plain);
    if (isOneIntrinsic(keys)) {
      if (isNeedless(plain)) draft.carried(placeOf(item), 'fx grants what logs, VPC and tracing need');
      else managed.push(withOurIds(sam, plain));
      continue;
    }
    // parameters beside the template, where its indentation slipped
    const beside = Object.entries(plain as Record<string, Plain>).filter(
      ([key]) => !Object.hasOwn(policyTemplates, key),
    );
    const named = keys.filter((key) => Object.hasOwn(policyTemplates, key));
    const hasSlipped = named.length === 1 && beside.length > 0 && plain[named[0] ?? ''] === null;
    const slipped = hasSlipped ? Object.fromEntries(beside) : undefined;
    for (const [template, given] of Object.entries(plain as Record<string, Plain>)) {
      const parameters = given ?? slipped ?? null;
      if (slipped !== undefined && Object.hasOwn(slipped, template)) continue;
      const row = Object.hasOwn(policyTemplates, template) ? policyTemplates[template] : undefined;
      if (row === undefined) {
        draft.dropped(placeOf(item), `fx does not know the policy ${template}`, {
          remedy: 'write what it allows under permissions',
          beside: path,
        });
        continue;
      }
      const asked = new Set<string>();
      const values = new Proxy(isMap(parameters) ? (withOurIds(sam, parameters) as Parameters) : {}, {
        get(target, key: string) {
          asked.add(key);
          return target[key];
        },
      });
      for (const statement of [row].flat() as readonly PolicyTemplate[]) {
        const [first, ...others] = statement.resources(values).map(simplified);
        if (first === undefined) {
          draft.dropped(placeOf(item), `the policy ${template} does not say what it is for`, {
            remedy: 'write what it allows under permissions',
            beside: path,
          });
          continue;
        }
        const permission = permissionOf({
          Action: [...statement.actions],
          Resource: others.length === 0 ? first : [first, ...others],
          ...(statement.condition === undefined ? {} : { Condition: mapped(statement.condition(values)) }),
        });
        draft.push([...path, 'permissions'], permission, placeOf(item));
      }
      for (const key of Object.keys(values)) {
        if (!asked.has(key))
          draft.dropped(placeOf(item), `the policy ${template} has no parameter ${key}`, { remedy: 'remove it' });
      }
      draft.carried(placeOf(item), `the policy ${template}`);
    }
  }
  if (managed.length > 0) {
    draft.merge(['extend', role, 'Properties', 'ManagedPolicyArns'], managed, placeOf(policies));
    draft.changed(placeOf(policies), `the role of "${name}" keeps its managed policies`, {
      remedy: `write what "${name}" needs under permissions instead`,
      beside: ['extend', role],
    });
  }
}

function mapped(condition: Plain): Plain {
  if (!isMap(condition) || condition['Fn::Sub'] !== undefined) return simplified(condition);
  return Object.fromEntries(
    Object.entries(condition as Record<string, Plain>).map(([key, value]) => [key, mapped(value)]),
  );
}

/** A Sub whose name is a text needs no variable. */
function simplified(value: Plain): Plain {
  if (!isMap(value)) return value;
  const sub = value['Fn::Sub'];
  if (!Array.isArray(sub)) return value;
  const name = (sub[1] as Record<string, Plain>)['Name'];
  const text = String(sub[0]);
  if (typeof name === 'string') return { 'Fn::Sub': text.replace('${Name}', () => name) };
  const inner = isMap(name ?? null) && Object.keys(name as object).length === 1 ? (name as Record<string, Plain>) : {};
  if (typeof inner['Ref'] === 'string')
    return { 'Fn::Sub': text.replace('${Name}', () => `\${${String(inner['Ref'])}}`) };
  const attribute = inner['Fn::GetAtt'];
  if (Array.isArray(attribute)) return { 'Fn::Sub': text.replace('${Name}', () => `\${${attribute.join('.')}}`) };
  return value;
}

// What a SAM function has that project.yml says of its generated resources, under extend.
import type { Plain } from '../../base/located.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { keepRole } from '../roles.ts';
import { type SamTemplate, withOurIds } from './template.ts';

const durablePolicy: Plain = {
  'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy',
};

export function extended(
  sam: SamTemplate,
  {
    name,
    resource,
    properties,
    globals,
  }: {
    readonly name: string;
    readonly resource: Cursor;
    readonly properties: Cursor;
    readonly globals: Cursor | undefined;
  },
): void {
  const { draft } = sam;
  const ids = functionIds(name);
  const keep = (path: Path, value: Cursor) =>
    draft.merge(['extend', ...path], withOurIds(sam, value.plain()), placeOf(value));
  for (const key of ['DeletionPolicy', 'UpdateReplacePolicy', 'UpdatePolicy', 'CreationPolicy']) {
    const value = resource.child(key);
    if (value !== undefined) keep([ids.function, key], value);
  }
  const role = properties.child('Role') ?? globals?.child('Role');
  if (role !== undefined)
    keepRole(draft, { name, role: withOurIds(sam, role.plain()), environment: 'dev' }, placeOf(role));
  for (const [theirs, ours] of [
    ['PermissionsBoundary', 'PermissionsBoundary'],
    ['RolePath', 'Path'],
    ['AssumeRolePolicyDocument', 'AssumeRolePolicyDocument'],
  ] as const) {
    const value = properties.child(theirs) ?? globals?.child(theirs);
    if (value !== undefined) keep([ids.role, 'Properties', ours], value);
  }
  for (const key of ['CodeSigningConfigArn', 'DurableConfig', 'TenancyConfig', 'CapacityProviderConfig']) {
    const value = properties.child(key) ?? globals?.child(key);
    if (value === undefined) continue;
    if (key === 'CapacityProviderConfig') {
      value.plain();
      draft.dropped(placeOf(value), 'fx runs functions on demand, not on instances of a capacity provider', {
        remedy: 'to try it: CapacityProviderConfig of the function under extend, with its FunctionScalingConfig',
        beside: ['functions', name],
      });
      continue;
    }
    keep([ids.function, 'Properties', key], value);
    draft.carried(placeOf(value), `${key}, under extend`);
    if (key === 'DurableConfig' && role === undefined)
      draft.push(['extend', ids.role, 'Properties', 'ManagedPolicyArns'], durablePolicy, placeOf(value));
  }
}

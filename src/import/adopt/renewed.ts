// The user's resources that have another id in one environment: the one that the stack has them under, or a new one. What names a function for
// good, such as a permission, is made anew under it, since fx's call the live alias, and the old one goes.
import type { Plain } from '../../base/located.ts';
import type { Tree } from '../draft.ts';
import type { FixedProperty } from './fixed.ts';
import type { Own } from './own.ts';
import { renameIn } from './rename.ts';

const renewable: ReadonlySet<string> = new Set([
  'AWS::Lambda::Permission',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::SNS::Subscription',
]);

/** Whether the resource can go and come again, without a loss. */
export const isRenewable = ({ type, id }: FixedProperty, { project }: Own): boolean =>
  renewable.has(type) && project.resources.has(id);

/** Gives resources other ids in this environment, and what refers to them. `ids`: the new ones, by those of the draft. `staying`: those that the
 * environment has under the old id, too. */
export function renew(own: Own, ids: ReadonlyMap<string, string>, staying: ReadonlySet<string>): void {
  const { draft, environment, project } = own;
  for (const [id, other] of ids) {
    draft.set([...environment, 'resources', other], draft.get(['resources', id]) as Plain);
    if (!staying.has(id)) draft.set([...environment, 'resources', id], null);
  }
  for (const section of ['defaults', 'functions', 'resources', 'outputs']) renameIn(own, [section], ids);
  for (const [id, resource] of Object.entries((draft.get(['resources']) ?? {}) as { [key: string]: Tree })) {
    const waits = [(resource as { DependsOn?: string | string[] } | null)?.DependsOn ?? []].flat();
    if (ids.has(id) || !waits.some((each) => ids.has(each))) continue;
    draft.set(
      [...environment, 'resources', id, 'DependsOn'],
      waits.map((each) => ids.get(each) ?? each),
    );
  }
  // these name resources without a reference
  const holders = [['defaults'], ...project.functions.map(({ name }) => ['functions', name])];
  for (const path of holders.flatMap((holder) => naming.map((key) => [...holder, key]))) {
    const value = draft.get(path);
    const renamed = value === undefined ? undefined : withNames(value, ids);
    if (JSON.stringify(renamed) !== JSON.stringify(value)) draft.set([...environment, ...path], renamed as Plain);
  }
}

const naming = ['events', 'destinations', 'deadLetterQueue'];

function withNames(value: Tree, ids: ReadonlyMap<string, string>): Tree {
  if (typeof value === 'string') return ids.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => withNames(item, ids));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNames(item, ids)]));
}

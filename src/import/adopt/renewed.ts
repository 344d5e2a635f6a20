// The user's resources that name a function for good, such as its permissions: fx's call its live alias, so that such a resource is made anew
// under another id, and the old one goes.
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

/** Gives the resources other ids in this environment, and what refers to them. */
export function renew(own: Own, ids: ReadonlySet<string>): void {
  const { draft, environment } = own;
  const renamed = new Map([...ids].map((id) => [id, `${id}OfFx`]));
  for (const [id, other] of renamed) {
    const resource = draft.get(['resources', id]);
    draft.set([...environment, 'resources', other], resource as Plain);
    draft.set([...environment, 'resources', id], null);
  }
  for (const section of ['functions', 'resources', 'outputs']) renameIn(own, [section], renamed);
  for (const [id, resource] of Object.entries((draft.get(['resources']) ?? {}) as { [key: string]: Tree })) {
    const waits = [(resource as { DependsOn?: string | string[] } | null)?.DependsOn ?? []].flat();
    if (ids.has(id) || !waits.some((each) => renamed.has(each))) continue;
    draft.set(
      [...environment, 'resources', id, 'DependsOn'],
      waits.map((each) => renamed.get(each) ?? each),
    );
  }
}

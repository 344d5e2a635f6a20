// Events that wait for a SAM function: how often they are tried again, and where they go then.
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { destinationId, idIn, reference, type SamTemplate, withOurIds } from './template.ts';

const madeTypes: Readonly<Record<string, { readonly kind: string; readonly type: string }>> = {
  sqs: { kind: 'Queue', type: 'AWS::SQS::Queue' },
  sns: { kind: 'Topic', type: 'AWS::SNS::Topic' },
};

/** @param name of the function; undefined for Globals. */
export function invokeOf(sam: SamTemplate, from: Cursor, to: Path, name: string | undefined): void {
  const { draft } = sam;
  const dead = from.child('DeadLetterQueue');
  if (dead !== undefined) {
    dead.child('Type')?.plain();
    draft.set([...to, 'deadLetterQueue'], reference(sam, dead.child('TargetArn')?.plain()), placeOf(dead));
  }
  const invoke = from.child('EventInvokeConfig');
  for (const [theirs, ours] of [
    ['MaximumEventAgeInSeconds', 'maximumEventAge'],
    ['MaximumRetryAttempts', 'maximumRetryAttempts'],
  ] as const) {
    const value = invoke?.child(theirs);
    if (value !== undefined) draft.set([...to, ours], withOurIds(sam, value.plain()), placeOf(value));
  }
  for (const [theirs, ours] of [
    ['OnSuccess', 'onSuccess'],
    ['OnFailure', 'onFailure'],
  ] as const) {
    const target = invoke?.child('DestinationConfig')?.child(theirs);
    if (target === undefined) continue;
    const type = target.child('Type')?.text()?.toLowerCase();
    const arn = target.child('Destination')?.plain();
    if (arn !== undefined) {
      draft.set([...to, 'destinations', ours], destination(sam, arn, type), placeOf(target));
      continue;
    }
    const made = type === undefined ? undefined : madeTypes[type];
    if (made === undefined || name === undefined) {
      draft.dropped(placeOf(target), `${theirs} has no Destination`, {
        remedy: `name one under destinations: {${ours}: …}`,
        beside: to,
      });
      continue;
    }
    const id = destinationId(name, theirs, made.kind);
    draft.set(['resources', id], { Type: made.type }, placeOf(target));
    draft.set([...to, 'destinations', ours], id, placeOf(target));
    draft.carried(placeOf(target), `the ${made.kind.toLowerCase()} that SAM makes for it is ${id}`);
  }
}

function destination(sam: SamTemplate, arn: Plain, type: string | undefined): Plain {
  const id = idIn(arn);
  const own = id === undefined ? undefined : (sam.functions.get(id) ?? (sam.resources.has(id) ? id : undefined));
  return own ?? (type === undefined ? withOurIds(sam, arn) : { type, arn: withOurIds(sam, arn) });
}

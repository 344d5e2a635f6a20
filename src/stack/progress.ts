// How far a change is: which resources are done, and which one takes longest.
import type { StackEvent } from '../aws/aws.ts';
import type { ResourceReport } from '../base/report.ts';
import { plainReason } from './cause.ts';

interface Known {
  readonly type: string;
  readonly isNested: boolean;
  /** When it was first seen in progress; undefined while it is at rest. */
  began: number | undefined;
  isDone: boolean;
}

/** Counts each resource once, whatever the number of its events. */
export class Progress {
  readonly #expected: number;
  readonly #resources = new Map<string, Known>();

  /** How many resources of the root stack should change; 0 if unknown. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** The report of a resource's event. `path`: the logical ids of the nested stacks that it is in. */
  add(event: StackEvent, path: readonly string[], now: number): ResourceReport {
    const name = [...path, event.logicalId].join('/');
    const known = this.#resources.get(name) ?? {
      type: event.type,
      isNested: path.length > 0,
      began: undefined,
      isDone: false,
    };
    this.#resources.set(name, known);
    // most resources report their beginning twice, and once more when they are configured but not yet stable (DetailedStatus)
    if (event.status.endsWith('_IN_PROGRESS')) known.began ??= now;
    else known.began = undefined;
    if (/_COMPLETE$|_FAILED$|_SKIPPED$/.test(event.status)) known.isDone = true;
    const { done, total } = this.#count();
    return {
      kind: 'resource',
      logicalId: name,
      resourceType: event.type,
      status: event.status,
      reason: event.reason === undefined ? undefined : plainReason(event.reason),
      done,
      total,
      slowest: this.#slowest(),
    };
  }

  #count(): { readonly done: number; readonly total: number } {
    const all = [...this.#resources.values()];
    const nested = all.filter(({ isNested }) => isNested).length;
    return {
      done: all.filter(({ isDone }) => isDone).length,
      total: Math.max(this.#expected, all.length - nested) + nested,
    };
  }

  /** Of a nested stack, what is in it: the stack itself always takes longer. */
  #slowest(): ResourceReport['slowest'] {
    let slowest: ResourceReport['slowest'];
    for (const [name, { type, began }] of this.#resources) {
      if (began === undefined || (slowest !== undefined && slowest.began <= began)) continue;
      const holdsAnother = [...this.#resources].some(
        ([other, inside]) => other.startsWith(`${name}/`) && inside.began !== undefined,
      );
      if (!holdsAnother) slowest = { logicalId: name, resourceType: type, began };
    }
    return slowest;
  }
}

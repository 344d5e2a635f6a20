// The events of nested stacks while their root changes.
import type { StackEvent, Stacks } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';

/** An event, and the logical ids of the stacks that its stack is nested in. */
export interface NestedEvent {
  readonly event: StackEvent;
  readonly path: readonly string[];
}

interface Nested {
  readonly path: readonly string[];
  /** The newest event that was read. */
  last: string | undefined;
  /** Whether it may have more. */
  isOpen: boolean;
}

const stackType = 'AWS::CloudFormation::Stack';

export class NestedStacks {
  readonly #stacks: Pick<Stacks, 'events'>;
  readonly #known = new Map<string, Nested>();

  constructor(stacks: Pick<Stacks, 'events'>) {
    this.#stacks = stacks;
  }

  /** Takes note of a nested stack, if this is an event of one. `path`: where the event's stack is. */
  note({ type, physicalId, logicalId, status }: StackEvent, path: readonly string[]): void {
    if (type !== stackType || physicalId === undefined || physicalId === '') return;
    const known = this.#known.get(physicalId);
    if (known !== undefined) known.isOpen = true;
    else if (status.endsWith('_IN_PROGRESS'))
      this.#known.set(physicalId, { path: [...path, logicalId], last: undefined, isOpen: true });
  }

  /** The events since the last time, oldest first in each stack; none from before `began`. */
  async fresh(began: Date | undefined): Promise<readonly NestedEvent[]> {
    const found: NestedEvent[] = [];
    // a nested stack may have more of them: they are added while this goes on
    for (const [id, nested] of this.#known) {
      if (!nested.isOpen) continue;
      for (const event of [...(await this.#read(id, nested))].reverse()) {
        nested.last = event.id;
        if (began !== undefined && event.time < began) continue;
        if (event.physicalId === id) {
          nested.isOpen = event.status.endsWith('_IN_PROGRESS');
          continue;
        }
        this.note(event, nested.path);
        found.push({ event, path: nested.path });
      }
    }
    return found;
  }

  /** Progress is no reason to fail. */
  async #read(id: string, nested: Nested): Promise<readonly StackEvent[]> {
    try {
      return await this.#stacks.events(id, nested.last);
    } catch (error) {
      if (!(error instanceof FxError) || error.code !== 'AWS_REFUSED') throw error;
      nested.isOpen = false;
      return [];
    }
  }
}

// Items by sorted keys, in runs of a bounded length, so that a write moves few of them however many there are.
import type { Range } from './dynalite.ts';

const longestRun = 512;

export class SortedMap<V> {
  readonly #runs: string[][] = [];
  readonly #values = new Map<string, V>();

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    const isNew = !this.#values.has(key);
    this.#values.set(key, value);
    if (!isNew) return;
    const at = this.#runFor(key);
    const run = this.#runs[at];
    if (run === undefined) {
      this.#runs.push([key]);
      return;
    }
    run.splice(positionIn(run, key), 0, key);
    if (run.length > longestRun) this.#runs.splice(at + 1, 0, run.splice(longestRun >> 1));
  }

  delete(key: string): boolean {
    if (!this.#values.delete(key)) return false;
    const at = this.#runFor(key);
    const run = this.#runs[at] ?? [];
    run.splice(positionIn(run, key), 1);
    if (run.length === 0) this.#runs.splice(at, 1);
    return true;
  }

  /** The values of a range, in the order of their keys, or from the last. */
  *range({ gt, gte, lt, lte, reverse = false, limit = -1 }: Range): Generator<V> {
    let left = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    const isIn = (key: string) =>
      (gt === undefined || key > gt) &&
      (gte === undefined || key >= gte) &&
      (lt === undefined || key < lt) &&
      (lte === undefined || key <= lte);
    const from = reverse ? (lte ?? lt) : (gte ?? gt);
    const step = reverse ? -1 : 1;
    const last = this.#runs.length - 1;
    let at = from === undefined ? (reverse ? last : 0) : Math.min(this.#runFor(from), last);
    for (let isFirst = true; at >= 0 && at <= last; at += step, isFirst = false) {
      const run = this.#runs[at] ?? [];
      let position = reverse ? run.length - 1 : 0;
      if (isFirst && from !== undefined) position = Math.min(positionIn(run, from), run.length - 1);
      for (; position >= 0 && position < run.length; position += step) {
        const key = run[position] ?? '';
        if (!isIn(key)) {
          // the first key may be just outside of the range
          if (reverse ? key > (lte ?? lt ?? key) || key === lt : key < (gte ?? gt ?? key) || key === gt) continue;
          return;
        }
        if (left-- <= 0) return;
        yield this.#values.get(key) as V;
      }
    }
  }

  /** The run that has the key, or would have it. */
  #runFor(key: string): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.[0] ?? '') <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Where the key is in a sorted run, or would be. */
function positionIn(run: readonly string[], key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

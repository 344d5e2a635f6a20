// A binary heap: finds and removes the smallest item in logarithmic time.

export class Heap<T> {
  readonly #compare: (left: T, right: T) => number;
  readonly #items: T[] = [];

  constructor(compare: (left: T, right: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let at = this.#items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || this.#compare(above, item) <= 0) break;
      this.#items[at] = above;
      at = parent;
    }
    this.#items[at] = item;
  }

  pop(): T | undefined {
    const least = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return least;
  }

  /** Puts an item at the top and sifts it down. */
  #sink(item: T): void {
    let at = 0;
    for (;;) {
      const left = this.#items[2 * at + 1];
      const right = this.#items[2 * at + 2];
      if (left === undefined) break;
      const takesRight = right !== undefined && this.#compare(right, left) < 0;
      const lesser = takesRight ? right : left;
      if (this.#compare(lesser, item) >= 0) break;
      this.#items[at] = lesser;
      at = 2 * at + (takesRight ? 2 : 1);
    }
    this.#items[at] = item;
  }
}

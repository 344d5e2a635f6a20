// The variables of a flow. Branches and iterations see those outside, and have their own.
// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope
import { StateError } from './state-error.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits
const variableBytes = 262_144;

export class Variables {
  readonly #outer: Variables | undefined;
  #own: Readonly<Record<string, unknown>>;

  constructor(own: Readonly<Record<string, unknown>> = {}, outer?: Variables) {
    this.#own = own;
    this.#outer = outer;
  }

  inner(): Variables {
    return new Variables({}, this);
  }

  get(name: string): unknown {
    return Object.hasOwn(this.#own, name) ? this.#own[name] : this.#outer?.get(name);
  }

  all(): Record<string, unknown> {
    return { ...this.#outer?.all(), ...this.#own };
  }

  own(): Readonly<Record<string, unknown>> {
    return this.#own;
  }

  assign(values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) {
      if (Buffer.byteLength(JSON.stringify(value ?? null)) <= variableBytes) continue;
      throw new StateError('States.Runtime', `The variable '${name}' is larger than 256 KiB`, true);
    }
    this.#own = { ...this.#own, ...values };
  }
}

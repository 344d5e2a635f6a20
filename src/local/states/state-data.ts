// The data of one state, from its input to its output, in both query languages.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
import type { Fields } from '../../cfn/states-definition.ts';
import { fillExpressions } from './jsonata.ts';
import { runtimeError } from './state-error.ts';
import { fillTemplate, pathField, type Values, withResult } from './values.ts';
import type { Variables } from './variables.ts';

export interface ErrorOutput {
  readonly Error?: string;
  readonly Cause?: string;
}

/** What the context object of an iteration shows. */
export interface Item {
  readonly Index: number;
  readonly Value: unknown;
}

export interface StateData {
  /** What the state works on. */
  input(): unknown;
  /** What it sends to a task or its branches. */
  arguments(): Promise<unknown>;
  /** The value of a field such as TimeoutSeconds, whose path is in TimeoutSecondsPath. */
  field(name: string): Promise<unknown>;
  /** A template or expression in the state's own data; for an iteration, with its item. */
  fill(value: unknown, field: string, item?: Item): Promise<unknown>;
  /** The state's output, after it assigned its variables. */
  output(result: unknown): Promise<unknown>;
  /** The output of a state without a result of its own. */
  passed(rule?: Fields): Promise<unknown>;
  caught(catcher: Fields, error: ErrorOutput): Promise<unknown>;
}

interface Parts {
  readonly state: Fields;
  readonly raw: unknown;
  readonly variables: Variables;
  context(item?: Item): Record<string, unknown>;
  inspect(name: string, value: unknown): void;
}

export class JsonPathData implements StateData {
  readonly #parts: Parts;
  #input: { readonly value: unknown } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  input(): unknown {
    if (this.#input === undefined) {
      const path = this.#parts.state['InputPath'] as string | null | undefined;
      this.#input = { value: pathField(path, this.#values(this.#parts.raw)) };
      this.#parts.inspect('afterInputPath', this.#input.value);
    }
    return this.#input.value;
  }

  async arguments(): Promise<unknown> {
    const template = this.#parts.state['Parameters'];
    const filled = template === undefined ? this.input() : fillTemplate(template, this.#values(this.input()));
    this.#parts.inspect('afterParameters', filled);
    return filled;
  }

  async field(name: string): Promise<unknown> {
    const { state } = this.#parts;
    const path = state[`${name}Path`];
    if (path === undefined) return state[name];
    return pathField(String(path), this.#values(this.input()));
  }

  async fill(value: unknown, _field: string, item?: Item): Promise<unknown> {
    return fillTemplate(value, { ...this.#values(this.input()), context: this.#parts.context(item) });
  }

  async output(result: unknown): Promise<unknown> {
    const { state, raw, inspect } = this.#parts;
    const selector = state['ResultSelector'];
    const selected = selector === undefined ? result : fillTemplate(selector, this.#values(result));
    inspect('afterResultSelector', selected);
    const merged = withResult(raw, state['ResultPath'] as string | null | undefined, selected);
    inspect('afterResultPath', merged);
    this.#assign(state, result);
    return this.#filtered(merged);
  }

  async passed(rule?: Fields): Promise<unknown> {
    const input = this.input();
    this.#assign(rule?.['Assign'] === undefined ? this.#parts.state : rule, input);
    return this.#filtered(input);
  }

  async caught(catcher: Fields, error: ErrorOutput): Promise<unknown> {
    this.#assign(catcher, error);
    return withResult(this.#parts.raw, catcher['ResultPath'] as string | null | undefined, error);
  }

  holds(rule: Fields, decide: (rule: Fields, values: Values) => boolean): boolean {
    return decide(rule, this.#values(this.input()));
  }

  #filtered(output: unknown): unknown {
    const path = this.#parts.state['OutputPath'] as string | null | undefined;
    return pathField(path, this.#values(output));
  }

  #assign(fields: Fields, input: unknown): void {
    const { variables } = this.#parts;
    const assigned = fields['Assign'];
    if (assigned !== undefined)
      variables.assign(fillTemplate(assigned, this.#values(input)) as Record<string, unknown>);
  }

  #values(input: unknown): Values {
    return { input, context: this.#parts.context(), variables: this.#parts.variables };
  }
}

export class JsonataData implements StateData {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  input(): unknown {
    return this.#parts.raw;
  }

  async arguments(): Promise<unknown> {
    const given = this.#parts.state['Arguments'];
    const filled = given === undefined ? this.input() : await this.fill(given, 'Arguments');
    this.#parts.inspect('afterArguments', filled);
    return filled;
  }

  field(name: string): Promise<unknown> {
    return this.fill(this.#parts.state[name], name);
  }

  fill(value: unknown, field: string, item?: Item): Promise<unknown> {
    return this.#filled(value, field, { context: this.#parts.context(item) });
  }

  output(result: unknown): Promise<unknown> {
    return this.#finish(this.#parts.state, { result }, result);
  }

  passed(rule?: Fields): Promise<unknown> {
    const { state } = this.#parts;
    const fields = { ...pickOutput(state), ...pickOutput(rule ?? {}) };
    return this.#finish(fields, {}, this.input());
  }

  caught(catcher: Fields, errorOutput: ErrorOutput): Promise<unknown> {
    return this.#finish(catcher, { errorOutput }, errorOutput);
  }

  /** Output and Assign see the variables as they were. */
  async #finish(fields: Fields, more: object, otherwise: unknown): Promise<unknown> {
    const { Output, Assign } = fields;
    const output = Output === undefined ? otherwise : await this.#filled(Output, 'Output', more);
    if (Assign !== undefined) {
      this.#parts.variables.assign((await this.#filled(Assign, 'Assign', more)) as Record<string, unknown>);
    }
    return output;
  }

  #filled(value: unknown, field: string, more: object): Promise<unknown> {
    const states = { input: this.#parts.raw, context: this.#parts.context(), ...more };
    return fillExpressions(value, field, { states, variables: this.#parts.variables.all() });
  }
}

function pickOutput({ Output, Assign }: Fields): Fields {
  return { ...(Output === undefined ? {} : { Output }), ...(Assign === undefined ? {} : { Assign }) };
}

/** A number in a field. */
export async function numberField(data: StateData, name: string): Promise<number | undefined> {
  const value = await data.field(name);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0) return value;
  throw runtimeError(`The field '${name}' must be a number, but is ${JSON.stringify(value)}`);
}

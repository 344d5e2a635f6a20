// Checks a definition in the Amazon States Language, in the words of AWS's own validation.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
import { isReferencePath } from './json-path.ts';
import { ChoiceChecks } from './states-choice.ts';
import {
  callablePathFields,
  expressionIn,
  flowFields,
  isTimestamp,
  nullablePaths,
  pathFields,
  type QueryLanguage,
  requiredFields,
  stateFields,
  templateFields,
} from './states-fields.ts';
import { isIntrinsic, isPath, parseIntrinsic } from './states-intrinsic.ts';

export interface Diagnostic {
  readonly code: 'MISSING_TRANSITION_TARGET' | 'SCHEMA_VALIDATION_FAILED' | 'DUPLICATE_STATE_NAME';
  readonly message: string;
  /** The keys on the way to the value. */
  readonly path: readonly (string | number)[];
}

export interface CheckOptions {
  readonly type: 'STANDARD' | 'EXPRESS';
  /** What is wrong with a JSONata expression. */
  expressionProblem(expression: string): string | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;
type Path = Diagnostic['path'];

/** Everything that is wrong with the definition, in its order. */
export function checkDefinition(definition: unknown, options: CheckOptions): readonly Diagnostic[] {
  const check = new Check(options);
  if (!isFields(definition)) check.report([], 'Definition must be a valid JSON object');
  else check.flow(definition, [], { fields: flowFields.machine, language: 'JSONPath' });
  return check.found;
}

/** A state with its place in the definition. */
export interface PlacedState {
  readonly name: string;
  readonly state: Fields;
  readonly path: Path;
  readonly language: QueryLanguage;
}

/** Every state, also those in branches and item processors. Anything else is left out. */
export function* statesIn(flow: Fields, path: Path = [], outer: QueryLanguage = 'JSONPath'): Generator<PlacedState> {
  const languageIn = (fields: Fields, otherwise: QueryLanguage) =>
    fields['QueryLanguage'] === 'JSONata' ? 'JSONata' : otherwise;
  const ofFlow = languageIn(flow, outer);
  for (const [name, state] of Object.entries(isFields(flow['States']) ? flow['States'] : {})) {
    if (!isFields(state)) continue;
    const at = [...path, 'States', name];
    const language = languageIn(state, ofFlow);
    yield { name, state, path: at, language };
    const { Branches } = state;
    for (const [index, branch] of Array.isArray(Branches) ? Branches.entries() : []) {
      if (isFields(branch)) yield* statesIn(branch, [...at, 'Branches', index], language);
    }
    for (const key of ['ItemProcessor', 'Iterator']) {
      const processor = state[key];
      if (isFields(processor)) yield* statesIn(processor, [...at, key], language);
    }
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As AWS writes a location: `/States/Wait/Next`. */
export function locationOf(path: Path): string {
  return `/${path.join('/')}`;
}

class Check {
  readonly found: Diagnostic[] = [];
  readonly #options: CheckOptions;
  readonly #names = new Set<string>();

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  report(path: Path, message: string, code: Diagnostic['code'] = 'SCHEMA_VALIDATION_FAILED'): void {
    this.found.push({ code, message, path });
  }

  /** The states of a machine, a branch or an item processor. */
  flow(
    flow: Fields,
    path: Path,
    { fields, language: outer }: { readonly fields: readonly string[]; readonly language: QueryLanguage },
  ): void {
    const missing = ['States', 'StartAt'].filter((name) => flow[name] === undefined);
    if (missing.length > 0) this.report(path, `These fields are required: [${missing.join(', ')}]`);
    this.#onlyKnown(flow, path, fields);
    const language = this.#language(flow, path, outer);
    this.#number(flow, path, 'TimeoutSeconds', language);
    const states = flow['States'];
    if (states === undefined) return;
    if (!isFields(states) || Object.keys(states).length === 0) {
      this.report([...path, 'States'], 'States must have at least one state');
      return;
    }
    const reached = new Set<unknown>([flow['StartAt']]);
    if (flow['StartAt'] !== undefined) this.#target(states, [...path, 'StartAt'], flow['StartAt'], 'StartAt');
    for (const [name, state] of Object.entries(states)) {
      const at = [...path, 'States', name];
      this.#name(name, at);
      if (!isFields(state)) this.report(at, 'A state must be a JSON object');
      else for (const target of this.#state(state, at, states, language)) reached.add(target);
    }
    for (const name of Object.keys(states)) {
      if (reached.has(name)) continue;
      this.report([...path, 'States', name], `State "${name}" is not reachable.`, 'MISSING_TRANSITION_TARGET');
    }
  }

  /** State names are unique in the whole machine and have at most 80 characters. */
  #name(name: string, at: Path): void {
    if (this.#names.has(name)) this.report(at, `Duplicate state name: ${name}`, 'DUPLICATE_STATE_NAME');
    this.#names.add(name);
    if (name.length > 80) this.report(at, 'The name of a state must have at most 80 characters');
  }

  /** Returns the names of the states that follow. */
  #state(state: Fields, at: Path, states: Fields, outer: QueryLanguage): readonly unknown[] {
    const type = state['Type'];
    const known = typeof type === 'string' ? stateFields[type] : undefined;
    if (type === undefined) this.report(at, 'These fields are required: [Type]');
    else if (known === undefined) {
      this.report([...at, 'Type'], `Type must be one of [${Object.keys(stateFields).join(', ')}]`);
    }
    if (known === undefined || typeof type !== 'string') return [];
    const language = this.#language(state, at, outer);
    this.#onlyKnown(state, at, [...known.all, ...known[language]]);
    const missing = (requiredFields[type] ?? []).filter((name) => state[name] === undefined);
    if (missing.length > 0) this.report(at, `These fields are required: [${missing.join(', ')}]`);
    this.#values(state, at, language);
    const targets = [
      ...this.#next(state, at, states, known.all.includes('Next')),
      ...this.#catchers(state, at, states, language),
    ];
    if (state['Retry'] !== undefined) this.#retriers(state['Retry'], [...at, 'Retry']);
    switch (type) {
      case 'Choice':
        return [...targets, ...this.#choice(state, at, states, language)];
      case 'Task':
        this.#resource(state['Resource'], [...at, 'Resource']);
        break;
      case 'Wait':
        this.#wait(state, at);
        break;
      case 'Parallel':
        this.#branches(state['Branches'], [...at, 'Branches'], language);
        break;
      case 'Map':
        this.#processor(state, at, language);
        break;
    }
    return targets;
  }

  #next(state: Fields, at: Path, states: Fields, isTransient: boolean): readonly unknown[] {
    if (!isTransient) return [];
    const { Next, End } = state as { Next?: unknown; End?: unknown };
    if (End !== undefined && typeof End !== 'boolean') this.report([...at, 'End'], 'End must be a boolean');
    if ((Next !== undefined) === (End === true))
      this.report(at, 'Exactly one of these fields is required: [Next, End]');
    if (Next !== undefined) this.#target(states, [...at, 'Next'], Next, 'Next');
    return Next === undefined ? [] : [Next];
  }

  #target(states: Fields, at: Path, name: unknown, field: string): void {
    if (typeof name === 'string' && Object.hasOwn(states, name)) return;
    this.report(at, `Missing '${field}' target: ${name}`, 'MISSING_TRANSITION_TARGET');
  }

  #catchers(state: Fields, at: Path, states: Fields, language: QueryLanguage): readonly unknown[] {
    if (state['Catch'] === undefined) return [];
    return this.#handlers(state['Catch'], [...at, 'Catch'], (catcher, place) => {
      const fields = ['ErrorEquals', 'Next', 'Comment', 'Assign', language === 'JSONata' ? 'Output' : 'ResultPath'];
      this.#onlyKnown(catcher, place, fields);
      this.#values(catcher, place, language);
      if (catcher['Next'] === undefined) this.report(place, 'These fields are required: [Next]');
      else this.#target(states, [...place, 'Next'], catcher['Next'], 'Next');
      return catcher['Next'];
    });
  }

  // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
  #retriers(retry: unknown, at: Path): void {
    this.#handlers(retry, at, (retrier, place) => {
      const fields = ['IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'];
      this.#onlyKnown(retrier, place, ['ErrorEquals', 'Comment', ...fields]);
      const bounds = {
        IntervalSeconds: [1, 99_999_999],
        MaxAttempts: [0, 99_999_999],
        MaxDelaySeconds: [1, 31_622_399],
      };
      for (const [name, [least = 0, most = 0]] of Object.entries(bounds)) {
        const value = retrier[name];
        if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most))
          continue;
        this.report([...place, name], `${name} must be an integer from ${least} to ${most}`);
      }
      const rate = retrier['BackoffRate'];
      if (rate !== undefined && !(typeof rate === 'number' && rate >= 1)) {
        this.report([...place, 'BackoffRate'], 'BackoffRate must be a number of at least 1');
      }
      const jitter = retrier['JitterStrategy'];
      if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE') {
        this.report([...place, 'JitterStrategy'], 'JitterStrategy must be one of [FULL, NONE]');
      }
    });
  }

  #handlers(list: unknown, at: Path, each: (handler: Fields, place: Path) => unknown): readonly unknown[] {
    if (!Array.isArray(list)) {
      this.report(at, `${at.at(-1)} must be an array`);
      return [];
    }
    return list.map((handler: unknown, index) => {
      const place = [...at, index];
      if (!isFields(handler)) return this.report(place, 'Value must be a JSON object');
      const names = handler['ErrorEquals'];
      if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string')) {
        this.report(place, 'ErrorEquals must be an array of at least one error name');
      } else if (names.includes('States.ALL') && (names.length > 1 || index < list.length - 1)) {
        this.report(place, 'States.ALL must appear alone in ErrorEquals and in the last of them');
      }
      return each(handler, place);
    });
  }

  #choice(state: Fields, at: Path, states: Fields, language: QueryLanguage): readonly unknown[] {
    const targets: unknown[] = [];
    if (state['Default'] !== undefined) {
      this.#target(states, [...at, 'Default'], state['Default'], 'Default');
      targets.push(state['Default']);
    }
    const choices = state['Choices'];
    if (choices === undefined) return targets;
    if (!Array.isArray(choices) || choices.length === 0) {
      this.report([...at, 'Choices'], 'Choices must have at least one rule');
      return targets;
    }
    const rules = new ChoiceChecks(language, (path, message) => this.report(path, message));
    for (const [index, rule] of choices.entries()) {
      const place = [...at, 'Choices', index];
      if (!isFields(rule)) {
        this.report(place, 'A rule must be a JSON object');
        continue;
      }
      rules.rule(rule, place);
      this.#values(rule, place, language);
      this.#target(states, [...place, 'Next'], rule['Next'], 'Next');
      targets.push(rule['Next']);
    }
    return targets;
  }

  #resource(resource: unknown, at: Path): void {
    if (resource === undefined) return;
    if (typeof resource !== 'string' || !/^arn:[\w-]+:(lambda|states):/.test(resource)) {
      const message = `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
      this.report(at, message);
      return;
    }
    if (this.#options.type === 'STANDARD') return;
    const pattern = /\.(waitForTaskToken|sync(:2)?)$/.exec(resource)?.[0];
    if (pattern !== undefined) {
      this.report(at, `Express state machine does not support '${pattern}' service integration `);
    } else if (resource.includes(':activity:')) {
      this.report(at, 'Express state machine does not support activities');
    }
  }

  #wait(state: Fields, at: Path): void {
    const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((name) => state[name] !== undefined);
    if (given.length !== 1) {
      this.report(at, 'Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]');
    }
    const time = state['Timestamp'];
    if (time !== undefined && expressionIn(time) === undefined && !isTimestamp(time)) {
      this.report([...at, 'Timestamp'], 'Timestamp must be a time such as 2026-11-29T12:00:00Z');
    }
  }

  #branches(branches: unknown, at: Path, language: QueryLanguage): void {
    if (branches === undefined) return;
    if (!Array.isArray(branches) || branches.length === 0) {
      this.report(at, 'Branches must have at least one branch');
      return;
    }
    for (const [index, branch] of branches.entries()) {
      if (isFields(branch)) this.flow(branch, [...at, index], { fields: flowFields.branch, language });
      else this.report([...at, index], 'A branch must be a JSON object');
    }
  }

  #processor(state: Fields, at: Path, language: QueryLanguage): void {
    const name = state['ItemProcessor'] === undefined ? 'Iterator' : 'ItemProcessor';
    const processor = state[name];
    if (isFields(processor)) this.flow(processor, [...at, name], { fields: flowFields.branch, language });
    else this.report(at, 'These fields are required: [ItemProcessor]');
  }

  #language(fields: Fields, at: Path, outer: QueryLanguage): QueryLanguage {
    const language = fields['QueryLanguage'];
    if (language === undefined) return outer;
    if (language !== 'JSONPath' && language !== 'JSONata') {
      this.report([...at, 'QueryLanguage'], 'QueryLanguage must be one of [JSONPath, JSONata]');
      return outer;
    }
    if (language === 'JSONPath' && outer === 'JSONata') {
      this.report(at, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
    }
    return language;
  }

  #onlyKnown(fields: Fields, at: Path, known: readonly string[]): void {
    for (const name of Object.keys(fields)) {
      if (!known.includes(name)) this.report([...at, name], 'Field is not supported');
    }
  }

  #values(fields: Fields, at: Path, language: QueryLanguage): void {
    for (const name of ['TimeoutSeconds', 'HeartbeatSeconds', 'Seconds']) this.#number(fields, at, name, language);
    if (language === 'JSONata') {
      const skipped = ['ItemProcessor', 'Branches', 'Choices', 'Catch', 'Retry', 'Iterator'];
      for (const [name, value] of Object.entries(fields)) {
        if (!skipped.includes(name)) this.#expressions(value, [...at, name]);
      }
      return;
    }
    for (const name of pathFields) this.#path(fields, at, name);
    for (const name of callablePathFields) this.#computed(fields[name], [...at, name]);
    for (const name of templateFields) this.#template(fields[name], [...at, name]);
  }

  #number(fields: Fields, at: Path, name: string, language: QueryLanguage): void {
    const value = fields[name];
    if (value === undefined || (language === 'JSONata' && expressionIn(value) !== undefined)) return;
    const least = name === 'Seconds' ? 0 : 1;
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= 99_999_999) return;
    this.report([...at, name], `${name} must be an integer from ${least} to 99999999`);
  }

  #path(fields: Fields, at: Path, name: string): void {
    const value = fields[name];
    if (value === undefined || (value === null && nullablePaths.includes(name))) return;
    const isGood =
      typeof value === 'string' && (name === 'ResultPath' ? isReferencePath(value) : isPath(value) || isCall(value));
    if (isGood) return;
    const kind = name === 'ResultPath' ? 'Reference Path' : 'valid JSONPath';
    this.report([...at, name], `Value is not a ${kind}: ${JSON.stringify(value)}`);
  }

  #template(value: unknown, at: Path): void {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) this.#template(item, [...at, index]);
    if (!isFields(value)) return;
    for (const [name, item] of Object.entries(value)) {
      if (name.endsWith('.$')) this.#computed(item ?? null, [...at, name]);
      else this.#template(item, [...at, name]);
    }
  }

  #computed(value: unknown, at: Path): void {
    if (value === undefined || (typeof value === 'string' && (isPath(value) || isCall(value)))) return;
    const message = `The value for the field '${at.at(-1)}' must be a valid JSONPath or a valid intrinsic function call`;
    this.report(at, message);
  }

  #expressions(value: unknown, at: Path): void {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) this.#expressions(item, [...at, index]);
    if (isFields(value)) for (const [name, item] of Object.entries(value)) this.#expressions(item, [...at, name]);
    const expression = expressionIn(value);
    const problem = expression === undefined ? undefined : this.#options.expressionProblem(expression);
    if (problem !== undefined) this.report(at, `The JSONata expression '${expression}' is not valid: ${problem}`);
  }
}

function isCall(text: string): boolean {
  return isIntrinsic(text) && parseIntrinsic(text) !== undefined;
}

// Event patterns: which JSON events a rule of EventBridge, or a filter of a Lambda event source mapping, selects.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
// The order of checks and the words of the errors are those of AWS's own matcher, https://github.com/aws/event-ruler, which EventBridge runs.
import { compileCondition, type LeafTest, type Scalar } from './event-pattern-condition.ts';
import { type Dialect, PatternError, type PatternPath } from './event-pattern-language.ts';

/** Whether an event (any JSON value) is selected. */
export type EventTest = (event: unknown) => boolean;

/** The conditions on each leaf, by its name: all must be met. `$or` makes several branches, of which one is enough. */
type Branch = ReadonlyMap<string, readonly LeafTest[]>;

/** "The number of combinations must not exceed 1,000":
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or */
const mostBranches = 1000;

/** Compiles a pattern that was parsed from JSON or YAML. Throws a PatternError that tells the wrong part. */
export function compileEventPattern(pattern: unknown, dialect: Dialect): EventTest {
  if (!isObject(pattern)) throw new PatternError('Filter is not an object', []);
  const branches = compileObject(pattern, { names: [], path: [], inOr: false, dialect }, []);
  return (event) => {
    const leaves = leavesOf(event);
    return branches.some((branch) => matches([...branch], leaves, new Map()));
  };
}

interface Place {
  /** The keys to here, without `$or` and its indices. */
  readonly names: readonly string[];
  readonly path: PatternPath;
  readonly inOr: boolean;
  readonly dialect: Dialect;
}

function compileObject(
  pattern: Readonly<Record<string, unknown>>,
  place: Place,
  before: readonly Branch[],
): readonly Branch[] {
  let branches = before;
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new PatternError('Empty objects are not allowed', place.path, 'end');
  for (const [key, value] of entries) {
    const path = [...place.path, key];
    if (key === '$or') {
      branches = compileOr(value, { ...place, path }, branches);
      continue;
    }
    if (place.inOr && reservedInOr.has(key)) {
      throw new PatternError(`${key} is Ruler reserved fieldName which cannot be used inside $or.`, path);
    }
    const names = [...place.names, key];
    if (Array.isArray(value)) {
      const tests = compileList(value, path, place.dialect);
      const name = names.join('.');
      branches = (branches.length === 0 ? [new Map()] : branches).map((branch) => new Map(branch).set(name, tests));
    } else if (isObject(value)) {
      branches = compileObject(value, { ...place, names, path }, branches);
    } else {
      throw new PatternError(`"${key}" must be an object or an array`, path);
    }
  }
  return branches;
}

function compileOr(choices: unknown, place: Place, before: readonly Branch[]): readonly Branch[] {
  if (!Array.isArray(choices)) throw new PatternError('It must be an Array followed with $or.', place.path);
  const branches = choices.flatMap((choice: unknown, i) => {
    const path = [...place.path, i];
    if (!isObject(choice)) {
      throw new PatternError('Only JSON object is allowed in array of $or relationship.', path);
    }
    return compileObject(choice, { ...place, path, inOr: true }, before.length === 0 ? [new Map()] : before);
  });
  if (choices.length < 2) {
    throw new PatternError('There must have at least 2 Objects in $or relationship.', place.path, 'end');
  }
  if (branches.length > mostBranches) {
    throw new PatternError(`$or makes more than ${mostBranches} combinations.`, place.path, 'nowhere');
  }
  return branches;
}

function compileList(conditions: readonly unknown[], path: PatternPath, dialect: Dialect): readonly LeafTest[] {
  const tests = conditions.map((condition, i) => compileCondition(condition, [...path, i], dialect));
  if (tests.length === 0) throw new PatternError('Empty arrays are not allowed', path, 'end');
  return tests;
}

/** Keys that may become operators: https://github.com/aws/event-ruler#or-matching */
const reservedInOr = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr'],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
]);

/** A value in an event, and in which element of which arrays it is. */
interface Leaf {
  readonly value: Scalar;
  readonly elements: ReadonlyMap<number, number>;
}

/** The leaves of an event by their dotted names: a key with dots is the same as nested keys. */
function leavesOf(event: unknown): ReadonlyMap<string, readonly Leaf[]> {
  const leaves = new Map<string, Leaf[]>();
  let arrays = 0;
  const add = (value: unknown, name: string, elements: ReadonlyMap<number, number>): void => {
    if (Array.isArray(value)) {
      const array = arrays++;
      value.forEach((element: unknown, i) => {
        // only objects and arrays within an array belong together
        const isNested = typeof element === 'object' && element !== null;
        add(element, name, isNested ? new Map(elements).set(array, i) : elements);
      });
    } else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) add(member, name === '' ? key : `${name}.${key}`, elements);
    } else if (value !== undefined) {
      const same = leaves.get(name);
      const leaf = { value: value as Scalar, elements };
      if (same === undefined) leaves.set(name, [leaf]);
      else same.push(leaf);
    }
  };
  add(event, '', new Map());
  return leaves;
}

/** Whether each name has a leaf that passes, and no two chosen leaves are in different elements of one array:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html */
function matches(
  conditions: readonly (readonly [name: string, tests: readonly LeafTest[]])[],
  leaves: ReadonlyMap<string, readonly Leaf[]>,
  elements: ReadonlyMap<number, number>,
): boolean {
  const [first, ...others] = conditions;
  if (first === undefined) return true;
  const [name, tests] = first;
  const candidates = leaves.get(name);
  if (candidates === undefined) return tests.some((test) => test.absent) && matches(others, leaves, elements);
  const tried = new Set<string>();
  for (const leaf of candidates) {
    // leaves of the same elements lead to the same result
    const signature = [...leaf.elements].join(';');
    if (tried.has(signature) || !agrees(leaf.elements, elements)) continue;
    if (!tests.some((test) => test.passes(leaf.value))) continue;
    tried.add(signature);
    if (matches(others, leaves, new Map([...elements, ...leaf.elements]))) return true;
  }
  return false;
}

function agrees(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return [...a].every(([array, i]) => (b.get(array) ?? i) === i);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

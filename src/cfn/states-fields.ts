// The fields of the Amazon States Language, by the type of state and the query language.
// https://states-language.net/spec.html and https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
export type QueryLanguage = 'JSONPath' | 'JSONata';

interface StateFields {
  /** In both query languages. */
  readonly all: readonly string[];
  readonly JSONPath: readonly string[];
  readonly JSONata: readonly string[];
}

const everywhere = ['Type', 'Comment', 'QueryLanguage'];
const transition = ['Next', 'End'];
const errors = ['Retry', 'Catch'];
const paths = ['InputPath', 'OutputPath'];
const result = ['ResultPath', 'ResultSelector'];

export const stateFields: Readonly<Record<string, StateFields>> = {
  Choice: { all: [...everywhere, 'Choices', 'Default', 'Assign'], JSONPath: paths, JSONata: ['Output'] },
  Fail: { all: [...everywhere, 'Error', 'Cause'], JSONPath: ['ErrorPath', 'CausePath'], JSONata: [] },
  Map: {
    all: [
      ...[
        ...everywhere,
        ...transition,
        ...errors,
        'Assign',
        'ItemProcessor',
        'ItemReader',
        'ItemBatcher',
        'ItemSelector',
      ],
      ...['ResultWriter', 'Label', 'MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'],
    ],
    JSONPath: [
      ...[...paths, ...result, 'Iterator', 'ItemsPath', 'Parameters', 'MaxConcurrencyPath'],
      ...['ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'],
    ],
    JSONata: ['Items', 'Output'],
  },
  Parallel: {
    all: [...everywhere, ...transition, ...errors, 'Assign', 'Branches'],
    JSONPath: [...paths, ...result, 'Parameters'],
    JSONata: ['Arguments', 'Output'],
  },
  Pass: {
    all: [...everywhere, ...transition, 'Assign'],
    JSONPath: [...paths, 'Parameters', 'Result', 'ResultPath'],
    JSONata: ['Output'],
  },
  Succeed: { all: everywhere, JSONPath: paths, JSONata: ['Output'] },
  Task: {
    all: [
      ...[...everywhere, ...transition, ...errors, 'Assign', 'Resource', 'Credentials'],
      ...['TimeoutSeconds', 'HeartbeatSeconds'],
    ],
    JSONPath: [...paths, ...result, 'Parameters', 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
    JSONata: ['Arguments', 'Output'],
  },
  Wait: {
    all: [...everywhere, ...transition, 'Assign', 'Seconds', 'Timestamp'],
    JSONPath: [...paths, 'SecondsPath', 'TimestampPath'],
    JSONata: ['Output'],
  },
};

export const flowFields = {
  machine: ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'],
  branch: ['Comment', 'QueryLanguage', 'StartAt', 'States', 'ProcessorConfig'],
};

export const requiredFields: Readonly<Record<string, readonly string[]>> = {
  Choice: ['Choices'],
  Parallel: ['Branches'],
  Task: ['Resource'],
};

/** Fields whose value is a path in the JSONPath query language. `null` stands for nothing in three of them. */
export const pathFields = [
  ...['InputPath', 'OutputPath', 'ResultPath', 'ItemsPath', 'SecondsPath', 'TimestampPath', 'TimeoutSecondsPath'],
  ...['HeartbeatSecondsPath', 'MaxConcurrencyPath', 'ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'],
];
/** Paths that may be intrinsic functions too. */
export const callablePathFields = ['ErrorPath', 'CausePath'];
export const nullablePaths = ['InputPath', 'OutputPath', 'ResultPath'];
/** Payload templates, in which the names of computed fields end with `.$`. */
export const templateFields = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign', 'Credentials'];

const ordered = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'];

/** The comparisons of a choice rule: what they compare with. */
export const comparisons: ReadonlyMap<string, 'boolean' | 'number' | 'string' | 'timestamp' | 'path'> = new Map([
  ['BooleanEquals', 'boolean'] as const,
  ['BooleanEqualsPath', 'path'] as const,
  ...(['IsBoolean', 'IsNull', 'IsNumeric', 'IsPresent', 'IsString', 'IsTimestamp'] as const).map(
    (name) => [name, 'boolean'] as const,
  ),
  ...ordered.flatMap((name) => [
    [`Numeric${name}`, 'number'] as const,
    [`Numeric${name}Path`, 'path'] as const,
    [`String${name}`, 'string'] as const,
    [`String${name}Path`, 'path'] as const,
    [`Timestamp${name}`, 'timestamp'] as const,
    [`Timestamp${name}Path`, 'path'] as const,
  ]),
  ['StringMatches', 'string'] as const,
]);

/** A time as the Amazon States Language writes it: RFC 3339 with `T` and a zone. */
export function isTimestamp(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

/** A JSONata expression is the text between `{%` and `%}`. Undefined for other values. */
export function expressionIn(value: unknown): string | undefined {
  return typeof value === 'string' ? /^\{%(.*)%\}$/s.exec(value)?.[1]?.trim() : undefined;
}
